import Delivery
import Dispatching
import Postgres
import Providers
import Testing

@Suite("Without any callback", .timeLimit(.minutes(2)))
struct NoCallbackTests {
    private func polling() async throws -> Harness {
        var harness = try await Harness()
        harness.configuration.timing.firstPoll = .milliseconds(50)
        return harness
    }

    private func receipt(_ status: String, _ fact: ReceiptFact, failure: FailureClass = .unreachable) -> StatusReading {
        .facts([Receipt(status: status, fact: fact, codeTable: .twilio, failureClass: failure, defaultClass: failure)])
    }

    @Test("a whole ladder comes to its right end by asking, each step as soon as the provider knows")
    func wholeLadder() async throws {
        let harness = try await polling()
        try await harness.query(
            """
            select outrider.save_ladder('three', '[{"channel": "sms", "wait_seconds": 3600},
                {"channel": "whatsapp", "wait_seconds": 3600}, {"channel": "voice", "wait_seconds": 3600}]')
            """)
        try await harness.query(
            "insert into outrider.whatsapp_windows values ('+48600000070', '+15005550006', now())")
        harness.provider.read(
            receipt("queued", .progress), receipt("queued", .progress), receipt("undelivered", .failed),
            .unavailable(reason: "http_503"), receipt("failed", .failed),
            receipt("ringing", .progress), receipt("answered", .reached(.answered)))
        let job = try await harness.insert(
            "kind, ladder, phone, body", "'notify', 'three', '+48600000070', 'x'")
        try await harness.working {
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        #expect(try await harness.outcome(of: job) == "delivered")
        #expect(harness.provider.sent.map(\.channel) == [.sms, .whatsapp, .voice])
        #expect(harness.provider.cancelled.isEmpty)  // The call was asked about while it rang, not ended.
    }

    @Test("mail cannot be asked about: what the provider took stays unconfirmed, unless the step is content with that")
    func mail() async throws {
        let harness = try await polling()
        try await harness.query(
            """
            select outrider.save_ladder('told', '[{"channel": "email", "wait_seconds": 5}]'),
                   outrider.save_ladder('taken', '[{"channel": "email", "wait_seconds": 5, "success": "accepted"}]')
            """)
        let columns = "kind, ladder, email, body, subject"
        let told = try await harness.insert(columns, "'notify', 'told', 'k@example.com', 'x', 'y'")
        let taken = try await harness.insert(columns, "'notify', 'taken', 'l@example.com', 'x', 'y'")
        try await harness.working {
            try await harness.eventually("both end") {
                let outcomes = [try await harness.outcome(of: told), try await harness.outcome(of: taken)]
                return !outcomes.contains(nil)
            }
        }
        #expect(try await harness.outcome(of: told) == "unconfirmed")
        #expect(try await harness.outcome(of: taken) == "delivered")
    }
}
