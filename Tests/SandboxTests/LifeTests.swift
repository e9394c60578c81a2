import Delivery
import Foundation
import HTTPTypes
import Signing
import Testing

@testable import Sandbox

@Suite("What follows from a request")
struct LifeTests {
    @Test(
        "the fragment of a callback URL sets which failures are tried again",
        arguments: [
            ("", 1, 1), ("#rc=5", 1, 1), ("#rc=5&rp=all", 6, 6), ("#rc=2&rp=5xx", 3, 1), ("#rc=2&rp=4xx", 1, 3),
            ("#rc=9&rp=all", 2, 2), ("#rc=0&rp=all", 1, 1),
        ] as [(String, Int, Int)])
    func retries(fragment: String, after500: Int, after404: Int) async throws {
        for (status, attempts) in [(500, after500), (404, after404)] {
            try await Rehearsal.run { sandbox in
                let callback = ["StatusCallback": "https://app.example/status" + fragment]
                _ = try await sandbox.message("+15000001234", callback)
                let made = await sandbox.live(answering: status)
                #expect(made.count == 3 * attempts)
                #expect(made.allSatisfy { $0.request.url == "https://app.example/status" })
                let tokens = made.map { $0.request.headers.first { $0.name == "I-Twilio-Idempotency-Token" }?.value }
                #expect(Set(tokens).count == 3)
            }
        }
    }

    @Test("a failed connection is tried once more by default")
    func connectRetry() {
        #expect(RetryPolicy().retries(after: .notConnected, attempt: 0))
        #expect(!RetryPolicy().retries(after: .notConnected, attempt: 1))
        #expect(!RetryPolicy().retries(after: .timedOut, attempt: 0))
        #expect(!RetryPolicy(fragment: "rc=5&rp=all").retries(after: .answered(status: 204, body: []), attempt: 0))
    }

    @Test("the timetable gives out what is due, earliest first, equal times in order of entry")
    func timetable() {
        var timetable = Timetable<Int>()
        let now = ContinuousClock.now
        var generator = SeededGenerator(seed: 7)
        for item in 0..<200 { timetable.add(item, at: now + .seconds(Int.random(in: 0..<10, using: &generator))) }
        var taken: [(ContinuousClock.Instant, Int)] = []
        while let (due, item) = timetable.popDue(now + .seconds(4)) { taken.append((due, item)) }
        #expect(!taken.isEmpty)
        for (first, second) in zip(taken, taken.dropFirst()) {
            #expect(first.0 < second.0 || (first.0 == second.0 && first.1 < second.1))
        }
        #expect(timetable.nextDue == now + .seconds(5))
        #expect(timetable.count + taken.count == 200)
    }

    @Test("the same seed tells the same story, for each address by itself")
    func deterministic() {
        func story(_ seed: UInt64, _ ordinal: Int) -> [Step] {
            var generator = SeededGenerator(seed: seed, address: "+15000001234", ordinal: ordinal)
            return MessagePlan.steps(sms: .delivered, isService: false, reply: .none, using: &generator)
        }
        #expect(story(1, 0) == story(1, 0))
        #expect(story(1, 0) != story(2, 0))
        #expect(story(1, 0) != story(1, 1))
    }

    @Test("a store forgets its oldest resources, never its newest")
    func bounded() {
        var store = ResourceStore<Int>(capacity: 10) { "\($0 % 2)" }
        for number in 0..<95 { store.insert(number, sid: "\(number)") }
        #expect(store.count < 20)
        #expect(store.newestFirst(recipient: nil).map(\.resource).prefix(10) == (85..<95).reversed()[...])
        #expect(store.newestFirst(recipient: "1").allSatisfy { $0.resource % 2 == 1 })
    }

    @Test("a call is hung up on request, and its later steps do not follow")
    func hangUp() async throws {
        try await Rehearsal.run { sandbox in
            let sid = try await sandbox.callPhone("+15000001234").sid
            let path = sandbox.account + "/Calls/\(sid).json"
            #expect(try await sandbox.twilio(.post, path, [("Status", "canceled")]).json["status"] == "canceled")
            #expect(await sandbox.live().map { $0.form["CallStatus"] } == ["canceled"])
            #expect(try await sandbox.twilio(.post, path, [("Status", "completed")]).code == 21220)
        }
    }

    @Test("a verification keeps its code, counts sends and checks, and is gone once approved")
    func verification() async throws {
        try await Rehearsal.run { sandbox in
            let service = "/v2/Services/VA" + String(repeating: "a", count: 32)
            let start = {
                try await sandbox.twilio(
                    .post, service + "/Verifications", [("To", "+15000001234"), ("Channel", "sms")])
            }
            let check = { (code: String) in
                try await sandbox.twilio(
                    .post, service + "/VerificationCheck", [("To", "+15000001234"), ("Code", code)])
            }
            let sids = [try await start().sid, try await start().sid]
            #expect(sids[0] == sids[1])
            for _ in 0..<3 { #expect(try await start().status == 201) }
            #expect(try await start().code == 60203)
            let entries = try await sandbox.control(.get, "ledger").json["entries"]?.array ?? []
            #expect(Set(entries.map { $0["body"]?.string }).count == 1)
            let code = String(try #require(entries.first?["body"]?.string).suffix(6))
            let wrong = try await check(code == "000000" ? "111111" : "000000")
            #expect(wrong.json["valid"] == false)
            #expect(wrong.json["status"] == "pending")
            #expect(try await check(code).json["status"] == "approved")
            #expect(try await check(code).code == 20404)
            #expect(
                try await sandbox.twilio(.post, service + "/Verifications", [("To", "x"), ("Channel", "sms")]).code
                    == 60200)
        }
    }

    @Test("Lookup tells a landline from a mobile, and an invalid number with 200")
    func lookup() async throws {
        try await Rehearsal.run { sandbox in
            let path = "/v2/PhoneNumbers/%2B15002001234?Fields=line_type_intelligence"
            #expect(try await sandbox.twilio(.get, path).json["line_type_intelligence"]?["type"] == "landline")
            let short = try await sandbox.twilio(.get, "/v2/PhoneNumbers/+1500")
            #expect(short.status == 200)
            #expect(short.json["valid"] == false)
            #expect(short.json["validation_errors"] == ["TOO_SHORT"])
        }
    }

    @Test("Lookup marks VoIP lines and risky numbers, and is throttled, slow and struck by faults as messages are")
    func lookupFates() async throws {
        try await Rehearsal.run(SandboxConfiguration(timeScale: 1_000)) { sandbox in
            let look = { (number: String) in
                try await sandbox.twilio(
                    .get, "/v2/PhoneNumbers/%2B\(number)?Fields=line_type_intelligence%2Csms_pumping_risk")
            }
            for (number, type, risk) in [
                ("15000009601", "nonFixedVoip", 0), ("15000009501", "mobile", 95), ("15002009501", "landline", 95),
                ("48600100200", "mobile", 0), ("15008001234", "mobile", 0),
            ] {
                let reply = try await look(number)
                #expect(reply.json["line_type_intelligence"]?["type"] == .string(type))
                #expect(reply.json["sms_pumping_risk"]?["sms_pumping_risk_score"] == .integer(risk))
            }
            for _ in 1...3 { #expect(try await look("15007001234").status == 429) }
            #expect(try await look("15007001234").status == 200)
            #expect(try await look("15009001234").status == 500)
            let fault: JSON = ["kind": "429", "match": ["path": "/v2/PhoneNumbers", "to": "+48"], "count": 1]
            _ = try await sandbox.control(.post, "faults", fault)
            #expect(try await look("48600100200").code == 20429)
            #expect(try await look("48600100200").status == 200)
            let fate: JSON = ["address": "+48600100200", "line": "voip"]
            #expect(try await sandbox.control(.post, "fates", fate).status == 204)
            #expect(try await look("48600100200").json["line_type_intelligence"]?["type"] == "nonFixedVoip")
        }
    }

    @Test("an accepted request is in the ledger file before its reply")
    func ledgerFile() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString + ".jsonl").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await Rehearsal.run(SandboxConfiguration(ledgerPath: path)) { sandbox in
            for number in 1...3 {
                let sid = try await sandbox.message("+15000001234").sid
                let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
                #expect(lines.count == number)
                #expect(lines.last.flatMap { JSON(parsing: Array($0.utf8)) }?["sid"]?.string == sid)
            }
            #expect(try await sandbox.message("+15005001234").status == 400)
            #expect(try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").count == 3)
        }
    }

    @Test("dates are written as the providers write them")
    func dates() {
        let date = Date(timeIntervalSince1970: 1_692_853_305)
        #expect(DateForm.rfc2822(date) == "Thu, 24 Aug 2023 05:01:45 +0000")
        #expect(DateForm.iso8601(date) == "2023-08-24T05:01:45Z")
        #expect(DateForm.parse("2023-08-24T05:01:45Z") == date)
        #expect(DateForm.rfc2822(Date(timeIntervalSince1970: 951_782_400)) == "Tue, 29 Feb 2000 00:00:00 +0000")
        #expect(DateForm.parse("yesterday") == nil)
    }

    @Test(
        "segments are counted by septets or UTF-16 units, no character split",
        arguments: [
            (String(repeating: "a", count: 160), 1), (String(repeating: "a", count: 161), 2),
            (String(repeating: "ł", count: 70), 1), (String(repeating: "ł", count: 71), 2),
            (String(repeating: "a", count: 152) + "€" + String(repeating: "b", count: 10), 2), ("", 1),
        ])
    func segments(body: String, count: Int) { #expect(MessageSegments.count(body) == count) }
}
