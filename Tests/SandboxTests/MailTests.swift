import Delivery
import HTTPTypes
import Signing
import Testing

@testable import Sandbox

@Suite("SendGrid answers and reports as the real one")
struct MailTests {
    static let withEvents = SandboxConfiguration(sendGridEventsURL: "https://app.example/events")

    @Test(
        "the tag of the address decides the events",
        arguments: [
            ("someone@example.org", ["processed", "delivered"]), ("bounce+1@example.org", ["processed", "bounce"]),
            ("blocked.2@example.org", ["processed", "bounce"]), ("dropped@example.org", ["dropped"]),
            ("deferred@example.org", ["processed", "deferred", "deferred", "delivered"]),
            ("spam@example.org", ["processed", "delivered", "spamreport"]),
            ("unsubscribe@example.org", ["processed", "delivered", "unsubscribe"]),
            ("click@example.org", ["processed", "delivered", "open", "click"]), ("silent@example.org", ["processed"]),
        ] as [(String, [String])])
    func events(address: String, expected: [String]) async throws {
        try await Rehearsal.run(Self.withEvents) { sandbox in
            let reply = try await sandbox.mail(to: address)
            #expect(reply.status == 202)
            #expect(reply.body.isEmpty)
            let id = HTTPField.Name("X-Message-Id").flatMap { reply.headers[$0] }
            let key = try ECDSAPublicKey(
                derBase64: try await sandbox.control(.get, "keys").json["sendgrid_public_key"]?.string ?? "")
            var events: [JSON] = []
            for callback in await sandbox.live() {
                let header = { (name: String) in
                    callback.request.headers.first { $0.name == "X-Twilio-Email-Event-Webhook-" + name }?.value ?? ""
                }
                let body = callback.request.body
                #expect(
                    SendGridSignature.validates(
                        signature: header("Signature"), timestamp: header("Timestamp"), body: body, publicKey: key))
                #expect(
                    !SendGridSignature.validates(
                        signature: header("Signature"), timestamp: "1", body: body, publicKey: key))
                events += JSON(parsing: body)?.array ?? []
            }
            #expect(events.map { $0["event"]?.string } == expected)
            #expect(events.allSatisfy { $0["job"] == "7" && $0["email"]?.string == address })
            #expect(
                events.allSatisfy { $0["sg_message_id"]?.string?.split(separator: ".").first.map(String.init) == id })
            #expect(Set(events.map { $0["sg_event_id"]?.string }).count == events.count)
        }
    }

    @Test("an address that bounced is dropped the next time")
    func suppressed() async throws {
        try await Rehearsal.run(Self.withEvents) { sandbox in
            _ = try await sandbox.mail(to: "bounce@example.org")
            _ = await sandbox.live()
            _ = try await sandbox.mail(to: "bounce@example.org")
            let events = await sandbox.live().flatMap { JSON(parsing: $0.request.body)?.array ?? [] }
            #expect(events.map { $0["event"]?.string } == ["dropped"])
            #expect(events.first?["reason"] == "Bounced Address")
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var json: JSON
        var field: String
        var testDescription: String { field }
    }
    static let to: JSON = [["to": [["email": "a@example.org"]]]]
    static let from: JSON = ["email": "b@example.org"]
    static let content: JSON = [["type": "text/plain", "value": "T"]]
    static let refusals: [Refusal] = [
        .init(json: ["from": from, "subject": "S", "content": content], field: "personalizations"),
        .init(json: ["personalizations": to, "subject": "S", "content": content], field: "from.email"),
        .init(json: ["personalizations": to, "from": from, "content": content], field: "subject"),
        .init(json: ["personalizations": to, "from": from, "subject": "S"], field: "content"),
        .init(
            json: [
                "personalizations": [["to": [["email": "no address"]]]], "from": from, "subject": "S",
                "content": content,
            ],
            field: "personalizations.0.to.0.email"),
        .init(
            json: ["personalizations": [[:]], "from": from, "subject": "S", "content": content],
            field: "personalizations.0.to"),
        .init(
            json: ["personalizations": to, "from": from, "subject": "S", "content": content, "custom_args": ["n": 1]],
            field: "custom_args"),
        .init(
            json: [
                "personalizations": to, "from": from, "subject": "S", "content": content,
                "mail_settings": ["sandbox_mode": ["enable": "true"]],
            ], field: "mail_settings.sandbox_mode.enable"),
    ]
    @Test("a wrong mail is refused in SendGrid's shape", arguments: refusals)
    func refused(_ row: Refusal) async throws {
        try await Rehearsal.run { sandbox in
            let reply = try await sandbox.mail(row.json)
            #expect(reply.status == 400)
            #expect(reply.json["errors"]?.array?.first?["field"]?.string == row.field)
            #expect(reply.json["errors"]?.array?.first?["message"]?.string?.isEmpty == false)
            #expect(try await sandbox.control(.get, "ledger").json["accepted"] == 0)
        }
    }

    @Test("a wrong key is 401, sandbox mode is 200 without a ledger entry, a throttled address is 429")
    func statuses() async throws {
        try await Rehearsal.run { sandbox async throws in
            let mail: JSON = [
                "personalizations": Self.to, "from": Self.from, "subject": "S", "content": Self.content,
                "mail_settings": ["sandbox_mode": ["enable": true]],
            ]
            #expect(try await sandbox.mail(mail, key: "wrong").status == 401)
            #expect(try await sandbox.mail(mail).status == 200)
            #expect(try await sandbox.control(.get, "ledger").json["accepted"] == 0)
            let throttled = try await sandbox.mail(to: "throttled@example.org")
            #expect(throttled.status == 429)
            #expect(HTTPField.Name("X-RateLimit-Reset").flatMap { throttled.headers[$0] } != nil)
            #expect(try await sandbox.mail(to: "unknown@example.org").status == 500)
            #expect(try await sandbox.control(.get, "ledger").json["accepted"] == 1)
        }
    }

    @Test("the log finds a mail whose reply was lost")
    func log() async throws {
        try await Rehearsal.run { sandbox in
            _ = try await sandbox.mail(to: "unknown@example.org")
            _ = try await sandbox.mail(to: "other@example.org")
            _ = await sandbox.live()
            let query =
                "to_email = 'unknown@example.org' AND sg_message_id_created_at > TIMESTAMP \"2020-01-01T00:00:00Z\""
            let reply = try await sandbox.call(
                .post, "/v3/logs",
                headers: [.authorization: "Bearer SG.sandbox.key", .contentType: "application/json"],
                body: JSON.object([.init(name: "query", value: .string(query))]).text)
            let found = reply.json["messages"]?.array ?? []
            #expect(found.map { $0["to_email"] } == ["unknown@example.org"])
            #expect(found.first?["status"] == "delivered")
            let id = found.first?["sg_message_id"]?.string ?? ""
            let detail = try await sandbox.call(
                .get, "/v3/logs/" + id, headers: [.authorization: "Bearer SG.sandbox.key"], body: "")
            #expect(detail.json["custom_args"] == ["job": "7"])
            #expect(detail.json["events"]?.array?.map { $0["event"] } == ["processed", "delivered"])
        }
    }

    @Test(
        "the log's conditions are all kept",
        arguments: [
            ("to_email = 'a@example.org' AND categories IN ('alerts', 'other')", 1),
            ("to_email = 'a@example.org' AND categories IN ('other')", 0),
            ("status IN ('delivered') AND subject = 'S'", 1), ("status IN ('bounced','dropped')", 0),
            ("sg_message_id_created_at < TIMESTAMP \"2020-01-01T00:00:00Z\"", 0),
        ] as [(String, Int)])
    func conditions(query: String, count: Int) async throws {
        try await Rehearsal.run { sandbox in
            _ = try await sandbox.mail([
                "personalizations": Self.to, "from": Self.from, "subject": "S", "content": Self.content,
                "categories": ["alerts"],
            ])
            _ = await sandbox.live()
            let reply = try await sandbox.call(
                .post, "/v3/logs",
                headers: [.authorization: "Bearer SG.sandbox.key", .contentType: "application/json"],
                body: JSON.object([.init(name: "query", value: .string(query))]).text)
            #expect(reply.json["messages"]?.array?.count == count)
        }
    }
}
