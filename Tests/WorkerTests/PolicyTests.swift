import Delivery
import JobQueue
import Postgres
import Providers
import Testing
import Worker

/// What refusals, consents and deadlines come to, in a job's whole life.
@Suite("Refusals, consents and deadlines", .timeLimit(.minutes(5)))
struct PolicyTests {
    private static func refused(_ code: String) -> SendReading {
        .refused(code: code, class: nil, defaultClass: .content, httpStatus: 400, retryAfter: nil)
    }

    /// What went out for a job, in order.
    private static func channels(_ harness: Harness, of job: Int) -> [Channel] {
        harness.provider.sent.filter { $0.jobID == job }.map(\.channel)
    }

    @Test("an offer never becomes a call, unless the person's consent to calls is on record")
    func marketing() async throws {
        let harness = try await Harness()
        harness.provider.answer(.sms, Self.refused("30006"), Self.refused("30006"))
        try await harness.query(
            "select outrider.add_consent('+48600000092', 'voice', 'marketing', 'Call me about offers', 'form 7')")
        var jobs: [Int] = []
        for phone in ["+48600000091", "+48600000092"] {
            jobs.append(
                try await harness.insert(
                    "kind, ladder, phone, email, body", "'notify', 'standard', '\(phone)', 'a@example.com', 'x'"))
        }
        try await harness.working { [jobs] in
            try await harness.eventually("both have gone on") {
                jobs.allSatisfy { Self.channels(harness, of: $0).count == 2 }
            }
        }
        #expect(Self.channels(harness, of: jobs[0]) == [.sms, .email])
        #expect(Self.channels(harness, of: jobs[1]) == [.sms, .voice])
        #expect(try await harness.story(of: jobs[0]).contains("answer/skipped/no_consent"))
    }

    @Test("a number that cannot exist costs nothing, its timeline says why, and it goes once its range is added")
    func impossibleNumbers() async throws {
        let harness = try await Harness()
        let ladder = "kind, ladder, phone, email, body, category"
        let job = try await harness.insert(
            ladder, "'notify', 'standard', '+48012345678', 'a@example.com', 'x', 'alert'")
        try await harness.working {
            try await harness.eventually("it goes on to its mail") {
                harness.provider.sent.map(\.channel) == [.email]
            }
            #expect(try await harness.story(of: job).contains("answer/skipped/invalid_number"))
            let detail = try await harness.query(
                "select detail from outrider.timeline($1) where event = 'answer: skipped'", [.int(job)])
            #expect(try detail.first?.string("detail").contains("no number begins with +480") == true)
            try await harness.query("select outrider.add_number_range('480', 'new since May')")
            let again = try await harness.insert("channel, address, body", "'sms', '+48012345678', 'y'")
            try await harness.eventually("it is sent") { harness.provider.sent.last?.jobID == again }
        }
    }

    @Test("a number that takes no texts is paid for once, and one that nobody had is tried for what is urgent")
    func deadNumbers() async throws {
        let harness = try await Harness()
        harness.provider.answer(.sms, Self.refused("30006"), Self.refused("30005"))
        let columns = "channel, address, body, category"
        @Sendable func text(_ phone: String, _ category: String) async throws -> Int {
            try await harness.insert(columns, "'sms', '\(phone)', '\(category)', '\(category)'")
        }
        @Sendable func ends(_ job: Int) async throws {
            try await harness.eventually("it ends") { try await harness.outcome(of: job) == "exhausted" }
        }
        let (landline, nobody) = ("+48600000091", "+48600000092")
        try await harness.working {
            let first = [try await text(landline, "marketing")]
            try await ends(first[0])
            let second = try await text(nobody, "marketing")
            try await ends(second)
            var skipped: [Int] = []
            for category in ["marketing", "otp"] { skipped.append(try await text(landline, category)) }
            skipped.append(try await text(nobody, "transactional"))
            for job in skipped { try await ends(job) }
            #expect(harness.provider.sent.map(\.jobID) == first + [second])
            for job in skipped { #expect(try await harness.story(of: job).contains("answer/skipped/dead_number")) }
            let why = try await harness.query("select outrider.why($1) as v", [.int(skipped[0])])
            #expect(try why.first?.string("v").contains("called the number dead") == true)
            let urgent = try await text(nobody, "alert")
            try await harness.eventually("it is sent") { harness.provider.sent.map(\.jobID).last == urgent }
            let forgotten = try await harness.query("select outrider.forget_dead('\(landline)', reason => 'new') as n")
            #expect(try forgotten.first?.int("n") == 2)
            let again = try await text(landline, "marketing")
            try await harness.eventually("it is sent") { harness.provider.sent.map(\.jobID).last == again }
        }
    }

    @Test("an offer goes by WhatsApp only with a consent to it, and to no country where WhatsApp brings none")
    func marketingByWhatsApp() async throws {
        let harness = try await Harness()
        let template = "HX00000000000000000000000000000001"
        try await harness.query(
            "insert into outrider.templates (name, channel, content_sid) values ('spring', 'whatsapp', '\(template)')")
        // It may be night in New York while this runs.
        try await harness.query("select outrider.lift_quiet_hours('us-federal', 'a test')")
        for phone in ["+48600000092", "+12125551234"] {
            try await harness.query(
                "select outrider.add_consent('\(phone)', 'whatsapp', 'marketing', 'Offers by WhatsApp', 'form 7')")
        }
        @Sendable func offer(_ phone: String) async throws -> Int {
            try await harness.insert(
                "channel, address, template, category", "'whatsapp', '\(phone)', 'spring', 'marketing'")
        }
        let unasked = try await offer("+48600000091")
        let wanted = try await offer("+48600000092")
        let closed = try await offer("+12125551234")
        try await harness.working {
            try await harness.eventually("both end, and one is sent") {
                let outcomes = [try await harness.outcome(of: unasked), try await harness.outcome(of: closed)]
                return outcomes == ["exhausted", "exhausted"] && harness.provider.sent.map(\.jobID) == [wanted]
            }
            #expect(try await harness.story(of: unasked).contains("answer/skipped/no_consent"))
            #expect(try await harness.story(of: closed).contains("answer/skipped/route_closed"))
            let why = try await harness.query("select outrider.why($1) as v", [.int(closed)])
            #expect(try why.first?.string("v").contains("does not bring messages of this category") == true)
            try await harness.query("select outrider.open_route('whatsapp', 'marketing', '1', 'it does now')")
            let opened = try await offer("+12125551234")
            try await harness.eventually("it is sent") { harness.provider.sent.map(\.jobID) == [wanted, opened] }
        }
    }

    @Test(
        "a one-time password to a country that is not allowed is passed over with the remedy, and goes once it is allowed"
    )
    func countries() async throws {
        let harness = try await Harness()
        try await harness.query("select outrider.set_anywhere(false)")
        let columns = "channel, address, body, category"
        let refused = try await harness.insert(columns, "'sms', '+48600000091', '1', 'otp'")
        try await harness.working {
            try await harness.eventually("it ends") { try await harness.outcome(of: refused) == "exhausted" }
            try await harness.query("select outrider.allow_country('PL')")
            let allowed = try await harness.insert(columns, "'sms', '+48600000091', '2', 'otp'")
            try await harness.eventually("it is sent") {
                harness.provider.sent.map(\.jobID) == [allowed]
            }
            try await harness.query("select outrider.block_prefix('48600', 'test')")
            let blocked = try await harness.insert(columns, "'sms', '+48600000092', '3', 'alert'")
            try await harness.eventually("it ends") {
                try await harness.outcome(of: blocked) == "exhausted"
            }
            #expect(harness.provider.sent.map(\.jobID) == [allowed])
            #expect(try await harness.story(of: blocked).contains("answer/skipped/prefix_blocked"))
        }
        let detail = try await harness.query(
            "select detail from outrider.timeline($1) where event = 'answer: skipped'", [.int(refused)])
        #expect(try detail.first?.string("detail").contains("outrider.allow_country('PL')") == true)
    }

    @Test("an offer in quiet hours waits until they end where the person lives, and its timeline names the rule")
    func quietHours() async throws {
        let harness = try await Harness()
        try await harness.query(
            """
            select outrider.set_quiet_hours('siesta', 'PL', date_trunc('minute', t - interval '1 hour')::time,
                                            date_trunc('minute', t + interval '2 hours')::time)
              from (select clock_timestamp() at time zone 'Europe/Warsaw' as t) now
            """)
        let columns = "channel, address, body, category"
        let offer = try await harness.insert(columns, "'sms', '+48600000091', 'x', 'marketing'")
        let receipt = try await harness.insert(columns, "'sms', '+48600000091', 'y', 'transactional'")
        try await harness.working {
            try await harness.eventually("the receipt is sent and the offer waits") {
                try await harness.story(of: offer).isEmpty == false && harness.provider.sent.map(\.jobID) == [receipt]
            }
        }
        #expect(try await harness.story(of: offer) == ["deferred/1/quiet_hours"])
        let rows = try await harness.query(
            """
            select detail, extract(epoch from d.at - clock_timestamp())::integer / 60 as minutes
              from outrider.timeline($1) t, outrider.due d where d.job_id = $1 and t.event = 'deferred: quiet_hours'
            """, [.int(offer)])
        #expect(try rows.first?.string("detail") == "quiet hours siesta")
        #expect(try rows.first.map { (118...126).contains(try $0.int("minutes")) } == true)
    }

    @Test(
        "a provider that takes nothing for some seconds is hardly asked; then all go in seconds, an otp too")
    func tooManyRequests() async throws {
        let harness = try await Harness()
        harness.provider.limit(for: .seconds(4))
        try await harness.query(
            """
            insert into outrider.jobs (channel, address, body, category)
            select 'sms', '+4876000' || lpad(n::text, 4, '0'), 'x', 'transactional' from generate_series(1, 300) n
            """)
        try await harness.working {
            try await harness.eventually("what was under way is refused") { harness.provider.sent.count >= 3 }
            let code = try await harness.insert("channel, address, body, category", "'sms', '+48760009999', 'x', 'otp'")
            try await harness.eventually("all are accepted", within: .seconds(30)) {
                try await harness.query("select from outrider.events where status = 'accepted'").count == 301
            }
            let before = try await harness.query(
                """
                select from outrider.events where status = 'accepted' and job_id <> $1
                   and at < (select at - interval '5 seconds' from outrider.events where job_id = $1 and status = 'accepted')
                """, [.int(code)])
            #expect(before.isEmpty)
        }
        // The slots' sends, and a few tries.
        #expect(harness.provider.sent.count <= 301 + 80 + 16)
    }

    @Test("a recipient whom this sender may not reach is reached by another, and the sender goes on for others")
    func anotherSender() async throws {
        let harness = try await Harness()
        try await harness.query(
            "insert into outrider.senders (name, channel, address) values ('text2', 'sms', '+15005550007')")
        harness.provider.answer(.sms, Self.refused("21606"))
        let job = try await harness.insert("channel, address, body, category", "'sms', '+447700900001', 'x', 'otp'")
        try await harness.working {
            try await harness.eventually("it is sent") { harness.provider.sent.count == 2 }
        }
        let senders = try await harness.query(
            "select sender_id from outrider.events where job_id = $1 and kind = 'intent'", [.int(job)])
        #expect(Set(try senders.map { try $0.int("sender_id") }).count == 2)
        #expect(try await harness.query("select from outrider.senders where paused_until is not null").isEmpty)
    }

    @Test("without another sender the ladder goes on at once, and nobody else notices")
    func noOtherSender() async throws {
        let harness = try await Harness()
        harness.provider.answer(.sms, Self.refused("21703"))
        let job = try await harness.insert(
            "kind, ladder, phone, email, body, category",
            "'notify', 'standard', '+447700900002', 'a@example.com', 'x', 'alert'")
        try await harness.working {
            try await harness.eventually("the call is placed") { Self.channels(harness, of: job) == [.sms, .voice] }
            let other = try await harness.insert(
                "channel, address, body, category", "'sms', '+48600000093', 'x', 'otp'")
            try await harness.eventually("another text goes out") { !Self.channels(harness, of: other).isEmpty }
        }
        #expect(try await harness.query("select from outrider.senders where paused_until is not null").isEmpty)
    }

    @Test("a fault of the sender stops it after three jobs in a row, not after one")
    func configuration() async throws {
        let harness = try await Harness()
        harness.provider.answer(
            .sms, Self.refused("21212"), Self.refused("21212"), Self.refused("21212"), Self.refused("21212"),
            Self.refused("21212"), Self.refused("21212"))
        _ = try await harness.insert("channel, address, body, category", "'sms', '+48600000094', 'x', 'otp'")
        try await harness.working {
            try await harness.eventually("one job is refused again and again") { harness.provider.sent.count >= 3 }
            #expect(try await harness.query("select from outrider.senders where paused_until is not null").isEmpty)
            for person in [95, 96] {
                _ = try await harness.insert(
                    "channel, address, body, category", "'sms', '+486000000\(person)', 'x', 'otp'")
            }
            try await harness.eventually("three jobs have stopped it") {
                try await !harness.query("select from outrider.senders where paused_until > clock_timestamp()").isEmpty
            }
        }
    }

    @Test("what the provider took meanwhile is no success, what got through is: only then the refusals count anew")
    func refusalsInARow() async throws {
        let harness = try await Harness { $0.timing.firstPoll = .milliseconds(50) }
        harness.provider.answer(.sms, Self.refused("21212"), Self.refused("21212"))
        for person in [71, 72] {
            _ = try await harness.insert("channel, address, body", "'sms', '+486000000\(person)', 'x'")
        }
        let refused = "select cardinality(refused_jobs) as n from outrider.senders where name = 'text'"
        try await harness.working {
            try await harness.eventually("two were refused, then all is taken") {
                harness.provider.sent.count == 4
            }
            #expect(try await harness.query(refused)[0].int("n") == 2)
            let job = try await harness.insert("channel, address, body", "'sms', '+48600000073', 'x'")
            try await harness.eventually("another is taken") {
                try await harness.story(of: job).contains("answer/accepted")
            }
            let delivered = Receipt(
                status: "delivered", fact: .reached(.delivered), codeTable: .twilio, defaultClass: .unknown)
            harness.provider.tell("SM\(job)-1", .facts([delivered]))
            try await harness.eventually("it got through") { try await harness.outcome(of: job) == "delivered" }
            try await harness.eventually("the refusals are forgotten") {
                try await harness.query(refused)[0].int("n") == 0
            }
        }
    }

    @Test("a sender that was stopped goes on by itself when its pause is over")
    func goesOn() async throws {
        let harness = try await Harness()
        harness.provider.answer(.sms, Self.refused("20003"))
        let job = try await harness.insert("channel, address, body, category", "'sms', '+48600000074', 'x', 'alert'")
        try await harness.working {
            try await harness.eventually("it is stopped") {
                try await !harness.query("select from outrider.senders where paused_until > clock_timestamp()").isEmpty
            }
            let other = try await harness.insert(
                "channel, address, body, category", "'sms', '+48600000075', 'x', 'otp'")
            // The pause runs out; nobody else does anything.
            try await harness.query("update outrider.senders set paused_until = clock_timestamp()")
            try await harness.eventually("both are sent") {
                Set(harness.provider.sent.map(\.jobID)) == [job, other] && harness.provider.sent.count == 3
            }
        }
    }

    @Test("a free text that WhatsApp refuses is followed by the approved template, and then by nothing more of it")
    func template() async throws {
        let harness = try await Harness()
        try await harness.query(
            """
            insert into outrider.templates (name, channel, body, content_sid, content_variables)
            values ('note', 'whatsapp', 'Hello {{name}}', 'HX00000000000000000000000000000001', '{name}')
            """)
        try await harness.query(
            "insert into outrider.whatsapp_windows values ('+48600000097', '+15005550006', clock_timestamp())")
        let job = try await harness.insert(
            "channel, address, template, data, category",
            "'whatsapp', '+48600000097', 'note', '{\"name\": \"Ann\"}', 'alert'")
        try await harness.working {
            try await harness.eventually("the text is taken") {
                try await harness.story(of: job).contains("answer/accepted")
            }
            try await harness.receipt(job: job, generation: 1, status: "undelivered 63016", failure: .windowClosed)
            try await harness.eventually("the template goes") { harness.provider.sent.count == 2 }
            try await harness.eventually("it is taken") {
                try await harness.story(of: job).filter { $0 == "answer/accepted" }.count == 2
            }
            try await harness.receipt(job: job, generation: 2, status: "undelivered 63016", failure: .windowClosed)
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        #expect(harness.provider.templates == [false, true])
    }

    @Test("a job whose template was deleted is held with the remedy, and goes once both are given")
    func deletedTemplate() async throws {
        let harness = try await Harness()
        let insert = "insert into outrider.templates (name, channel, body) values ('note', 'sms', 'Hello')"
        try await harness.query(insert)
        let job = try await harness.insert(
            "channel, address, template, category", "'sms', '+48600000098', 'note', 'alert'")
        try await harness.query("delete from outrider.templates")
        try await harness.working {
            try await harness.eventually("it is held") { try await harness.story(of: job).contains("held/held") }
            try await harness.query(insert)
            try await harness.query("select outrider.release_held($1, false, 'the template is back')", [.int(job)])
            try await harness.eventually("it is sent") { harness.provider.sent.count == 1 }
        }
    }

    @Test("cancel ends a call that the provider has not placed yet")
    func cancel() async throws {
        let harness = try await Harness()
        let job = try await harness.insert(
            "channel, address, body, category", "'voice', '+48600000099', 'x', 'transactional'")
        try await harness.working {
            try await harness.eventually("the call is accepted") {
                try await harness.story(of: job).contains("answer/accepted")
            }
            let start = ContinuousClock.now
            try await harness.query("select outrider.cancel($1)", [.int(job)])
            try await harness.eventually("the call is ended") { harness.provider.cancelled == ["SM\(job)-1"] }
            print("cancel → the provider is told: \(ContinuousClock.now - start)")
        }
        #expect(try await harness.outcome(of: job) == "canceled")
    }

    @Test("a one-time password that is ten minutes late is not sent, unless its job says that it lives longer")
    func lifetime() async throws {
        let harness = try await Harness()
        let late = try await harness.insert(
            "channel, address, body, category, created_at",
            "'sms', '+48600000081', 'x', 'otp', clock_timestamp() - interval '8 hours'")
        let patient = try await harness.insert(
            "channel, address, body, category, created_at, expires_at",
            "'sms', '+48600000082', 'x', 'otp', clock_timestamp() - interval '8 hours', clock_timestamp() + interval '1 hour'"
        )
        try await harness.working {
            try await harness.eventually("both are settled") {
                try await harness.outcome(of: late) == "expired" && harness.provider.sent.map(\.jobID) == [patient]
            }
        }
        // The deadline is handed on to the provider.
        #expect(harness.provider.validities.allSatisfy { $0 <= .seconds(3_600) })
    }

    @Test("a message's validity ends with its job's deadline")
    func validity() async throws {
        let harness = try await Harness()
        _ = try await harness.insert(
            "channel, address, body, category, expires_at",
            "'sms', '+48600000083', 'x', 'otp', clock_timestamp() + interval '60 seconds'")
        try await harness.working {
            try await harness.eventually("it is sent") { harness.provider.sent.count == 1 }
        }
        #expect(harness.provider.validities.allSatisfy { $0 <= .seconds(60) && $0 > .seconds(1) })
    }

    @Test("what is asked for while its sender is disabled waits, and goes when it is enabled")
    func disabledSender() async throws {
        let harness = try await Harness()
        try await harness.query("update outrider.senders set enabled = false where name = 'text'")
        let job = try await harness.insert("channel, address, body, category", "'sms', '+48600000084', 'x', 'otp'")
        try await harness.working {
            let mail = try await harness.insert(
                "channel, address, subject, body, category", "'email', 'a@example.com', 'x', 'x', 'alert'")
            try await harness.eventually("others go") { !Self.channels(harness, of: mail).isEmpty }
            #expect(try await harness.story(of: job).isEmpty)
            try await harness.query("update outrider.senders set enabled = true where name = 'text'")
            try await harness.eventually("it goes") { !Self.channels(harness, of: job).isEmpty }
        }
        #expect(try await !harness.story(of: job).contains("held/held"))
    }
}
