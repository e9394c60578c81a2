import Delivery
import Foundation
import HTTPTypes
import Signing
import Testing

@testable import Sandbox

@Suite("The Messages API answers as the real one")
struct MessageAPITests {
    @Test("a created message has every member of the resource")
    func resource() async throws {
        try await Rehearsal.run { sandbox in
            let reply = try await sandbox.message("+15000001234", ["Body": "Grüße 👋"])
            #expect(reply.status == 201)
            let names = reply.json.members?.map(\.name).sorted() ?? []
            #expect(
                names == [
                    "account_sid", "api_version", "body", "date_created", "date_sent", "date_updated", "direction",
                    "error_code", "error_message", "from", "messaging_service_sid", "num_media", "num_segments",
                    "price",
                    "price_unit", "sid", "status", "subresource_uris", "to", "uri",
                ])
            #expect(reply.json["status"] == "queued")
            #expect(reply.json["body"] == "Grüße 👋")
            #expect(reply.json["num_segments"] == "1")
            #expect(Identifier.isSid(reply.sid, "SM"))
            let fetched = try await sandbox.twilio(.get, sandbox.account + "/Messages/\(reply.sid).json")
            #expect(fetched.json == reply.json)
        }
    }

    @Test("a service's message starts accepted, without sender or segments")
    func service() async throws {
        try await Rehearsal.run { sandbox in
            let service = "MG" + String(repeating: "a", count: 32)
            let reply = try await sandbox.message("+15000001234", ["From": "", "MessagingServiceSid": service])
            #expect(reply.json["status"] == "accepted")
            #expect(reply.json["from"] == .null)
            #expect(reply.json["num_segments"] == "0")
            let statuses = await sandbox.live().map { $0.form["MessageStatus"] }
            #expect(statuses == ["queued", "sending", "sent", "delivered"])
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var fields: [String: String]
        var code: Int
        var testDescription: String { "\(code)" }
    }
    static let refusals: [Refusal] = [
        .init(fields: ["To": ""], code: 21604), .init(fields: ["To": "5551234"], code: 21211),
        .init(fields: ["To": "+1500"], code: 21211), .init(fields: ["To": "+150000012345"], code: 21211),
        .init(fields: ["To": "12345"], code: 21265), .init(fields: ["From": ""], code: 21603),
        .init(fields: ["From": "+15000001234"], code: 21266), .init(fields: ["From": "no such sender"], code: 21212),
        .init(fields: ["From": "whatsapp:+15005550006"], code: 63007), .init(fields: ["Body": ""], code: 21602),
        .init(fields: ["Body": String(repeating: "x", count: 1601)], code: 21617),
        .init(fields: ["ValidityPeriod": "0"], code: 21624), .init(fields: ["ValidityPeriod": "36001"], code: 21624),
        .init(fields: ["StatusCallback": "not a url"], code: 21609),
        .init(fields: ["StatusCallback": "https://under_score.example/"], code: 21609),
        .init(fields: ["StatusCallback": "ftp://app.example/"], code: 21609),
        .init(fields: ["ContentVariables": "{\"1\":\"x\"}"], code: 21656),
        .init(fields: ["ContentSid": "HX1"], code: 21655),
        .init(fields: ["ContentSid": "HX" + String(repeating: "a", count: 32), "ContentVariables": "{"], code: 21656),
        .init(fields: ["MediaUrl": "nowhere"], code: 21620), .init(fields: ["MessagingServiceSid": "MG1"], code: 21701),
        .init(
            fields: ["ScheduleType": "fixed", "MessagingServiceSid": "MG" + String(repeating: "a", count: 32)],
            code: 35111),
        .init(fields: ["From": "+15005550001"], code: 21212), .init(fields: ["From": "+15005550007"], code: 21606),
        .init(fields: ["From": "+15005550008"], code: 21611), .init(fields: ["To": "+15005550001"], code: 21211),
        .init(fields: ["To": "+15005550002"], code: 21612), .init(fields: ["To": "+15005550003"], code: 21408),
        .init(fields: ["To": "+15005550004"], code: 21610), .init(fields: ["To": "+15005550009"], code: 21614),
    ]
    @Test("a wrong field is refused with the provider's code, and nothing is accepted", arguments: refusals)
    func refused(_ row: Refusal) async throws {
        try await Rehearsal.run { sandbox in
            let reply = try await sandbox.message("+15000001234", row.fields)
            #expect(reply.status == 400)
            #expect(reply.json.members?.map(\.name).sorted() == ["code", "message", "more_info", "status"])
            #expect(reply.code == row.code)
            #expect(reply.json["status"] == 400)
            #expect(reply.json["more_info"] == .string("https://www.twilio.com/docs/errors/\(row.code)"))
            let ledger = try await sandbox.control(.get, "ledger")
            #expect(ledger.json["accepted"] == 0)
            #expect(ledger.json["refused"]?[String(row.code)] == 1)
        }
    }

    @Test("bodies of 1600 characters and validity of 1 and 36000 seconds are accepted")
    func limits() async throws {
        try await Rehearsal.run { sandbox async throws in
            for fields in [
                ["Body": String(repeating: "x", count: 1600)], ["ValidityPeriod": "1"], ["ValidityPeriod": "36000"],
            ] {
                #expect(try await sandbox.message("+15000001234", fields).status == 201)
            }
        }
    }

    @Test("no request passes without the right credentials and account")
    func credentials() async throws {
        try await Rehearsal.run { sandbox in
            let wrong = try await sandbox.twilio(.get, sandbox.account + "/Messages.json", password: "wrong")
            #expect(wrong.status == 401)
            #expect(wrong.code == 20003)
            #expect(wrong.headers[.wwwAuthenticate] == "Basic realm=\"Twilio API\"")
            let none = try await sandbox.call(.get, sandbox.account + "/Messages.json", headers: [:], body: "")
            #expect(none.status == 401)
            let other = try await sandbox.twilio(.get, "/2010-04-01/Accounts/ACother/Messages.json")
            #expect(other.status == 404)
            #expect(other.code == 20404)
            #expect(try await sandbox.twilio(.get, "/2010-04-01/Nothing.json").code == 20404)
        }
    }

    @Test("a list pages newest first, and later messages do not move its pages")
    func paging() async throws {
        try await Rehearsal.run { sandbox in
            var sids: [String] = []
            for _ in 0..<5 { sids.insert(try await sandbox.message("+15000001234").sid, at: 0) }
            _ = try await sandbox.message("+15000009999")
            var path: String? = sandbox.account + "/Messages.json?To=%2B15000001234&PageSize=2"
            var found: [String] = []
            while let next = path {
                let page = try await sandbox.twilio(.get, next)
                found += page.json["messages"]?.array?.compactMap { $0["sid"]?.string } ?? []
                path = page.json["next_page_uri"]?.string
                _ = try await sandbox.message("+15000001234")
                try #require(found.count <= 5)
            }
            #expect(found == sids)
        }
    }

    @Test("the date operators are inclusive, and messages not yet sent pass none of them")
    func dateFilters() async throws {
        try await Rehearsal.run { sandbox in
            _ = try await sandbox.message("+15000001234")
            let count = { (filter: String) in
                let page = try await sandbox.twilio(.get, sandbox.account + "/Messages.json?" + filter)
                return page.json["messages"]?.array?.count
            }
            #expect(try await count("") == 1)
            #expect(try await count("DateSent%3E=2020-01-01") == 0)
            _ = await sandbox.live()
            #expect(try await count("DateSent%3E=2020-01-01") == 1)
            #expect(try await count("DateSent%3E=2020-01-01T00:00:00Z&DateSent%3C=2999-01-01") == 1)
            #expect(try await count("DateSent%3C=2020-01-01") == 0)
            #expect(try await count("From=%2B15005550009") == 0)
            #expect(try await sandbox.twilio(.get, sandbox.account + "/Messages.json?PageSize=1001").status == 400)
            #expect(try await sandbox.twilio(.get, sandbox.account + "/Messages.json?DateSent=soon").code == 20001)
        }
    }

    @Test(
        "what a person sent is in the list by the number it was sent to, from when it was sent, for a reader that missed it"
    )
    func inboundList() async throws {
        try await Rehearsal.run { sandbox in
            for (channel, body) in [("sms", "STOP"), ("sms", "Hello"), ("whatsapp", "Hi")] {
                _ = try await sandbox.control(
                    .post, "inbound",
                    [
                        "from": "+15000001234", "to": .string(Rehearsal.sender), "channel": .string(channel),
                        "body": .string(body),
                    ])
            }
            let list = { (query: String) in
                let page = try await sandbox.twilio(.get, sandbox.account + "/Messages.json?" + query)
                return page.json["messages"]?.array?.compactMap { $0["body"]?.string } ?? []
            }
            let to = "To=%2B15005550006"
            #expect(try await list(to) == ["Hello", "STOP"])
            #expect(try await list(to + "&DateSent%3E=2020-01-01T00%3A00%3A00Z") == ["Hello", "STOP"])
            #expect(try await list(to + "&DateSent%3E=2999-01-01T00%3A00%3A00Z") == [])
            #expect(try await list("To=whatsapp%3A%2B15005550006") == ["Hi"])
            let page = try await sandbox.twilio(.get, sandbox.account + "/Messages.json?" + to + "&PageSize=1")
            #expect(page.json["messages"]?.array?.first?["direction"] == "inbound")
            let next = try #require(page.json["next_page_uri"]?.string)
            #expect(next.hasPrefix("/2010-04-01/Accounts/\(sandbox.configuration.accountSid)/Messages.json?"))
        }
    }

    @Test("a message is redacted, deleted only when settled, and cancelled only while scheduled")
    func changes() async throws {
        try await Rehearsal.run { sandbox in
            let sid = try await sandbox.message("+15000001234").sid
            let path = sandbox.account + "/Messages/\(sid).json"
            #expect(try await sandbox.twilio(.post, path, [("Body", "")]).json["body"] == "")
            #expect(try await sandbox.twilio(.post, path, [("Status", "canceled")]).code == 30409)
            #expect(try await sandbox.twilio(.delete, path).status == 409)
            _ = await sandbox.live()
            #expect(try await sandbox.twilio(.delete, path).status == 204)
            #expect(try await sandbox.twilio(.get, path).code == 20404)
        }
    }

    @Test("a scheduled message that is cancelled is never sent")
    func scheduled() async throws {
        try await Rehearsal.run { sandbox in
            let later = DateForm.iso8601(.now.addingTimeInterval(3600))
            let fields = [
                "From": "", "MessagingServiceSid": "MG" + String(repeating: "a", count: 32), "ScheduleType": "fixed",
                "SendAt": later,
            ]
            let sent = try await sandbox.message("+15000001234", fields)
            #expect(sent.json["status"] == "scheduled")
            let path = sandbox.account + "/Messages/\(sent.sid).json"
            #expect(try await sandbox.twilio(.post, path, [("Status", "canceled")]).json["status"] == "canceled")
            #expect(await sandbox.live().isEmpty)
        }
    }
}
