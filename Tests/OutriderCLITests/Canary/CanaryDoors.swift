import Foundation
import Postgres
import Signing
import Testing

/// The ways into an installation, each with marked values.
extension CanaryStand {
    // MARK: The database

    /// Jobs that are right, on each channel.
    func insertJobs() async throws {
        for number in 0..<60 {
            let channel = ["sms", "whatsapp", "voice", "email"][number % 4]
            let isMail = channel == "email"
            let insert = Statement(
                name: "canary.insert",
                sql: """
                    insert into outrider.jobs (channel, address, body, subject, category, data, metadata, idempotency_key)
                    values ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8)
                    """)
            let category = ["otp", "alert", "transactional", "marketing"][number / 4 % 4]
            _ = try await shop.fetch(
                insert,
                [
                    .text(channel), .text(isMail ? marks.email() : marks.phone()), .text(marks.body()),
                    .text(isMail ? marks.text() : nil), .text(category), .text("{\"name\": \"\(marks.text())\"}"),
                    .text("{\"ip\": \"\(marks.text())\"}"), .text(marks.text()),
                ])
        }
        for _ in 0..<10 {
            try await shop.run(
                script: """
                    insert into outrider.jobs (kind, ladder, phone, email, body, subject, category)
                    values ('notify', 'standard', '\(marks.phone())', '\(marks.email())', '\(marks.body())', '\(marks.text())', 'alert');
                    insert into outrider.jobs (channel, address, template, data)
                    values ('sms', '\(marks.phone())', 'hello', '{"name": "\(marks.text())"}')
                    """)
        }
    }

    /// Every refusal of a job that the contract's table names, with marks in all the other columns.
    func refuseJobs() async throws {
        try await admin.run(
            script: """
                create table send_draft (like outrider.jobs including defaults);
                create table notify_draft (like outrider.jobs including defaults);
                grant all on send_draft, notify_draft to shop
                """)
        let columns = """
            tenant, kind, category, channel, address, ladder, phone, email, body, subject, template, data, media_urls, locale,
            time_zone, run_at, expires_at, wait_seconds, priority, idempotency_key, campaign, variant, metadata
            """
        for row in try Document.contract.table(below: "A wrong job") {
            let (kind, change) = (row.cells[0], row.cells[1])
            let address = kind == "send" ? "channel, address" : "ladder, phone, email"
            let values =
                kind == "send" ? "'sms', '\(marks.phone())'" : "'standard', '\(marks.phone())', '\(marks.email())'"
            try await admin.run(
                script: """
                    truncate \(kind)_draft;
                    insert into \(kind)_draft (id, tenant, kind, \(address), body, data, metadata, idempotency_key)
                    values (1, 'default', '\(kind)', \(values), '\(marks.body())', '{"name": "\(marks.text())"}',
                            '{"ip": "\(marks.text())"}', '\(marks.text())')
                    """)
            await refused(
                "a wrong job", shop,
                """
                update \(kind)_draft set \(change);
                insert into outrider.jobs (\(columns)) select \(columns) from \(kind)_draft
                """)
        }
    }

    /// Values that are wrong themselves: as literals, as parameters, and in a COPY.
    func refuseValues() async {
        for (column, value) in [
            ("address", marks.text()), ("address", "0\(marks.phone().dropFirst())"), ("address", marks.email()),
            ("body", String(repeating: marks.body(), count: 99)), ("kind", marks.text()), ("category", marks.text()),
            ("channel", marks.text()), ("locale", marks.text()), ("time_zone", marks.text()), ("tenant", marks.text()),
            ("campaign", String(repeating: marks.text(), count: 20)), ("ladder", marks.text()),
            ("template", marks.text()), ("subject", marks.text() + "\n"), ("data", "[\"\(marks.text())\"]"),
            ("metadata", "\"\(marks.text())\""), ("media_urls", "{ftp://\(marks.text())}"),
            ("idempotency_key", "outrider.\(marks.text())"), ("variant", String(repeating: marks.text(), count: 9)),
        ] {
            var values = ["channel": "sms", "address": marks.phone(), "body": marks.body()]
            values[column] = value
            if column == "template" { values["body"] = nil }
            let names = values.keys.sorted()
            let literals = names.map { "'\(values[$0] ?? "")'" }.joined(separator: ", ")
            let places = names.indices.map { "$\($0 + 1)" }
            let insert = "insert into outrider.jobs (\(names.joined(separator: ", "))) values "
            await refused("a wrong \(column)", shop, insert + "(\(literals))")
            let casts = zip(names, places).map { name, place in
                ["data", "metadata"].contains(name)
                    ? "\(place)::jsonb" : name == "media_urls" ? "\(place)::text[]" : place
            }
            await refused(
                "a wrong \(column)", shop, insert + "(\(casts.joined(separator: ", ")))", names.map { values[$0] })
        }
        for line in [
            "sms,\(marks.text()),\(marks.body())", "sms,\(marks.phone()),\(marks.body()),\(marks.text())",
            "fax,\(marks.phone()),\(marks.body())",
        ] {
            await refused(
                "COPY", admin,
                "copy outrider.jobs (channel, address, body) from program $$printf '\(line)\\n'$$ with (format csv)")
        }
    }

    /// Outrider's own functions.
    func refuseCalls() async {
        for call in [
            "suppress('0\(marks.text())')", "suppress('\(marks.email())', '{sms}')",
            "suppress('\(marks.phone())', '{\(marks.text())}')",
            "lift_suppression('\(marks.phone())', null, ' ')",
            "add_consent('0\(marks.text())', 'voice', 'marketing', '\(marks.body())', 'form')",
            "add_consent('\(marks.phone())', 'fax', 'marketing', '\(marks.body())', 'form')",
            "add_consent('\(marks.phone())', 'voice', 'marketing', '\(marks.body())', ' ')",
            "set_keyword_reply('\(marks.text())', '\(marks.body())')",
            "create_campaign('canary', channel => 'fax', body => '\(marks.body())')",
            "create_campaign('canary', channel => 'sms', body => '\(marks.body())', template => 'hello')",
            "create_campaign('canary', channel => 'sms', body => '\(marks.body())', data => '[\"\(marks.text())\"]')",
            "create_campaign('canary', channel => 'sms', body => '\(String(repeating: marks.body(), count: 99))')",
            "create_schedule('canary', '0 9 * * *', 'UTC', '{\"job\": {\"channel\": \"sms\", \"address\": \"0\(marks.text())\", \"body\": \"\(marks.body())\"}}')",
            "create_schedule('canary', '0 9 * * *', 'UTC', '{\"job\": {\"channel\": \"fax\", \"address\": \"\(marks.phone())\", \"body\": \"\(marks.body())\"}}')",
            "create_schedule('canary', '0 9 * * *', 'UTC', '{\"job\": {\"channel\": \"sms\", \"address\": \"\(marks.phone())\", \"body\": \"\(marks.body())\", \"data\": \"\(marks.text())\"}}')",
            "create_schedule('canary', '0 9 * * *', 'UTC', '{\"job\": {\"channel\": \"sms\", \"address\": \"\(marks.phone())\", \"\(marks.text())\": 1}}')",
            "settle_wish(4711, 'all', '\(marks.body())')", "release_held(4711, true, '\(marks.body())')",
        ] {
            await refused("outrider.\(call.prefix { $0 != "(" })", admin, "select outrider.\(call)")
        }
    }

    // MARK: The command line

    func commands() async throws {
        for _ in 0..<5 {
            try await run(
                "enqueue", "--channel", "sms", "--address", marks.phone(), "--body", marks.body(), "--metadata",
                "{\"ip\": \"\(marks.text())\"}", "--category", "alert")
        }
        for wrong in [
            ["--channel", "sms", "--address", marks.text(), "--body", marks.body()],
            ["--channel", "sms", "--address", "0\(marks.phone().dropFirst())", "--body", marks.body()],
            ["--channel", "fax", "--address", marks.phone(), "--body", marks.body()],
            ["--channel", "sms", "--address", marks.phone(), "--body", marks.body(), marks.email()],
            ["--channel", "sms", "--address", marks.phone(), "--boddy", marks.body()],
            ["--channel", "sms", "--address", marks.phone(), "--body", marks.body(), "--wait-seconds", marks.text()],
            ["--channel", "sms", "--address", marks.phone(), "--body", marks.body(), "--data", marks.text()],
            ["--channel", "sms", "--address", marks.phone(), "--body", marks.body(), "--run-at", marks.text()],
            ["--channel", "sms", "--address", marks.phone(), "--template", marks.text()],
            ["--ladder", "standard", "--phone", marks.text(), "--email", marks.email(), "--body", marks.body()],
        ] {
            try await keepErrors(["enqueue"] + wrong)
        }
        for wrong in [
            [marks.phone()], ["timeline", marks.phone()], ["timeline", marks.text()], ["why", marks.email()],
            ["suppression", "add", marks.text()], ["suppression", "add", marks.phone(), "--channel", marks.text()],
            ["suppression", "list", "--address", marks.text()],
            ["suppression", "lift", marks.email(), "--reason", marks.body()],
            ["suppression", "import", "/nowhere"],
            [
                "consent", "add", marks.text(), "--channel", "voice", "--category", "marketing", "--text", marks.body(),
                "--source", "form",
            ],
            ["optouts", "settle", "4711", "--stops", "all", "--reason", marks.body()],
            ["release", "4711", "--sent", "--reason", marks.body()],
            ["campaign", "create", "wrong", "--channel", "fax", "--body", marks.body()],
            ["campaign", "preview", "wrong", "--body", marks.body()],
            [
                "schedule", "create", "wrong", "0 9 * * *", "UTC", "--channel", "sms", "--address", marks.text(),
                "--body", marks.body(),
            ],
        ] {
            try await keepErrors(wrong)
        }
    }

    /// A command that is refused; its output is nobody's data.
    private func keepErrors(_ arguments: [String]) async throws {
        let result = try await program.run(arguments)
        keep(
            "errors of outrider \(arguments[0].allSatisfy(\.isLetter) ? arguments[0] : "…")",
            result.errors + result.output)
    }

    /// Settings that are wrong, or that nobody knows.
    func settings() async throws {
        for (name, value) in [
            ("TWILIO_AUTH_TOKEN", "two \(marks.text())"), ("TWILIO_ACCOUNT_SID", marks.text()),
            ("SENDGRID_API_KEY", marks.text()), ("OUTRIDER_LINK_KEY", "a \(marks.text())"),
            ("OUTRIDER_OPERATOR_PEOPLE", marks.text()), ("OUTRIDER_UNSUBSCRIBE_EMAIL", "\(marks.text()) at example"),
            ("OUTRIDER_PUBLIC_URL", "https://ann:\(marks.text())@example.com"),
            ("OUTRIDER_DATABASE_URL", "postgresql://shop:\(marks.text())@127.0.0.1:1/x"),
            ("OUTRIDER_DATABASE_URL", "postgresql://shop:\(marks.text())@h:port:9/x"),
            ("OUTRIDER_OPERATOR_PASSWORD", marks.text()), ("OUTRIDER_LOG_LEVEL", marks.text()),
            ("SENDGRID_WEBHOOK_PUBLIC_KEY", marks.text()), ("OUTRIDER_LISTEN", marks.text()),
        ] {
            var program = program
            program.environment[name] = value
            for part in ["work", "gateway"] {
                let result = try await program.run("doctor", "--of", part)
                keep("doctor with a wrong \(name)", result.output + result.errors)
            }
        }
    }
}
