import Delivery
import Foundation
import HTTPTransport
import Postgres
import Providers
import Signing
import Testing

/// What comes in by HTTP and by file, with marked values.
extension CanaryStand {
    func campaign() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "canary-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var lines = ["key,phone,email,name,locale"]
        for number in 0..<60 {
            switch number % 6 {
            case 0: lines.append("\(marks.text()),\(marks.text()),,\(marks.text()),en")
            case 1: lines.append("\(marks.text()),0\(marks.phone().dropFirst()),,\(marks.text()),en")
            case 2: lines.append("\(marks.text()),\(marks.phone()),,\(marks.text()),\(marks.text())")
            case 3: lines.append("\(marks.text()),\(marks.phone())")
            default: lines.append("\(marks.text()),\(marks.phone()),,\(marks.text()),en")
            }
        }
        let (file, rejects) = (folder.appending(path: "people.csv"), folder.appending(path: "rejects.csv").path())
        try Data(lines.joined(separator: "\n").utf8).write(to: file)
        try await run("campaign", "create", "spring", "--channel", "sms", "--body", "Hello {{name}}, \(marks.code())")
        try await run("campaign", "preview", "spring", file.path())
        try await run("campaign", "load", "spring", file.path(), "--rejects", rejects)
        keep("file of --rejects", try String(contentsOfFile: rejects, encoding: .utf8))
        try await run("campaign", "start", "spring")
        try await run("campaign", "report", "spring")
        try await run("campaign", "report", "spring", "--people")
        for command in ["suppression", "consent"] {
            let columns =
                command == "consent"
                ? "address,channel,category,text_shown,source,at" : "address,channel,reason,lifted_at"
            let rows = (0..<6).map { row in
                let address = row % 2 == 0 ? marks.text() : marks.phone()
                return command == "consent"
                    ? "\(address),fax,marketing,\(marks.body().replacing(",", with: "")),form,\(marks.text())"
                    : "\(address),email,\(marks.text()),\(marks.text())"
            }
            try Data(([columns] + rows).joined(separator: "\n").utf8).write(to: file)
            try await run(command, "import", file.path())
        }
    }

    /// Genuine, forged and unreadable webhooks, and what people write.
    func webhooks() async throws {
        for number in 0..<20 {
            let texts = ["STOP", "Please stop texting me, \(marks.text())", marks.body(), "STOP \(marks.text())"]
            let json = """
                {"from": "\(marks.phone())", "to": "\(Self.sender)", "body": "\(texts[number % 4])",
                 "channel": "\(number % 3 == 0 ? "whatsapp" : "sms")"}
                """
            #expect(try await Program.post(to: "\(sandboxAddress)/sandbox/inbound", json) == 202)
        }
        let form = "application/x-www-form-urlencoded"
        for path in ["inbound", "status", "voice"] {
            let (from, text) = (marks.phone(), marks.body())
            let body = FormParameters([
                ("From", from), ("To", Self.sender), ("Body", text), ("MessageSid", marks.text()),
            ])
            let token = marks.text()
            await ask(
                .post, "/webhooks/twilio/\(path)?token=\(token)",
                [("Content-Type", form), ("X-Twilio-Signature", marks.text())],
                body.encoded())
            await ask(.post, "/webhooks/twilio/\(path)", [("Content-Type", "text/\(marks.text())")], marks.body())
            _ = await twilio("/webhooks/twilio/\(path)?job=\(marks.text())&generation=x&token=\(token)", body)
            _ = await twilio(
                "/webhooks/twilio/\(path)",
                ["From": marks.text(), "To": marks.phone(), "Body": marks.body(), "MessageStatus": marks.text()])
            _ = await twilio(
                "/webhooks/twilio/\(path)?job=1&generation=1&token=\(token)", ["MessageSid": "\u{0}\(marks.text())"])
        }
        for body in ["[{\"email\": \"\(marks.email())\", \"event\": \"\(marks.text())\"}]", marks.text()] {
            await ask(
                .post, "/webhooks/sendgrid/events",
                [
                    ("Content-Type", "application/json"), ("X-Twilio-Email-Event-Webhook-Signature", marks.text()),
                    ("X-Twilio-Email-Event-Webhook-Timestamp", "\(Int(Date.now.timeIntervalSince1970))"),
                ], body)
        }
    }

    /// The operator page, health, metrics, and links of mails, asked for rightly and wrongly.
    func pages() async throws {
        let right = (
            "Authorization",
            "Basic \(Array((program.environment["OUTRIDER_OPERATOR_PEOPLE"] ?? "").utf8).base64Encoded)"
        )
        let wrong = ("Authorization", "Basic \(Array("ann:\(marks.text())".utf8).base64Encoded)")
        let jobs = try await admin.fetch(
            .init(name: "canary.ids", sql: "select id from outrider.jobs order by id limit 80"))
        for row in jobs { await ask(.get, "/jobs/\(try row.int("id"))", [right]) }
        for path in [
            "/", "/?format=json", "/campaigns", "/campaigns/1", "/campaigns/1/pause", "/schedules", "/optouts",
            "/people",
            "/metrics",
            "/healthz", "/readyz", "/readyz/sending",
        ] {
            await ask(.get, path, [right])
            await ask(.get, path, [wrong])
        }
        for path in [
            "/jobs/\(marks.phone())", "/jobs/\(marks.text())", "/\(marks.text())", "/campaigns/\(marks.text())",
            "/?said=\(marks.text())&seal=\(marks.text())",
            "/unsubscribe/\(marks.text())", "/optouts/\(marks.text())", "/jobs?address=\(marks.phone())",
        ] {
            await ask(.get, path, [right])
            await ask(
                .post, path, [right, ("Content-Type", "application/x-www-form-urlencoded")],
                "token=\(marks.text())&q=\(marks.phone())")
        }
        for who in [marks.phone(), marks.email(), marks.text()] {
            await ask(
                .post, "/people", [right, ("Content-Type", "application/x-www-form-urlencoded")],
                FormParameters([("who", who)]).encoded())
        }
        let links = try links()
        for link in links {
            #expect(!CanaryMarks.holdsOne(link))
            await ask(.get, link)
            await ask(
                .post, link, [("Content-Type", "application/x-www-form-urlencoded")], "List-Unsubscribe=One-Click")
            await ask(.get, link + marks.text())
        }
    }

    /// As workers put them into mails.
    private func links() throws -> [String] {
        let links = UnsubscribeLinks(secrets: [program.environment["OUTRIDER_LINK_KEY"] ?? ""])
        return try (1...5).map { job in
            let request = UnsubscribeRequest(
                jobID: job, category: .marketing, tenant: "default", address: marks.email())
            return try #require(links.way(out: request, by: .email, at: "")?.link)
        }
    }

    /// What a person may see at the command line.
    func looks() async throws {
        let jobs = try await admin.fetch(
            .init(name: "canary.looks", sql: "select id from outrider.jobs order by id desc limit 5"))
        for row in jobs {
            try await run("timeline", "\(try row.int("id"))")
            try await run("why", "\(try row.int("id"))")
        }
        try await run("status")
        try await run("held")
        try await run("optouts", "list")
        try await run("suppression", "list")
        try await run("suppression", "export")
        try await run("consent", "list")
        try await run("consent", "export")
        try await run("doctor", "--of", "gateway")
        try await run("doctor", "--of", "work")
    }
}
