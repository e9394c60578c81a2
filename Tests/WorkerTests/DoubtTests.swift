import Delivery
import Inbox
import JobQueue
import Postgres
import Providers
import Testing
import Worker

@Suite("What could not be known at first", .timeLimit(.minutes(5)))
struct DoubtTests {
    private static let text = "channel, address, body, category"

    private func ended(_ harness: Harness, _ jobs: Int...) async throws {
        try await harness.eventually("the jobs end") {
            for job in jobs {
                if try await harness.outcome(of: job) == nil { return false }
            }
            return true
        }
    }

    @Test("a message that an answer gave to another job is not taken for one whose answer was lost")
    func othersMessage() async throws {
        let harness = try await Harness()
        let first = try await harness.insert(Self.text, "'sms', '+48600000060', 'x', 'marketing'")
        try await harness.working {
            try await harness.eventually("the first is accepted") {
                try await harness.story(of: first).contains("answer/accepted")
            }
            harness.provider.answer(.sms, .unknown(reason: "timed_out"))
            let found = ListingReading.found(providerID: "SM\(first)-1", receipts: [])
            harness.provider.list(found, .notFound, found, .notFound)
            let second = try await harness.insert(Self.text, "'sms', '+48600000060', 'x', 'marketing'")
            try await ended(harness, second)
            #expect(try await harness.outcome(of: second) == "unknown")
            #expect(try await harness.story(of: second).contains("reconciled/resolved/end"))
        }
    }

    @Test("two like messages whose answers are lost: the one in the listing is the first's, the second is sent again")
    func twoLost() async throws {
        let harness = try await Harness()
        harness.provider.answer(.sms, .unknown(reason: "reset"), .unknown(reason: "reset"))
        let found = ListingReading.found(providerID: "SMone", receipts: [])
        harness.provider.list(found, found, .notFound, found, .notFound)
        // Not a one-time password: that would wait five seconds for the other and no longer.
        try await harness.query(
            #"select outrider.save_ladder('again', '[{"channel": "sms", "on_unknown": "resend"}]')"#)
        let columns = "kind, ladder, phone, body, category"
        let values = "'notify', 'again', '+48600000061', 'x', 'transactional'"
        let first = try await harness.insert(columns, values)
        let second = try await harness.insert(columns, values)
        try await harness.working {
            try await harness.eventually("both are taken") {
                try await harness.query(
                    "select from outrider.events where kind = 'answer' and status = 'accepted'"
                ).count == 2
            }
        }
        let jobs = harness.provider.sent.map(\.jobID)
        #expect(jobs.count == 3 && Set(jobs) == [first, second])
        // Whichever began first was found; the other began only after that, and was repeated.
        let (found1, resent) = jobs[0] == first ? (first, second) : (second, first)
        #expect(jobs == [found1, resent, resent])
        #expect(try await harness.story(of: found1).contains("reconciled/resolved/listing"))
        #expect(try await harness.story(of: resent).contains("reconciled/resolved/resend"))
        let order = try await harness.query(
            """
            select (select at from outrider.events where job_id = $1 and status = 'resolved')
                 <= (select min(at) from outrider.events where job_id = $2 and kind = 'intent') as apart
            """, [.int(found1), .int(resent)])
        #expect(try #require(order.first).bool("apart"))
        #expect(try await harness.waitedFor() == 0)
    }

    @Test("a callback settles what nobody knew, and it is recorded that it did")
    func callback() async throws {
        let harness = try await Harness()
        harness.provider.answer(.sms, .unknown(reason: "timed_out"))
        for _ in 0..<10 { harness.provider.list(.unavailable(reason: "http_503")) }
        let job = try await harness.insert(Self.text, "'sms', '+48600000062', 'x', 'transactional'")
        try await harness.working {
            try await harness.eventually("the answer is lost") {
                try await harness.story(of: job).contains("answer/unknown")
            }
            try await harness.receipt(job: job, generation: 1, status: "delivered", level: .delivered)
            try await ended(harness, job)
        }
        #expect(try await harness.outcome(of: job) == "delivered")
        #expect(try await harness.story(of: job).contains("reconciled/resolved/callback"))
        #expect(try await harness.waitedFor() == 0)
    }

    @Test("a held send is out of the way of others like it")
    func heldIsOutOfTheWay() async throws {
        let harness = try await Harness()
        harness.provider.answer(.sms, .unknown(reason: "timed_out"))
        let held = try await harness.insert(Self.text, "'sms', '+48600000063', 'x', 'transactional'")
        try await harness.working {
            try await harness.eventually("it is held") { try await harness.story(of: held).contains("held/held") }
            let next = try await harness.insert(Self.text, "'sms', '+48600000063', 'x', 'transactional'")
            try await harness.eventually("the next one is sent") {
                try await harness.story(of: next).contains("answer/accepted")
            }
        }
        #expect(try await harness.story(of: held).contains("reconciled/resolved/hold"))
    }

    @Test("a step that says so goes on, or ends the job, where the category would send again")
    func stepPolicy() async throws {
        let harness = try await Harness()
        try await harness.query(
            """
            select outrider.save_ladder('on', '[{"channel": "sms", "on_unknown": "next"}, {"channel": "email"}]'),
                   outrider.save_ladder('off', '[{"channel": "sms", "on_unknown": "end"}, {"channel": "email"}]')
            """)
        harness.provider.answer(.sms, .unknown(reason: "reset"), .unknown(reason: "reset"))
        let columns = "kind, ladder, phone, email, body, category"
        let on = try await harness.insert(columns, "'notify', 'on', '+48600000064', 'i@example.com', 'x', 'otp'")
        let off = try await harness.insert(columns, "'notify', 'off', '+48600000065', 'j@example.com', 'x', 'otp'")
        try await harness.working {
            try await ended(harness, off)
            try await harness.eventually("the other climbs") {
                harness.provider.sent.contains { $0.jobID == on && $0.channel == .email }
            }
        }
        #expect(try await harness.outcome(of: off) == "unknown")
        #expect(harness.provider.sent.count { $0.jobID == off } == 1)
    }

    @Test("the repeat of a send that nobody could account for does not take the first one's message for its own")
    func twiceLost() async throws {
        let harness = try await Harness()
        harness.provider.answer(.sms, .unknown(reason: "reset"), .unknown(reason: "reset"))
        let job = try await harness.insert(Self.text, "'sms', '+48600000067', 'x', 'otp'")
        try await harness.working { try await ended(harness, job) }
        let looks = harness.provider.looks
        let first = try #require(looks.first { $0.generation == 1 })
        let second = try #require(looks.first { $0.generation == 2 })
        #expect(first.notBefore == nil)
        let middle = try #require(second.notBefore)
        #expect(first.begunAt < middle && middle < second.begunAt)
        #expect(try await harness.outcome(of: job) == "unknown")
    }

    @Test("a message that only a callback names is not taken for another job's when a listing shows it")
    func calledMessage() async throws {
        let harness = try await Harness()
        harness.provider.answer(.sms, .unknown(reason: "reset"))
        let job = try await harness.insert(Self.text, "'sms', '+48600000068', 'x', 'marketing'")
        try await harness.working {
            try await harness.eventually("its answer is lost") {
                try await harness.story(of: job).contains("answer/unknown")
            }
            let token = try #require(harness.provider.sent.first).token
            let fates = try await ReceiptStore(harness.pool).store([
                .receipt(
                    ReceiptArrival(
                        jobID: job, generation: 1, token: token, status: "sent", provider: "twilio", level: .sent,
                        providerID: "SMcalled", needsDecision: false))
            ])
            #expect(fates == [.new])
        }
        let store = JobStore(pool: harness.pool)
        let key = SendKey(tenant: "default", category: .marketing, channel: .sms, address: "+48600000068", text: "x")
        let alike = LookAlikes(of: key, begunAt: Instant(microseconds: 0), in: Sighting())
        let adopt = { (job: Int) in
            try await store.adopt("SMcalled", job: job, generation: 1, tenant: "default", unlessOpen: alike)
        }
        #expect(try await adopt(job + 1) == .anothers)
        #expect(try await adopt(job) == .ours)
    }

    @Test("while another call that looks like it is open, a listed one is taken for neither, and the policy decides")
    func alike() async throws {
        let harness = try await Harness()
        let other = try await harness.insert(Self.text, "'voice', '+48600000069', 'y', 'transactional'")
        #expect(try await harness.beginAll(as: "busy") == [other])
        harness.provider.answer(.voice, .unknown(reason: "reset"))
        let found = ListingReading.found(providerID: "CAone", receipts: [], sighting: Sighting(reach: .seconds(90)))
        harness.provider.list(found, found)
        try await harness.query(
            "select outrider.add_consent('+48600000069', 'voice', 'marketing', 'Call me with offers.', 'a form')")
        let job = try await harness.insert(Self.text, "'voice', '+48600000069', 'x', 'marketing'")
        try await harness.working { try await ended(harness, job) }
        #expect(try await harness.outcome(of: job) == "unknown")
        #expect(try await harness.query("select from outrider.adopted_sends").isEmpty)
        let reasons = try await harness.query(
            """
            select reason from outrider.events
             where job_id = $1 and kind = 'reconciled' and status like 'listing%'
            """, [.int(job)])
        let contested = "the provider's listing shows a message that may be another send's"
        #expect(try reasons.map { try $0.string("reason") } == [contested, contested])
    }

    @Test("an opt-out that only a listing tells of suppresses the number")
    func listedOptOut() async throws {
        let harness = try await Harness()
        harness.provider.answer(.sms, .unknown(reason: "reset"))
        let refusal = Receipt(
            status: "undelivered 21610", fact: .failed, code: "21610", codeTable: .twilio, defaultClass: .unreachable,
            providerID: "SMlisted")
        harness.provider.list(.found(providerID: "SMlisted", receipts: [refusal]))
        let job = try await harness.insert(Self.text, "'sms', '+48600000066', 'x', 'alert'")
        try await harness.working { try await ended(harness, job) }
        #expect(try await harness.outcome(of: job) == "opted_out")
        let suppressed = try await harness.query(
            "select channel from outrider.suppressions where address = '+48600000066' order by channel")
        #expect(try suppressed.map { try $0.string("channel") } == ["sms", "voice", "whatsapp"])
    }
}
