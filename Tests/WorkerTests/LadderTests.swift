import Delivery
import Postgres
import Providers
import Testing

@Suite("A job's life, on a real database", .timeLimit(.minutes(5)))
struct LadderTests {
    @Test("a delivered text ends the job, and nothing else is sent")
    func delivered() async throws {
        let harness = try await Harness()
        let job = try await harness.insert(
            "kind, ladder, phone, email, body, category",
            "'notify', 'standard', '+48600000001', 'a@example.com', 'x', 'alert'")
        try await harness.working {
            try await harness.eventually("the text is accepted") {
                try await harness.story(of: job).contains("answer/accepted")
            }
            try await harness.receipt(job: job, generation: 1, status: "delivered", level: .delivered)
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        #expect(try await harness.outcome(of: job) == "delivered")
        #expect(harness.provider.sent.map(\.channel) == [.sms])
    }

    @Test("an unreachable handset is called, a busy line is mailed")
    func climbs() async throws {
        let harness = try await Harness()
        let job = try await harness.insert(
            "kind, ladder, phone, email, body, category",
            "'notify', 'standard', '+48600000002', 'b@example.com', 'x', 'transactional'")
        try await harness.working {
            try await harness.eventually("the text is accepted") { harness.provider.sent.count == 1 }
            try await harness.receipt(job: job, generation: 1, status: "undelivered 30003", failure: .unreachable)
            try await harness.eventually("the call is made") { harness.provider.sent.count == 2 }
            try await harness.receipt(job: job, generation: 2, status: "busy", failure: .noAnswer)
            try await harness.eventually("the mail is sent") { harness.provider.sent.count == 3 }
            try await harness.receipt(job: job, generation: 3, status: "delivered", level: .delivered)
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        #expect(harness.provider.sent.map(\.channel) == [.sms, .voice, .email])
        #expect(try await harness.outcome(of: job) == "delivered")
    }

    @Test("a busy line is called again where its step says so, and no mail goes")
    func callsAgain() async throws {
        let harness = try await Harness()
        try await harness.query(
            """
            select outrider.save_ladder('call', '[{"channel": "voice", "wait_seconds": 600, "on_failure": {"no_answer": "retry"}},
                                                  {"channel": "email"}]')
            """)
        let job = try await harness.insert(
            "kind, ladder, phone, email, body, category",
            "'notify', 'call', '+48600000072', 'k@example.com', 'x', 'transactional'")
        try await harness.working {
            try await harness.eventually("the call is made") { harness.provider.sent.count == 1 }
            try await harness.receipt(job: job, generation: 1, status: "busy", failure: .noAnswer)
            try await harness.eventually("it is made again") { harness.provider.sent.count == 2 }
            try await harness.receipt(job: job, generation: 2, status: "completed", level: .answered)
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        #expect(harness.provider.sent.map(\.channel) == [.voice, .voice])
        #expect(try await harness.outcome(of: job) == "delivered")
    }

    @Test("a refusal for opt-out suppresses every phone channel and goes on by mail")
    func optedOut() async throws {
        let harness = try await Harness()
        harness.provider.answer(
            .sms, .refused(code: "21610", class: nil, defaultClass: .content, httpStatus: 400, retryAfter: nil))
        let job = try await harness.insert(
            "kind, ladder, phone, email, body, category",
            "'notify', 'standard', '+48600000003', 'c@example.com', 'x', 'transactional'")
        try await harness.working {
            try await harness.eventually("the mail is sent") { harness.provider.sent.count == 2 }
        }
        #expect(harness.provider.sent.map(\.channel) == [.sms, .email])
        let rows = try await harness.query(
            "select channel from outrider.suppressions where address = '+48600000003' order by 1")
        #expect(try rows.map { try $0.string("channel") } == ["sms", "voice", "whatsapp"])
        #expect(try await harness.story(of: job).contains("answer/refused/21610"))
    }

    @Test("a suppressed address gets no intent on any phone channel")
    func suppressed() async throws {
        let harness = try await Harness()
        try await harness.query("select outrider.suppress('+48600000004')")
        let alone = try await harness.insert("channel, address, body", "'sms', '+48600000004', 'x'")
        let ladder = try await harness.insert(
            "kind, ladder, phone, email, body, category",
            "'notify', 'standard', '+48600000004', 'd@example.com', 'x', 'transactional'")
        try await harness.working {
            try await harness.eventually("both are decided") {
                let ended = try await harness.outcome(of: alone) != nil
                return ended && harness.provider.sent.count == 1
            }
        }
        #expect(try await harness.outcome(of: alone) == "opted_out")
        #expect(harness.provider.sent.map(\.jobID) == [ladder])
        #expect(harness.provider.sent.map(\.channel) == [.email])
        let intents = try await harness.query(
            "select count(*) as n from outrider.events where kind = 'intent' and channel <> 'email'")
        #expect(try #require(intents.first).int("n") == 0)
    }

    @Test("what was provably not sent is tried again as a new attempt")
    func retried() async throws {
        let harness = try await Harness()
        harness.provider.answer(
            .sms, .notSent(reason: "connect", retryAfter: nil, isRateLimited: false),
            .notSent(reason: "http_429", retryAfter: nil, isRateLimited: true))
        let job = try await harness.insert("channel, address, body, category", "'sms', '+48600000005', 'x', 'otp'")
        try await harness.working {
            try await harness.eventually("the third attempt is accepted") {
                try await harness.story(of: job).contains("answer/accepted")
            }
        }
        #expect(harness.provider.sent.map(\.generation) == [1, 2, 3])
        #expect(Set(harness.provider.sent.map(\.token)).count == 3)
    }

    @Test("an unknown send is looked up, never repeated blindly")
    func found() async throws {
        let harness = try await Harness()
        harness.provider.answer(.sms, .unknown(reason: "timed_out"))
        harness.provider.list(.notFound, .found(providerID: "SMfound", receipts: []))
        let job = try await harness.insert("channel, address, body, category", "'sms', '+48600000006', 'x', 'otp'")
        try await harness.working {
            try await harness.eventually("it is found") {
                try await harness.story(of: job).contains("answer/accepted")
            }
        }
        #expect(harness.provider.sent.count == 1)
    }

    @Test(
        "what cannot be known follows the category: resent once, held, or ended",
        arguments: [("otp", 2, nil), ("alert", 2, nil), ("transactional", 1, "held"), ("marketing", 1, "unknown")])
    func unknown(category: String, sends: Int, end: String?) async throws {
        let harness = try await Harness()
        harness.provider.answer(.sms, .unknown(reason: "timed_out"))
        let job = try await harness.insert(
            "channel, address, body, category", "'sms', '+48600000007', 'x', '\(category)'")
        try await harness.working {
            try await harness.eventually("it is settled") {
                let story = try await harness.story(of: job)
                return story.contains("answer/accepted") || story.contains("held/held")
                    || story.contains("outcome/ended/unknown")
            }
        }
        #expect(harness.provider.sent.count == sends)
        let story = try await harness.story(of: job)
        switch end {
        case "held": #expect(story.contains("held/held"))
        case "unknown": #expect(story.contains("outcome/ended/unknown"))
        default: #expect(story.contains("next/decided/resend"))
        }
    }

    @Test("no receipt in time: the provider is asked once, a waiting call is cancelled, the ladder goes on")
    func noReceipt() async throws {
        let harness = try await Harness()
        try await harness.query(
            """
            select outrider.save_ladder('calls', '[{"channel":"voice","wait_seconds":15},{"channel":"sms","wait_seconds":20}]')
            """)
        let job = try await harness.insert(
            "kind, ladder, phone, body, category", "'notify', 'calls', '+48600000008', 'x', 'transactional'")
        try await harness.working {
            try await harness.eventually("the call is accepted") {
                try await harness.story(of: job).contains("answer/accepted")
            }
            // The wait is over now, by the database's own clock.
            try await harness.query("update outrider.due set at = clock_timestamp() where reason = 'receipt'")
            try await harness.eventually("the text is sent") { harness.provider.sent.count == 2 }
            try await harness.eventually("the call is ended") { harness.provider.cancelled == ["SM\(job)-1"] }
        }
        #expect(harness.provider.sent.map(\.channel) == [.voice, .sms])
    }

    @Test("a refusal of our credentials opens the sender's breaker at once and burns no ladder")
    func breaker() async throws {
        let harness = try await Harness()
        harness.provider.answer(
            .sms,
            .refused(
                code: "20003", class: .credentials, defaultClass: .credentials, httpStatus: 401, retryAfter: nil))
        let job = try await harness.insert(
            "kind, ladder, phone, email, body, category",
            "'notify', 'standard', '+48600000009', 'e@example.com', 'x', 'transactional'")
        try await harness.working {
            try await harness.eventually("the refusal is recorded") {
                try await harness.story(of: job).contains("next/decided/retry")
            }
        }
        #expect(!harness.provider.sent.contains { $0.channel != .sms })
        let rows = try await harness.query(
            "select paused_until > clock_timestamp() as paused from outrider.senders where name = 'text'")
        #expect(try #require(rows.first).bool("paused"))
    }

    @Test("an expired or cancelled job is not sent")
    func notSent() async throws {
        let harness = try await Harness()
        let expired = try await harness.insert(
            "channel, address, body, created_at, expires_at",
            "'sms', '+48600000010', 'x', now() - interval '2 hours', now() - interval '1 hour'")
        let cancelled = try await harness.insert("channel, address, body", "'sms', '+48600000011', 'x'")
        try await harness.query("select outrider.cancel(\(cancelled))")
        try await harness.working {
            try await harness.eventually("the expired one ends") { try await harness.outcome(of: expired) != nil }
            try await harness.eventually("no due row is left") {
                try await harness.query("select from outrider.due").isEmpty
            }
        }
        #expect(try await harness.outcome(of: expired) == "expired")
        #expect(try await harness.outcome(of: cancelled) == "canceled")
        #expect(harness.provider.sent.isEmpty)
    }

    @Test("missing data is named, and the step passed over")
    func missingData() async throws {
        let harness = try await Harness()
        try await harness.query(
            "insert into outrider.templates (name, channel, body) values ('order', 'sms', 'Order {{number}}')"
        )
        let job = try await harness.insert(
            "channel, address, template, data", "'sms', '+48600000012', 'order', '{\"number\": 7}'")
        // Else the insert would have been refused.
        try await harness.query("update outrider.templates set body = 'Order {{number}} for {{name}}'")
        try await harness.working {
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        let reason = try await harness.query(
            "select reason from outrider.events where job_id = $1 and status = 'skipped'", [.int(job)])
        #expect(try #require(reason.first).string("reason") == "data has no key \"name\"")
        #expect(harness.provider.sent.isEmpty)
    }

    @Test("the timeline names a text's segments, its encoding and what forces UCS-2, unless it is one segment of GSM-7")
    func segments() async throws {
        let harness = try await Harness()
        let plain = try await harness.insert("channel, address, body", "'sms', '+48600000012', 'Order 7'")
        let unusual = try await harness.insert(
            "channel, address, body", "'sms', '+48600000013', repeat('Zażółć ', 11)")
        try await harness.working {
            for (job, words) in [(plain, nil), (unusual, "2 segments of UCS-2 because of \"ż\"")] as [(Int, String?)] {
                try await harness.eventually("the answer is recorded") {
                    try await harness.story(of: job).contains("answer/accepted")
                }
                let said = try await harness.query(
                    "select coalesce(detail, '') as detail from outrider.timeline($1) where event = 'answer: accepted'",
                    [.int(job)])[0].string("detail")
                #expect(words.map(said.contains) ?? !said.contains("segment"), "\(said)")
            }
        }
    }
}
