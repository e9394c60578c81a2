import HTTPTypes
import HummingbirdTesting
import Postgres
import TestDatabase
import Testing

@testable import Gateway

@Suite("Mail events", .timeLimit(.minutes(5)))
struct MailWebhookTests {
    @Test("a batch gives receipts to its jobs, suppresses who must not be written to, and changes nothing twice")
    func batch() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt(channel: "email", address: "ann@example.com")
        let ours =
            #""outrider_job":"\#(job)","outrider_generation":"1","outrider_token":"\#(GatewayFixture.token)""#
        let body = """
            [{"email":"ann@example.com","event":"delivered","sg_message_id":"abc.filter","sg_event_id":"1",\(ours)},
             {"email":"Bob@Example.com","event":"bounce","type":"bounce","status":"5.1.1","sg_event_id":"2"},
             {"email":"cid@example.com","event":"bounce","type":"blocked","sg_event_id":"3"},
             {"email":"dee@example.com","event":"unsubscribe","sg_event_id":"4"},
             {"email":"eve@example.com","event":"spamreport","sg_event_id":"5"},
             {"something":"else"}]
            """
        try await gateway.testing { client async throws in
            let request = try SignedRequest.mail(body, key: gateway.mailKey)
            #expect(try await client.send(request).status == .noContent)
            let before = try await gateway.everything()
            #expect(try await client.send(request).status == .noContent)
            #expect(try await gateway.everything() == before)
        }
        #expect(try await gateway.count("events", where: "kind = 'receipt' and level = 'delivered'") == 1)
        #expect(try await gateway.count("due", where: "job_id = \(job)") == 1)
        for address in ["bob@example.com", "dee@example.com", "eve@example.com"] {
            #expect(try await gateway.suppressed(address) == ["email"])
        }
        // The bounce stops everything; the two wishes leave out one-time passwords.
        #expect(try await gateway.count("suppressions") == 7)
    }

    @Test("a bounce that carries only the message's id reaches its job")
    func bounceWithoutArguments() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt(channel: "email", address: "ann@example.com")
        try await gateway.query(
            """
            insert into outrider.events (job_id, generation, kind, status, step, channel, sender_id, provider_id)
            select job_id, generation, 'answer', 'accepted', step, channel, sender_id, 'ID-OF-THE-ANSWER'
              from outrider.events where job_id = $1 and kind = 'intent'
            """, [.int(job)])
        let body = #"""
            [{"event": "bounce", "type": "bounce", "email": "ann@example.com", "timestamp": 1790000000, "sg_event_id": "q",
              "sg_message_id": "ID-OF-THE-ANSWER.recvd-abc-1.0"},
             {"event": "bounce", "type": "bounce", "email": "bob@example.com", "sg_message_id": "of-somebody-else.recvd"}]
            """#
        try await gateway.testing { client async throws in
            let request = try SignedRequest.mail(body, key: gateway.mailKey)
            #expect(try await client.send(request).status == .noContent)
            let before = try await gateway.everything()
            #expect(try await client.send(request).status == .noContent)
            #expect(try await gateway.everything() == before)
        }
        #expect(try await gateway.count("events", where: "kind = 'receipt' and class = 'invalid_address'") == 1)
        #expect(try await gateway.count("due", where: "job_id = \(job) and reason = 'decide'") == 1)
    }

    @Test("who comes back to a group is written to again, in whatever order the two events come")
    func resubscription() async throws {
        @Sendable func event(_ word: String, _ seconds: Int, _ address: String) -> String {
            #"{"event": "\#(word)", "email": "\#(address)", "timestamp": \#(seconds), "asm_group_id": 1}"#
        }
        let gateway = try await GatewayFixture()
        try await gateway.testing { client async throws in
            func send(_ events: String...) async throws {
                let body = "[" + events.joined(separator: ",") + "]"
                #expect(try await client.send(.mail(body, key: gateway.mailKey)).status == .noContent)
            }
            let (out, back) = ("group_unsubscribe", "group_resubscribe")
            try await send(event(out, 1_790_000_000, "a@example.com"))
            #expect(try await gateway.suppressed("a@example.com") == ["email"])
            try await send(event(back, 1_790_000_060, "a@example.com"))
            #expect(try await gateway.suppressed("a@example.com") == [])
            // Both in one batch, and the other way round.
            try await send(event(out, 1_790_000_000, "b@example.com"), event(back, 1_790_000_060, "b@example.com"))
            #expect(try await gateway.suppressed("b@example.com") == [])
            try await send(event(back, 1_790_000_060, "c@example.com"))
            try await send(event(out, 1_790_000_000, "c@example.com"))
            #expect(try await gateway.suppressed("c@example.com") == [])
            // What is newer than the return stands.
            try await send(event(out, 1_790_000_090, "c@example.com"))
            try await send(event(back, 1_790_000_060, "c@example.com"))
            #expect(try await gateway.suppressed("c@example.com") == ["email"])
            // A wish of another kind is not lifted by it.
            try await send(
                event("unsubscribe", 1_790_000_000, "d@example.com"), event(back, 1_790_000_060, "d@example.com"))
            #expect(try await gateway.suppressed("d@example.com") == ["email"])
        }
    }

    @Test("a return to one group lifts nothing of another, in whatever order the events come")
    func anotherGroup() async throws {
        struct Event {
            var word: String
            var seconds: Int
            var group: Int

            func json(_ address: String) -> String {
                #"[{"event": "\#(word)", "email": "\#(address)", "timestamp": \#(1_790_000_000 + seconds), "asm_group_id": \#(group)}]"#
            }
        }
        let left = [1, 2].map { Event(word: "group_unsubscribe", seconds: $0, group: $0) }
        let back = [1, 2].map { Event(word: "group_resubscribe", seconds: 60 * $0, group: $0) }
        let gateway = try await GatewayFixture()
        try await gateway.testing { client async throws in
            func send(_ event: Event, _ address: String) async throws {
                let request = try SignedRequest.mail(event.json(address), key: gateway.mailKey)
                #expect(try await client.send(request).status == .noContent)
            }
            for (n, events) in [
                [left[0], left[1], back[1]], [back[1], left[1], left[0]], [left[0], back[1], left[1]],
            ]
            .enumerated() {
                for event in events { try await send(event, "one\(n)@example.com") }
                #expect(try await gateway.suppressed("one\(n)@example.com") == ["email"])
                try await send(back[0], "one\(n)@example.com")
                #expect(try await gateway.suppressed("one\(n)@example.com") == [])
            }
            // The return to the second group came first, and the older news of the first one last.
            for event in [back[1], back[0], left[1], left[0]] { try await send(event, "two@example.com") }
            #expect(try await gateway.suppressed("two@example.com") == [])
        }
    }

    @Test("a return to a group lifts no complaint, no bounce and no operator's word, in whatever order they come")
    func returnLiftsItsOwn() async throws {
        @Sendable func event(_ word: String, _ seconds: Int, _ address: String) -> String {
            #"[{"event": "\#(word)", "type": "bounce", "email": "\#(address)", "timestamp": \#(seconds), "asm_group_id": 1}]"#
        }
        let gateway = try await GatewayFixture()
        try await gateway.testing { client async throws in
            func send(_ word: String, _ seconds: Int, _ address: String) async throws {
                let request = try SignedRequest.mail(event(word, seconds, address), key: gateway.mailKey)
                #expect(try await client.send(request).status == .noContent)
            }
            for word in ["unsubscribe", "spamreport", "bounce"] {
                try await send("group_unsubscribe", 1_790_000_000, "\(word)1@example.com")
                try await send(word, 1_790_000_030, "\(word)1@example.com")
                try await send("group_resubscribe", 1_790_000_060, "\(word)1@example.com")
                #expect(try await gateway.suppressed("\(word)1@example.com") == ["email"])
                // The news of it comes late.
                try await send("group_resubscribe", 1_790_000_060, "\(word)2@example.com")
                try await send(word, 1_790_000_030, "\(word)2@example.com")
                #expect(try await gateway.suppressed("\(word)2@example.com") == ["email"])
            }
            try await send("group_unsubscribe", 1_790_000_000, "eve@example.com")
            try await gateway.admin.run(script: "select outrider.suppress('eve@example.com')")
            try await send("group_resubscribe", 1_790_000_060, "eve@example.com")
            #expect(try await gateway.suppressed("eve@example.com") == ["email"])
        }
    }

    @Test(
        "each event stops the mails that it is about: who leaves a group still gets a password, a dead mailbox gets nothing",
        arguments: [
            ("group_unsubscribe", "marketing"), ("unsubscribe", "alert,marketing,transactional"),
            ("spamreport", "alert,marketing,transactional"), ("bounce", ""),
        ])
    func reach(word: String, categories: String) async throws {
        let gateway = try await GatewayFixture()
        @Sendable func event(_ word: String, _ seconds: Int) -> String {
            #"[{"event": "\#(word)", "type": "bounce", "email": "a@example.com", "timestamp": \#(seconds), "asm_group_id": 1}]"#
        }
        let closed = { @Sendable () async throws -> String? in
            try await gateway.query(
                """
                select string_agg(category, ',' order by category) as closed from outrider.suppressions
                 where address = 'a@example.com' and tenant = '' and lifted_at is null
                """)[0].optionalString("closed")
        }
        try await gateway.testing { client async throws in
            func send(_ word: String, _ seconds: Int) async throws {
                let request = try SignedRequest.mail(event(word, seconds), key: gateway.mailKey)
                #expect(try await client.send(request).status == .noContent)
            }
            for _ in 1...2 { try await send(word, 1_790_000_000) }
            #expect(try await closed() == categories)
            try await send("group_resubscribe", 1_790_000_060)
            try await send(word, 1_790_000_000)
            #expect(try await closed() == (word == "group_unsubscribe" ? nil : categories))
        }
        let kept = "lift_reason = 'resubscribed' and lifted_by like 'sendgrid%'"
        #expect(
            try await gateway.count("suppressions", where: kept) == 1, "a return is kept, also one that lifts nothing")
    }

    @Test("an event from before an operator allowed the address again changes nothing, however often it is repeated")
    func lifted() async throws {
        let gateway = try await GatewayFixture()
        @Sendable func event(_ seconds: String) -> String {
            #"[{"email":"ann@example.com","timestamp":\#(seconds),"event":"bounce","type":"bounce"}]"#
        }
        try await gateway.testing { client async throws in
            let old = try SignedRequest.mail(event("1700000000"), key: gateway.mailKey)
            #expect(try await client.send(old).status == .noContent)
            #expect(try await gateway.suppressed("ann@example.com") == ["email"])
            try await gateway.admin.run(script: "select outrider.lift_suppression('ann@example.com')")
            for _ in 1...2 { #expect(try await client.send(old).status == .noContent) }
            #expect(try await gateway.suppressed("ann@example.com") == [])
            // Of after it, or of no known time.
            for seconds in ["4000000000", "null", "1e30"] {
                let new = try SignedRequest.mail(event(seconds), key: gateway.mailKey)
                #expect(try await client.send(new).status == .noContent)
                #expect(try await gateway.suppressed("ann@example.com") == ["email"], "\(seconds)")
                try await gateway.admin.run(script: "select outrider.lift_suppression('ann@example.com')")
            }
        }
    }

    @Test("a batch larger than one commit is stored whole")
    func large() async throws {
        let gateway = try await GatewayFixture()
        let events = (0..<2_500).map { #"{"email":"p\#($0)@example.com","event":"unsubscribe"}"# }
        try await gateway.testing { client async throws in
            let request = try SignedRequest.mail("[" + events.joined(separator: ",") + "]", key: gateway.mailKey)
            #expect(try await client.send(request).status == .noContent)
        }
        #expect(try await gateway.count("suppressions") == 7_500)
    }
}
