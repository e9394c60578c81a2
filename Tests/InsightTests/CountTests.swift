import Postgres
import TestDatabase
import Testing

@testable import Insight

@Suite("Figures", .timeLimit(.minutes(5)))
struct CountTests {
    let url: String
    let pool: PostgresPool
    var overview: Overview { Overview(pool, deadline: .seconds(30)) }

    init() async throws {
        url = try await PostgresServer.migratedDatabase()
        pool = PostgresPool(PostgresConfiguration(url: url, poolSize: 2, queryDeadline: .seconds(60)))
        try await pool.run(
            script: "insert into outrider.senders (name, channel, address) values ('text', 'sms', '+15005550006')")
    }

    /// A lane of its own for each campaign.
    private func fill(_ count: Int, campaign: String, at: String, firstJob: Int, reason: String = "dispatch")
        async throws
    {
        try await pool.run(
            script: """
                insert into outrider.campaigns (tenant, name) values ('default', '\(campaign)') on conflict do nothing;
                insert into outrider.lanes (purpose, priority, sender_id, campaign_id)
                select 'send', 3, 1, id from outrider.campaigns where name = '\(campaign)' on conflict do nothing;
                insert into outrider.due (at, job_id, lane, reason, step, generation)
                select \(at), n, l.id, '\(reason)', 0, 1
                  from generate_series(\(firstJob), \(firstJob + count - 1)) n,
                       outrider.lanes l join outrider.campaigns c on c.id = l.campaign_id where c.name = '\(campaign)';
                """)
    }

    private func states() async throws -> [String: Summary.StateCount] {
        Dictionary(uniqueKeysWithValues: try await overview.summary(recentJobs: 0).states.map { ($0.state, $0) })
    }

    @Test("a large campaign for next month hides nothing that is due now: each lane is counted, what is due first")
    func large() async throws {
        try await fill(110_000, campaign: "big", at: "now() + interval '20 days'", firstJob: 1)
        try await fill(5_000, campaign: "big", at: "now() - interval '1 second'", firstJob: 200_001)
        try await fill(80_000, campaign: "other", at: "now() + interval '5 days'", firstJob: 300_001)
        let states = try await states()
        #expect(states["queued"] == .init(state: "queued", count: 5_000, isExact: true))
        #expect(states["scheduled"]?.isExact == false)
        #expect(states["scheduled"].map { $0.count >= 10_000 } == true)
        #expect(states["waiting"] == .init(state: "waiting", count: 0, isExact: true))
    }

    @Test("below the bound every figure is exact, and timers of ended jobs do not count")
    func exact() async throws {
        try await fill(9_999, campaign: "one", at: "now() - interval '1 second'", firstJob: 1)
        try await fill(3, campaign: "one", at: "now() + interval '1 day'", firstJob: 20_001, reason: "resume")
        try await pool.run(
            script: """
                insert into outrider.due (at, job_id, lane, reason, step, generation)
                select now() + interval '1 hour', n, 7, 'receipt', 0, 1 from generate_series(30001, 30100) n;
                insert into outrider.events (job_id, generation, kind, status, code)
                select n, 0, 'outcome', 'ended', 'delivered' from generate_series(30001, 30090) n
                """)
        let states = try await states()
        #expect(states["queued"] == .init(state: "queued", count: 9_999, isExact: true))
        #expect(states["deferred"] == .init(state: "deferred", count: 3, isExact: true))
        #expect(states["waiting"] == .init(state: "waiting", count: 10, isExact: true))
    }

    @Test("jobs of campaigns that have no due row yet count as queued, or as scheduled before their time")
    func unfed() async throws {
        try await pool.run(
            script: """
                insert into outrider.jobs (channel, address, body, campaign, run_at)
                select 'sms', '+1555' || lpad(n::text, 7, '0'), 'x', 'one', case when n > 7 then now() + interval '1 day' end
                  from generate_series(1, 12) n;
                insert into outrider.jobs (channel, address, body, campaign) values ('sms', '+15550000001', 'x', 'two');
                select outrider.cancel_campaign('two')
                """)
        let states = try await states()
        #expect(states["queued"] == .init(state: "queued", count: 7, isExact: true))
        #expect(states["scheduled"] == .init(state: "scheduled", count: 5, isExact: true))
    }

    @Test("with many lanes, the small ones are counted whole, and the share of the others grows by what these leave")
    func shares() async throws {
        for lane in 1...30 { try await fill(7, campaign: "small \(lane)", at: "now()", firstJob: lane * 100) }
        try await fill(20_000, campaign: "big", at: "now() + interval '1 day'", firstJob: 100_001)
        let states = try await states()
        #expect(states["queued"] == .init(state: "queued", count: 210, isExact: true))
        #expect(states["scheduled"].map { $0.count >= 900 && !$0.isExact } == true)
    }

    @Test("how jobs ended is tallied, exact with what has ended since, and a late commit is not missed")
    func outcomes() async throws {
        try await pool.run(
            script: """
                insert into outrider.events (job_id, generation, kind, status, code, channel, at)
                select n, 0, 'outcome', 'ended', 'delivered', 'sms', clock_timestamp() - n * interval '1 second'
                  from generate_series(5, 30004) n
                """)
        #expect(try await ended() == [.init(outcome: "delivered", channel: "sms", count: 20_001, isExact: false)])
        let late = try await pool.transaction { transaction in
            // Its events are older than the tally's watch, and are committed after it.
            _ = try await transaction.execute(Self.end, [.int(40_001)])
            for _ in 0..<3 { try await tallyOnce() }
            return try await overview.summary().outcomes
        }
        #expect(late.first?.count == 20_001)
        try await tallied {
            try await ended() == [.init(outcome: "delivered", channel: "sms", count: 30_001, isExact: true)]
        }
        _ = try await pool.execute(Self.end, [.int(40_002)])
        #expect(try await ended() == [.init(outcome: "delivered", channel: "sms", count: 30_002, isExact: true)])
    }

    private static let end = Statement(
        name: "end",
        sql:
            "insert into outrider.events (job_id, generation, kind, status, code, channel) values ($1, 0, 'outcome', 'ended', 'delivered', 'sms')"
    )
    /// The watch of a tally lies a second back: moved on by hand, so that a test need not wait.
    private static let tally = Statement(name: "tally_by_hand", sql: "select outrider.tally(7000) as has_more")

    private func tallyOnce() async throws {
        _ = try await pool.fetch(Self.tally)
        try await pool.run(
            script: "update outrider.tallying set watched_until = clock_timestamp() where watched_before is not null")
    }

    /// Until a condition holds: a transaction of any database of the server holds a tally up.
    private func tallied(until isDone: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(60)
        repeat {
            try #require(ContinuousClock.now < end)
            try await tallyOnce()
        } while try await !isDone()
    }

    private func ended() async throws -> [Summary.OutcomeCount] { try await overview.summary().outcomes }

    @Test("a clock that went back makes what was tallied for times to come count again")
    func clockBack() async throws {
        try await pool.run(
            script: """
                insert into outrider.events (job_id, generation, kind, status, code, channel)
                values (1, 0, 'outcome', 'ended', 'expired', 'sms');
                update outrider.tallying set outcomes_until = now() + interval '1 hour';
                insert into outrider.outcome_tallies values (now() + interval '1 hour', 'expired', 'sms', 1)
                """)
        #expect(try await ended() == [.init(outcome: "expired", channel: "sms", count: 1, isExact: true)])
        let tallies = Statement(
            name: "tallies", sql: "select count(*) as n from outrider.outcome_tallies where until < now()")
        try await tallied { try await pool.fetch(tallies)[0].int("n") == 1 }
        #expect(try await ended() == [.init(outcome: "expired", channel: "sms", count: 1, isExact: true)])
    }

    @Test("held jobs are counted from the first that still waits, however many were released before it")
    func held() async throws {
        try await pool.run(
            script: """
                insert into outrider.events (job_id, generation, kind, status, at)
                select n, 1, 'held', 'held', clock_timestamp() - interval '1 hour' + n * interval '1 millisecond'
                  from generate_series(1, 12000) n;
                insert into outrider.events (job_id, generation, kind, status)
                select n, 1, 'released', 'sent' from generate_series(1, 11997) n
                """)
        #expect(try await states()["held"]?.isExact == false)
        try await tallied { try await states()["held"] == .init(state: "held", count: 3, isExact: true) }
    }

    @Test("few suppressions are counted at the look, many by a worker")
    func suppressions() async throws {
        let add =
            "insert into outrider.suppressions (address, channel, reason, source) select '+1' || n, 'sms', 't', 't' from generate_series"
        try await pool.run(script: "\(add)(1, 100) n")
        #expect(try await suppressed() == .init(channel: "sms", count: 100, isExact: true))
        try await pool.run(script: "\(add)(101, 25000) n")
        try await pool.run(script: "select outrider.tally_suppressions()")
        #expect(try await suppressed() == .init(channel: "sms", count: 25_000, isExact: false))
    }

    @Test("a person who is suppressed for several reasons, or for several tenants, counts once")
    func suppressedTwice() async throws {
        try await pool.run(
            script: """
                insert into outrider.suppressions (tenant, address, channel, reason, source)
                select tenant, '+1' || n, 'sms', reason, 't'
                  from generate_series(1, 100) n, unnest(array['stop', 'provider 21610']) reason, unnest(array['', 'shop']) tenant
                """)
        #expect(try await suppressed() == .init(channel: "sms", count: 100, isExact: true))
        try await pool.run(
            script: """
                insert into outrider.suppressions (address, channel, reason, source)
                select '+1' || n, 'sms', reason, 't' from generate_series(101, 9000) n, unnest(array['a', 'b', 'c']) reason
                """)
        try await pool.run(script: "select outrider.tally_suppressions()")
        #expect(try await suppressed() == .init(channel: "sms", count: 9_000, isExact: false))
    }

    private func suppressed() async throws -> Summary.SuppressionCount? {
        try await overview.summary().suppressions.first { $0.channel == "sms" }
    }

    @Test("a figure that is late is left out and named, and the others are shown")
    func late() async throws {
        let holder = PostgresPool(PostgresConfiguration(url: url, poolSize: 1, queryDeadline: .seconds(30)))
        try await holder.transaction { transaction in
            try await transaction.run(script: "lock table outrider.outcome_tallies in access exclusive mode")
            let summary = try await Overview(pool, deadline: .seconds(15)).summary()
            #expect(summary.uncounted == [.outcomes])
            #expect(summary.states.count == 8)
        }
        await holder.close()
        #expect(try await overview.summary().uncounted == [])
    }
}
