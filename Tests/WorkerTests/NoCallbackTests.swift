import Delivery
import Postgres
import Providers
import Testing
import Worker

@Suite("Without any callback", .timeLimit(.minutes(5)))
struct NoCallbackTests {
    private func polling(mail: Bool = false) async throws -> Harness {
        var harness = try await Harness()
        harness.configuration.timing.pollsMail = mail
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
            "kind, ladder, phone, body, category", "'notify', 'three', '+48600000070', 'x', 'transactional'")
        try await harness.working {
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        #expect(try await harness.outcome(of: job) == "delivered")
        #expect(harness.provider.sent.map(\.channel) == [.sms, .whatsapp, .voice])
        #expect(harness.provider.cancelled.isEmpty)  // The call was asked about while it rang, not ended.
    }

    @Test("a text that gets through after the next step began is heard by asking too, and nothing follows it")
    func lateDelivery() async throws {
        let harness = try await polling()
        try await harness.query(
            """
            select outrider.save_ladder('late', '[{"channel": "sms", "wait_seconds": 5},
                {"channel": "voice", "wait_seconds": 3600}, {"channel": "whatsapp", "wait_seconds": 3600}]')
            """)
        let job = try await harness.insert(
            "kind, ladder, phone, body, category", "'notify', 'late', '+48600000073', 'x', 'transactional'")
        harness.provider.tell("SM\(job)-1", receipt("sent", .reached(.sent)))
        harness.provider.tell("SM\(job)-2", receipt("ringing", .progress))
        try await harness.working {
            try await harness.eventually("the call is placed") {
                harness.provider.sent.contains { $0.jobID == job && $0.channel == .voice }
            }
            harness.provider.tell("SM\(job)-1", receipt("delivered", .reached(.delivered)))
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
            try await harness.eventually("the call is ended") { harness.provider.cancelled.contains("SM\(job)-2") }
        }
        #expect(try await harness.outcome(of: job) == "delivered")
        #expect(harness.provider.sent.map(\.channel) == [.sms, .voice])
        let story = try await harness.story(of: job)
        #expect(story.contains("reconciled/late delivery/escalate"))
        let receipts = try await harness.query(
            "select generation, channel from outrider.events where job_id = $1 and status = 'delivered'", [.int(job)])
        #expect(try receipts.map { "\(try $0.int("generation")) \(try $0.string("channel"))" } == ["1 sms"])
    }

    @Test("mail that the logs tell of comes to its end by asking: delivered, or the next step after a bounce")
    func mailWithLogs() async throws {
        let harness = try await polling(mail: true)
        try await harness.query(
            """
            select outrider.save_ladder('mail', '[{"channel": "email", "wait_seconds": 3600},
                {"channel": "sms", "wait_seconds": 3600}]')
            """)
        let columns = "kind, ladder, email, phone, body, subject"
        let read = try await harness.insert(columns, "'notify', 'mail', 'k@example.com', '+48600000071', 'x', 'y'")
        let bounced = try await harness.insert(columns, "'notify', 'mail', 'L@example.com', '+48600000072', 'x', 'y'")
        harness.provider.tell("SM\(read)-1", receipt("deferred", .progress))
        harness.provider.tell(
            "SM\(bounced)-1",
            .facts([
                Receipt(
                    status: "bounce", fact: .failed, code: "bounce", codeTable: .sendgrid,
                    defaultClass: .invalidAddress, suppression: .bounce)
            ]))
        harness.provider.tell("SM\(bounced)-2", receipt("delivered", .reached(.delivered)))
        try await harness.working {
            try await harness.eventually("the bounced one ends") { try await harness.outcome(of: bounced) != nil }
            try await harness.eventually("a deferred mail is asked about again") {
                harness.provider.asked.count { $0 == "SM\(read)-1" } >= 2
            }
            harness.provider.tell("SM\(read)-1", receipt("delivered", .reached(.delivered)))
            try await harness.eventually("the other ends") { try await harness.outcome(of: read) != nil }
        }
        #expect(try await harness.outcome(of: read) == "delivered")
        #expect(try await harness.outcome(of: bounced) == "delivered")
        #expect(harness.provider.sent.filter { $0.jobID == read }.map(\.channel) == [.email])
        #expect(harness.provider.sent.filter { $0.jobID == bounced }.map(\.channel) == [.email, .sms])
        #expect(try await harness.story(of: bounced).contains("receipt/bounce/bounce"))
        let suppressed = try await harness.query(
            "select address || ' ' || channel || ' ' || reason as row from outrider.suppressions where lifted_at is null"
        )
        #expect(try suppressed.map { try $0.string("row") } == ["l@example.com email bounce"], "as by the webhook")
    }

    @Test("the question says when and to whom the mail was sent, for a log is searched by it")
    func mailQuestions() async throws {
        let harness = try await polling(mail: true)
        harness.provider.read(receipt("deferred", .progress), receipt("delivered", .reached(.delivered)))
        let job = try await harness.insert(
            "kind, channel, address, body, subject", "'send', 'email', 'k@example.com', 'x', 'y'")
        try await harness.working {
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        let taken = try await harness.query(
            """
            select (extract(epoch from at) * 1000000)::bigint as at from outrider.events
             where job_id = $1 and kind = 'intent'
            """, [.int(job)])
        let at = Instant(microseconds: Int64(try #require(taken.first).int("at")))
        #expect(harness.provider.questions.map(\.takenAt) == [at, at])
        #expect(harness.provider.questions.allSatisfy { $0.address == "k@example.com" && !$0.isLast })
    }

    @Test("mail without logs: what the provider took stays unconfirmed, unless the step is content with that")
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
        #expect(harness.provider.questions.map(\.isLast) == [true], "of the first alone, when its wait is over")
        #expect(try await harness.outcome(of: taken) == "delivered")
    }
}
