import Delivery
import JobQueue
import Postgres
import Providers
import Testing
import Worker

@Suite("Ending what the provider still holds", .timeLimit(.minutes(5)))
struct CallEndTests {
    private static let person = "+48600000121"

    /// A ladder of a call and a mail, and a job of it whose call the provider has.
    private static func called(_ harness: Harness, answering: SendReading? = nil) async throws -> Int {
        try await harness.query(
            "select outrider.save_ladder('calls', '[{\"channel\":\"voice\"},{\"channel\":\"email\"}]')")
        if let answering { harness.provider.answer(.voice, answering) }
        return try await harness.insert(
            "kind, ladder, phone, email, body, subject, category",
            "'notify', 'calls', '\(person)', 'x@example.com', 'x', 'x', 'transactional'")
    }

    private static func isTaken(_ harness: Harness, _ job: Int) async throws -> Bool {
        try await harness.story(of: job).contains { $0.hasPrefix("answer/") }
    }

    @Test("STOP ends a call that the provider has queued; the job ends as opted out, and no other step follows")
    func stop() async throws {
        let harness = try await Harness()
        let job = try await Self.called(harness)
        try await harness.working {
            try await harness.eventually("the call is taken") { try await Self.isTaken(harness, job) }
            try await harness.query("select outrider.suppress('\(Self.person)')")
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        #expect(harness.provider.cancelled == ["SM\(job)-1"])
        #expect(try await harness.outcome(of: job) == "opted_out")
        #expect(harness.provider.sent.map(\.channel) == [.voice])
        let story = try await harness.story(of: job)
        #expect(story.contains("reconciled/asked to end/opted_out") && story.contains("reconciled/ended/opted_out"))
        #expect(try await harness.query("select from outrider.ends").isEmpty)
    }

    @Test("a call whose answer is lost is ended when its id becomes known")
    func lostAnswer() async throws {
        let harness = try await Harness { $0.timing.firstListing = .seconds(600) }
        let job = try await Self.called(harness, answering: .unknown(reason: "http_503"))
        try await harness.working {
            try await harness.eventually("its answer is lost") { try await Self.isTaken(harness, job) }
            try await harness.query("select outrider.cancel($1)", [.int(job)])
            try await harness.eventually("its end is tried") {
                try await harness.query("select from outrider.ends where tries > 0").count == 1
            }
            #expect(harness.provider.cancelled.isEmpty)
            // A callback names it.
            try await harness.query(
                """
                insert into outrider.events (job_id, generation, kind, status, channel, provider_id)
                values ($1, 1, 'receipt', 'ringing', 'voice', 'CA77')
                """, [.int(job)])
            try await harness.eventually("it is over") {
                try await harness.story(of: job).contains("reconciled/ended/canceled")
            }
        }
        #expect(harness.provider.cancelled == ["CA77"])
        #expect(try await harness.outcome(of: job) == "canceled")
    }

    @Test("a provider that does not answer is asked again; one that says too late is believed, and receipts decide")
    func tooLate() async throws {
        let harness = try await Harness()
        harness.provider.answerEnds(
            .unavailable(reason: "http_503", retryAfter: nil), .held("queued"), .tooLate("in-progress"))
        let job = try await Self.called(harness)
        try await harness.working {
            try await harness.eventually("the call is taken") { try await Self.isTaken(harness, job) }
            try await harness.query("select outrider.suppress('\(Self.person)')")
            try await harness.eventually("it is too late") {
                try await harness.story(of: job).contains("reconciled/too late/opted_out")
            }
            #expect(try await harness.outcome(of: job) == nil)
            try await harness.receipt(job: job, generation: 1, status: "answered", level: .answered)
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        #expect(harness.provider.cancelled == Array(repeating: "SM\(job)-1", count: 3))
        #expect(try await harness.outcome(of: job) == "delivered")
    }

    @Test("a campaign that is canceled ends its calls, and its jobs end as canceled")
    func campaign() async throws {
        let harness = try await Harness()
        try await harness.query(
            "select outrider.create_campaign('ring', channel => 'voice', body => 'x', category => 'transactional')")
        let job = try await harness.insert(
            "channel, address, template, campaign, category",
            "'voice', '\(Self.person)', 'outrider.campaign/1', 'ring', 'transactional'")
        try await harness.query("select outrider.start_campaign('ring'), outrider.feed_campaign(1)")
        try await harness.working {
            try await harness.eventually("the call is taken") { try await Self.isTaken(harness, job) }
            try await harness.query("select outrider.cancel_campaign('ring')")
            try await harness.eventually("the job ends") { try await harness.outcome(of: job) != nil }
        }
        #expect(harness.provider.cancelled == ["SM\(job)-1"])
        #expect(try await harness.outcome(of: job) == "canceled")
    }
}
