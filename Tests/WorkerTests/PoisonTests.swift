import JobQueue
import Metrics
import MetricsTestKit
import Postgres
import TestDatabase
import Testing

@testable import Worker

/// One row, whatever is wrong with it, costs its own job only.
///
/// One test after the other: the counter of unreadable rows belongs to the whole process.
@Suite("Poison among the rows", .serialized, .timeLimit(.minutes(5)))
struct PoisonTests {
    @Test("of sixty rows one cannot be read: the other 59 are sent, and it is held with its reason and counted")
    func oneOfSixty() async throws {
        let counted = try CountedMetrics.unreadable
        let harness = try await Harness()
        try await harness.query(
            "alter table outrider.jobs drop constraint category_must_be_otp_alert_transactional_or_marketing")
        try await harness.query(
            """
            insert into outrider.jobs (channel, address, body, priority)
            select 'sms', '+4860000' || lpad(n::text, 4, '0'), 'x', 3 from generate_series(1, 60) n
            """)
        try await harness.query("update outrider.jobs set category = 'divine' where id = 30")
        try await harness.working {
            try await harness.eventually("59 are sent") { harness.provider.sent.count == 59 }
            try await harness.eventually("one is held") { try await harness.story(of: 30) == ["held/held"] }
        }
        #expect(Set(harness.provider.sent.map(\.jobID)) == Set(1...60).subtracting([30]))
        let held = try await harness.query("select reason from outrider.events where kind = 'held'")
        #expect(
            try held.map { try $0.string("reason") } == [
                "its row cannot be read: category: a word this version does not know"
            ])
        #expect(try CountedMetrics.unreadable == counted + 1)
    }

    @Test("a row that takes too long to read is held once it is alone; those beside and behind it are sent")
    func slowRow() async throws {
        var impatientHarness = try await Harness()
        // A take has a second, instead of five.
        let impatient = PostgresPool(
            PostgresConfiguration(
                url: impatientHarness.pool.configuration.url, poolSize: 6, queryDeadline: .seconds(1)))
        impatientHarness.store = JobStore(pool: impatient)
        let harness = impatientHarness
        try await harness.query(
            """
            insert into outrider.jobs (channel, address, body, category)
            select 'sms', '+4871000' || lpad(n::text, 4, '0'), 'x', 'transactional' from generate_series(1, 64) n
            """)
        try await harness.pool.run(
            script: """
                create or replace function outrider.one_spelling(address text) returns text
                    language plpgsql immutable as $$
                begin
                    if address = '+48710000007' then perform pg_sleep(60); end if;
                    return address;
                end $$
                """)
        try await harness.working {
            try await harness.eventually("63 are sent") { harness.provider.sent.count == 63 }
            let code = try await harness.insert("channel, address, body, category", "'sms', '+48720000001', 'x', 'otp'")
            try await harness.eventually("the slow one is held") { try await harness.story(of: 7) == ["held/held"] }
            try await harness.eventually("a one-time password is sent") {
                harness.provider.sent.contains { $0.jobID == code }
            }
        }
        let held = try await harness.query("select job_id, reason from outrider.events where kind = 'held'")
        #expect(try held.map { try $0.int("job_id") } == [7])
        #expect(try held.allSatisfy { try $0.string("reason").hasPrefix("its row could not be read in time: ") })
        await impatient.close()
    }

    @Test("64 jobs of the largest size that is allowed are sent, and none is held")
    func largest() async throws {
        let harness = try await Harness()
        try await harness.query(
            """
            insert into outrider.jobs (channel, address, subject, body, data, metadata)
            select 'email', 'ann' || n || '@example.com', 'x', repeat(U&'\\+01F600', 99990) || n,
                   jsonb_build_object('a', repeat('x', 65520)), jsonb_build_object('a', repeat('x', 65520))
              from generate_series(1, 64) n
            """)
        try await harness.working {
            try await harness.eventually("all are sent") { harness.provider.sent.count == 64 }
        }
        #expect(try await harness.query("select from outrider.events where kind = 'held'").isEmpty)
    }

    @Test("rows that send nothing cost nothing of a sender's rate: the living behind them are sent in seconds")
    func deadRows() async throws {
        let harness = try await Harness()
        try await harness.query("update outrider.senders set rate_per_second = 10 where name = 'text'")
        try await harness.query("select outrider.suppress('+48730000001')")
        // At the sender's rate the dead alone would take five minutes.
        try await harness.query(
            """
            insert into outrider.jobs (channel, address, body)
            select 'sms', case when n > 3000 then '+4874' || lpad(n::text, 7, '0') else '+48730000001' end, 'x ' || n
              from generate_series(1, 3030) n order by n
            """)
        try await harness.query("select outrider.cancel(id) from outrider.jobs where id <= 1500")
        try await harness.working {
            try await harness.eventually("the living are sent", within: .seconds(60)) {
                harness.provider.sent.count == 30
            }
        }
        #expect(harness.provider.sent.allSatisfy { $0.jobID > 3000 })
        let outcomes = try await harness.query(
            "select code, count(*) as n from outrider.events where kind = 'outcome' group by code order by code")
        #expect(
            try outcomes.map { "\(try $0.string("code")) \(try $0.int("n"))" } == ["canceled 1500", "opted_out 1500"])
    }
}

/// What the worker counts in this process.
private enum CountedMetrics {
    private static let metrics = {
        let metrics = TestMetrics()
        MetricsSystem.bootstrap(metrics)
        return metrics
    }()

    static var unreadable: Int64 {
        get throws {
            let metrics = metrics
            WorkerMetrics.unreadable(0)
            return try metrics.expectCounter("outrider.jobs.unreadable").totalValue
        }
    }
}
