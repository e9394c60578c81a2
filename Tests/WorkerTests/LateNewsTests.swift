import Delivery
import Postgres
import Providers
import Testing
import Worker

@Suite("News that comes between two looks", .timeLimit(.minutes(5)))
struct LateNewsTests {
    @Test("a delivery that is known when the next step is claimed stops it")
    func deliveredBeforeClaim() async throws {
        let harness = try await Harness()
        let job = try await harness.insert(
            "kind, ladder, phone, email, body, category",
            "'notify', 'standard', '+48600000050', 'g@example.com', 'x', 'transactional'")
        // The ladder has gone on to the call, whose due row waits; the text's receipt has come, its due row has not.
        try await harness.query(
            """
            insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, level, detail) values
                ($1, 1, 'intent', 'taken', 0, outrider.current_ladder('standard'), 'sms', null, null),
                ($1, 1, 'answer', 'accepted', 0, outrider.current_ladder('standard'), 'sms', null, null),
                ($1, 1, 'next', 'decided', 0, outrider.current_ladder('standard'), 'sms', null, '{"next_step": 1}'),
                ($1, 1, 'receipt', 'delivered', 0, outrider.current_ladder('standard'), 'sms', 'delivered', null)
            """, [.int(job)])
        try await harness.query("delete from outrider.due")
        try await harness.query("select outrider.rebuild_due()")
        try await harness.working {
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        #expect(try await harness.outcome(of: job) == "delivered")
        #expect(harness.provider.sent.isEmpty)
    }

    /// A code that nobody could account for: its repeat waits for its turn, and the first callback has come meanwhile.
    private func repeated(_ harness: Harness, to address: String, wait: Int) async throws -> Int {
        let job = try await harness.insert(
            "channel, address, body, category, wait_seconds", "'sms', '\(address)', 'x', 'otp', \(wait)")
        try await harness.query(
            """
            insert into outrider.events
                (job_id, generation, kind, status, step, channel, code, provider_id, level, detail)
            values ($1, 1, 'intent', 'taken', 0, 'sms', null, null, null, null),
                   ($1, 1, 'answer', 'unknown', 0, 'sms', null, null, null, null),
                   ($1, 1, 'next', 'decided', 0, 'sms', 'resend', null, null, '{"next_step": 0}'),
                   ($1, 1, 'receipt', 'sent', 0, 'sms', null, 'SM' || $1, 'sent', null)
            """, [.int(job)])
        try await harness.query("delete from outrider.due")
        try await harness.query("select outrider.rebuild_due()")
        return job
    }

    @Test("a repeat is not sent when word of the first message came before it: that one's receipts and polls decide")
    func takenBeforeRepeat() async throws {
        let harness = try await Harness()
        var jobs: [Int] = []
        for number in 60...61 {
            jobs.append(try await repeated(harness, to: "+486000000\(number)", wait: 60))
        }
        harness.provider.tell(
            "SM\(jobs[1])",
            .facts([
                Receipt(status: "delivered", fact: .reached(.delivered), codeTable: .twilio, defaultClass: .unknown)
            ]))
        let told = jobs
        try await harness.working {
            for job in told {
                try await harness.eventually("the repeat is given up") {
                    try await harness.story(of: job).contains("answer/not_sent")
                }
            }
            try await harness.receipt(job: told[0], generation: 1, status: "delivered", level: .delivered)
            try await harness.query("update outrider.events set at = at - interval '1 hour' where job_id = \(told[1])")
            try await harness.query("update outrider.due set at = clock_timestamp() where job_id = \(told[1])")
            for job in told {
                try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
            }
        }
        for job in jobs { #expect(try await harness.outcome(of: job) == "delivered") }
        #expect(harness.provider.sent.isEmpty)
        #expect(harness.provider.asked == ["SM\(jobs[1])"])
    }

    @Test("a provider that cannot be asked about a message whose repeat was stopped is asked again")
    func unreadBeforeRepeat() async throws {
        let harness = try await Harness { $0.timing.pollPause = .milliseconds(20) }
        harness.provider.read(
            .unavailable(reason: "http_429"), .unavailable(reason: "http_429"),
            .facts([
                Receipt(status: "delivered", fact: .reached(.delivered), codeTable: .twilio, defaultClass: .unknown)
            ]))
        let job = try await repeated(harness, to: "+48600000062", wait: 5)
        try await harness.working {
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        #expect(try await harness.outcome(of: job) == "delivered")
        #expect(harness.provider.sent.isEmpty && harness.provider.asked == Array(repeating: "SM\(job)", count: 3))
        let story = try await harness.story(of: job)
        #expect(story.contains("reconciled/unread 1") && story.contains("reconciled/unread 2"))
    }

    @Test("a delivery that comes while the call waits to ring ends the job and the call, whichever is told first")
    func deliveredWhileRinging() async throws {
        let harness = try await Harness()
        let job = try await harness.insert(
            "kind, ladder, phone, email, body, category",
            "'notify', 'standard', '+48600000055', 'g@example.com', 'x', 'transactional'")
        try await harness.working {
            try await harness.eventually("the text is taken") {
                try await harness.story(of: job).contains("answer/accepted")
            }
            try await harness.query("update outrider.events set at = at - interval '1 hour'")
            try await harness.query("update outrider.due set at = clock_timestamp() where reason = 'receipt'")
            try await harness.eventually("the call is placed") {
                try await harness.story(of: job).count { $0 == "answer/accepted" } == 2
            }
            try await harness.receipt(job: job, generation: 1, status: "delivered", level: .delivered)
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
            try await harness.eventually("the call is ended") { harness.provider.cancelled == ["SM\(job)-2"] }
        }
        #expect(try await harness.outcome(of: job) == "delivered")
        #expect(harness.provider.sent.map(\.channel) == [.sms, .voice])
    }

    @Test("a delivery told in the same moment as the next step is due never lets two steps after it begin")
    func deliveredInTheClaim() async throws {
        let harness = try await Harness()
        var jobs: [Int] = []
        for n in 0..<20 {
            let job = try await harness.insert(
                "kind, ladder, phone, email, body, category",
                "'notify', 'standard', '+486000001\(10 + n)', 'g@example.com', 'x', 'transactional'")
            try await harness.query(
                """
                insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, level, detail) values
                    ($1, 1, 'intent', 'taken', 0, outrider.current_ladder('standard'), 'sms', null, null),
                    ($1, 1, 'answer', 'accepted', 0, outrider.current_ladder('standard'), 'sms', null, null),
                    ($1, 1, 'next', 'decided', 0, outrider.current_ladder('standard'), 'sms', null, '{"next_step": 1}')
                """, [.int(job)])
            jobs.append(job)
        }
        try await harness.query("delete from outrider.due")
        try await harness.query("select outrider.rebuild_due()")
        try await harness.working { [jobs] in
            for job in jobs {
                try await harness.receipt(job: job, generation: 1, status: "delivered", level: .delivered)
            }
            for job in jobs {
                try await harness.eventually("job \(job) ends") { try await harness.outcome(of: job) == "delivered" }
            }
            // The due row of a job that ended is dropped when its lane is taken next.
            try await harness.eventually("nothing is left to begin") {
                try await harness.query("select from outrider.due where reason = 'dispatch'").isEmpty
            }
        }
        // A call that was taken a moment before may be placed; nothing comes after it, and it is ended.
        #expect(harness.provider.sent.allSatisfy { $0.channel == .voice && $0.generation == 2 })
        #expect(try await harness.query("select from outrider.events where generation > 2").isEmpty)
    }

    @Test("an opt-out that a poll tells suppresses the address like any other")
    func polledOptOut() async throws {
        let harness = try await Harness()
        harness.provider.read(
            .facts([
                Receipt(
                    status: "failed 21610", fact: .failed, code: "21610", codeTable: .twilio, defaultClass: .content,
                    providerID: "SM1")
            ]))
        let job = try await harness.insert("channel, address, body", "'sms', '+48600000051', 'x'")
        try await harness.working {
            try await harness.eventually("the text is accepted") {
                try await harness.story(of: job).contains("answer/accepted")
            }
            try await harness.query("update outrider.due set at = clock_timestamp() where reason = 'receipt'")
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        #expect(try await harness.outcome(of: job) == "opted_out")
        let rows = try await harness.query(
            "select channel from outrider.suppressions where address = '+48600000051' order by 1")
        #expect(try rows.map { try $0.string("channel") } == ["sms", "voice", "whatsapp"])
    }

    @Test("a provider that cannot be asked at the end of the wait is asked again, before its silence counts")
    func unreadPoll() async throws {
        let harness = try await Harness { $0.timing.pollPause = .milliseconds(20) }
        harness.provider.read(
            .unavailable(reason: "http_429"), .unavailable(reason: "asked_too_much"),
            .facts([
                Receipt(status: "delivered", fact: .reached(.delivered), codeTable: .twilio, defaultClass: .unknown)
            ]))
        let job = try await harness.insert(
            "channel, address, body, wait_seconds", "'sms', '+48600000054', 'x', 5")
        try await harness.working {
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        #expect(
            try await harness.story(of: job) == [
                "intent/taken", "answer/accepted", "reconciled/unread 1", "reconciled/unread 2", "receipt/delivered",
                "outcome/ended/delivered",
            ])
    }

    @Test("listings that cannot be had do not keep a job for ever")
    func unavailable() async throws {
        let harness = try await Harness()
        harness.provider.answer(.sms, .unknown(reason: "timed_out"))
        for _ in 0..<10 { harness.provider.list(.unavailable(reason: "http_403")) }
        let job = try await harness.insert("channel, address, body", "'sms', '+48600000052', 'x'")
        try await harness.working {
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        #expect(try await harness.outcome(of: job) == "unknown")
        #expect(harness.provider.sent.count == 1)
    }

    @Test("a job whose time runs out after a text was taken ends unconfirmed, not expired")
    func expiredLater() async throws {
        let harness = try await Harness()
        let job = try await harness.insert(
            "kind, ladder, phone, email, body, created_at, expires_at",
            "'notify', 'standard', '+48600000053', 'h@example.com', 'x', now() - interval '2 hours', now() - interval '1 hour'"
        )
        try await harness.query(
            """
            insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, detail) values
                ($1, 1, 'intent', 'taken', 0, outrider.current_ladder('standard'), 'sms', null),
                ($1, 1, 'answer', 'accepted', 0, outrider.current_ladder('standard'), 'sms', null),
                ($1, 1, 'next', 'decided', 0, outrider.current_ladder('standard'), 'sms', '{"next_step": 1}')
            """, [.int(job)])
        try await harness.query("delete from outrider.due")
        try await harness.query("select outrider.rebuild_due()")
        try await harness.working {
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        #expect(try await harness.outcome(of: job) == "unconfirmed")
        #expect(harness.provider.sent.isEmpty)
    }
}
