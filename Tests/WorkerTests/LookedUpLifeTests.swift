import Delivery
import JobQueue
import Postgres
import Providers
import Testing
import Worker

/// What a look-up comes to, in a job's whole life.
@Suite("Numbers that are looked up before a message", .timeLimit(.minutes(5)))
struct LookedUpLifeTests {
    private let number = "+48600000091"
    private let other = "+48600000092"

    private static func channels(_ harness: Harness, of job: Int) -> [Channel] {
        harness.provider.sent.filter { $0.jobID == job }.map(\.channel)
    }

    private func climb(_ harness: Harness, _ phone: String, _ category: String = "alert") async throws -> Int {
        try await harness.insert(
            "kind, ladder, phone, email, body, category",
            "'notify', 'standard', '\(phone)', 'a@example.com', 'x', '\(category)'")
    }

    private func detail(_ harness: Harness, of job: Int, _ event: String) async throws -> String? {
        try await harness.query(
            "select detail from outrider.timeline($1) where event = $2", [.int(job), .text(event)]
        ).first?.optionalString("detail")
    }

    private func first(_ job: Int, _ channel: Channel, _ harness: Harness) async throws {
        try await harness.eventually("its first message goes by \(channel)") {
            Self.channels(harness, of: job).first == channel
        }
    }

    @Test("a landline is called and not texted; it is asked about once in 90 days, and for categories that want it")
    func landline() async throws {
        let harness = try await Harness()
        harness.numbers.tell(number, [.lineType: .line(.landline)])
        try await harness.query("select outrider.set_lookup('alert', line_type => true, reason => 'test')")
        try await harness.working {
            let one = try await climb(harness, number)
            try await first(one, .voice, harness)
            #expect(try await harness.story(of: one).contains("answer/skipped/no_text_line"))
            let said = try await detail(harness, of: one, "answer: skipped")
            #expect(said?.contains("of the type landline") == true)
            try await first(try await climb(harness, number), .voice, harness)
            #expect(harness.numbers.asked.map(\.packages) == [[.lineType]])
            let days = try await harness.query(
                "select extract(epoch from good_until - clock_timestamp())::integer / 3600.0 as h from outrider.number_lookups"
            )
            #expect(try days.map { (2159.9...2160).contains(try $0.double("h")) } == [true])
            try await first(try await climb(harness, number, "transactional"), .sms, harness)
            #expect(harness.numbers.asked.count == 1)
            try await harness.query("update outrider.number_lookups set good_until = clock_timestamp()")
            harness.numbers.tell(number, [.lineType: .line(.mobile)])
            try await first(try await climb(harness, number), .sms, harness)
            #expect(harness.numbers.asked.count == 2)
        }
    }

    @Test("why says what the line is and what helps, and a number may be looked up again at once")
    func why() async throws {
        let harness = try await Harness()
        harness.numbers.tell(number, [.lineType: .line(.pager)])
        try await harness.query("select outrider.set_lookup('otp', line_type => true)")
        try await harness.working {
            let text = {
                try await harness.insert("channel, address, body, category", "'sms', '\(number)', 'x', 'otp'")
            }
            let job = try await text()
            try await harness.eventually("it ends") { try await harness.outcome(of: job) == "exhausted" }
            let why = try await harness.query("select outrider.why($1) as v", [.int(job)])[0].string("v")
            #expect(why.contains("takes no texts") && why.contains("outrider.forget_lookup"), "\(why)")
            let forgotten = try await harness.query("select outrider.forget_lookup('\(number)', 'it is a mobile') as n")
            #expect(try forgotten[0].int("n") == 1)
            harness.numbers.tell(number, [.lineType: .line(.mobile)])
            try await first(try await text(), .sms, harness)
        }
    }

    @Test(
        "a number of too high a risk gets nothing by phone, and its mail goes; one of the highest that is allowed is sent"
    )
    func risky() async throws {
        let harness = try await Harness()
        harness.numbers.tell(number, [.risk: .risk(76)])
        harness.numbers.tell(other, [.risk: .risk(75)])
        try await harness.query("select outrider.set_lookup('alert', line_type => false, holds_over => 75)")
        try await harness.working {
            let held = try await climb(harness, number)
            try await first(held, .email, harness)
            #expect(try await harness.story(of: held).contains("answer/skipped/risky_number"))
            #expect(
                try await detail(harness, of: held, "answer: skipped")?.contains(
                    "Lookup gives it a risk of 76; alert goes up to 75") == true)
            try await first(try await climb(harness, other), .sms, harness)
            let call = try await harness.insert(
                "channel, address, body, category", "'voice', '\(number)', 'x', 'alert'")
            try await harness.eventually("it ends") { try await harness.outcome(of: call) == "exhausted" }
            #expect(harness.numbers.asked.map(\.number) == [number, other])
        }
    }

    @Test("a VoIP line is marked on the timeline of what is sent to it, whether it was asked about now or before")
    func voip() async throws {
        let harness = try await Harness()
        harness.numbers.tell(number, [.lineType: .line(.nonFixedVoip)])
        try await harness.query("select outrider.set_lookup('alert', line_type => true)")
        try await harness.working {
            for _ in 1...2 {
                let job = try await climb(harness, number)
                try await harness.eventually("it is accepted") {
                    try await harness.story(of: job).contains("answer/accepted")
                }
                let said = try await detail(harness, of: job, "answer: accepted")
                #expect(said?.contains("a line of the type nonFixedVoip") == true, "\(said ?? "")")
            }
        }
        #expect(harness.numbers.asked.count == 1)
    }

    @Test("a number that cannot be looked up is sent to as if there were no rule, and not asked about for ten minutes")
    func failsOpen() async throws {
        let harness = try await Harness()
        harness.numbers.tell(number, .unavailable(code: "http_503", isRateLimited: false, retryAfter: nil))
        try await harness.query("select outrider.set_lookup('alert', line_type => true, holds_over => 0)")
        try await harness.working {
            for _ in 1...2 { try await first(try await climb(harness, number), .sms, harness) }
            #expect(harness.numbers.asked.count == 1)
            let kept = try await harness.query(
                """
                select distinct code, ceil(extract(epoch from good_until - clock_timestamp()) / 60)::integer as minutes
                  from outrider.number_lookups where found is null
                """)
            #expect(try kept.map { "\(try $0.string("code")) \(try $0.int("minutes"))" } == ["http_503 10"])
            let status = try await harness.query("select unanswered, code from outrider.lookup_status()")
            #expect(try status.map { try $0.int("unanswered") } == [2])
            try await harness.query("update outrider.number_lookups set good_until = clock_timestamp()")
            harness.numbers.tell(number, [.lineType: .line(.uan), .risk: .risk(0)])
            try await first(try await climb(harness, number), .voice, harness)
            #expect(harness.numbers.asked.count == 2)
        }
    }

    @Test("a number that Lookup does not know gets nothing by phone, as one that cannot exist")
    func invalid() async throws {
        let harness = try await Harness()
        harness.numbers.tell(number, [.lineType: .invalid])
        try await harness.query("select outrider.set_lookup('alert', line_type => true)")
        try await harness.working {
            let job = try await climb(harness, number)
            try await first(job, .email, harness)
            #expect(try await harness.story(of: job).contains("answer/skipped/invalid_number"))
            #expect(
                try await detail(harness, of: job, "answer: skipped")?.contains("there is no such number") == true)
        }
    }

    @Test("nothing is looked up until an operator says so, and nothing any more once it is taken back")
    func off() async throws {
        let harness = try await Harness()
        try await harness.working {
            try await first(try await climb(harness, number), .sms, harness)
            try await harness.query("select outrider.set_lookup('alert', true), outrider.set_lookup('alert', false)")
            try await first(try await climb(harness, number), .sms, harness)
        }
        #expect(harness.numbers.asked.isEmpty)
        let kept = try await harness.query(
            "select subject from outrider.contact_rule_events where what = 'lookup set' and subject = 'alert'")
        #expect(kept.count == 2)
    }
}
