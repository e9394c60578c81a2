import Postgres
import TestDatabase
import Testing

@testable import Insight

@Suite("What is kept of a campaign in files, and of a click", .timeLimit(.minutes(5)))
struct CampaignFileTests {
    private let pool: PostgresPool

    init() async throws {
        let url = try await PostgresServer.migratedDatabase()
        pool = PostgresPool(PostgresConfiguration(url: url, poolSize: 4, queryDeadline: .seconds(60)))
        try await pool.run(
            script: """
                insert into outrider.senders (name, channel, address) values ('text', 'sms', '+15005550006');
                select outrider.create_campaign('spring & <summer>', channel => 'sms', body => 'x')
                """)
    }

    private func report() async throws -> CampaignReport {
        try #require(try await Campaigns(pool).report(id: 1))
    }

    @Test(
        "a field of a CSV file is quoted where it must be, scalar by scalar",
        arguments: [
            ("plain", "plain"), ("a,b", "\"a,b\""), ("a\nb", "\"a\nb\""), ("a\r\nb", "\"a\r\nb\""), ("\"", "\"\"\"\""),
            // One `Character` with the mark behind it, and still the end of the field for who reads it.
            ("a\"\u{301}b", "\"a\"\"\u{301}b\""),
        ])
    func fields(_ key: String, _ written: String) async throws {
        try await pool.run(
            script:
                "insert into outrider.jobs (channel, address, body, campaign) values ('sms', '+15005550101', 'x', 'spring & <summer>')"
        )
        let statement = Statement(
            name: "test.key", sql: "update outrider.jobs set metadata = jsonb_build_object('key', $1::text)")
        try await pool.execute(statement, [.text(key)])
        let people = try await Campaigns(pool).people(of: CampaignName("spring & <summer>"), after: 0, limit: 10)
        #expect(people.map(\.csv) == ["1,\(written),1,,queued,,sms,,"])
    }

    @Test("a chart shows both courses from the first minute to the last, to scale, and nothing of its name is markup")
    func chart() async throws {
        #expect(CampaignChart(try await report()) == nil)
        try await pool.run(
            script: """
                insert into outrider.campaign_minutes (campaign_id, minute, begun, attempts, ended)
                select 1, '2026-11-26 10:00Z'::timestamptz + make_interval(mins => n), 100 - 10 * n, 1, 5 * n from generate_series(0, 10) n
                """)
        let chart = try #require(CampaignChart(try await report()))
        for text in [chart.inline, chart.file] {
            #expect(text.contains("points=\"56,30 145.2,50 "))  // begun
            #expect(text.contains("points=\"56,230 145.2,220 ") && text.contains(" 948,130\""))  // done
            #expect(text.contains(">100</text>") && text.contains(">50</text>") && text.contains(">10:05</text>"))
            #expect(text.contains("2026-11-26 10:00 to 2026-11-26 10:10"))
            #expect(text.contains("spring &amp; &lt;summer&gt;") && !text.contains("<summer>"))
        }
        #expect(chart.file.contains("xmlns=\"http://www.w3.org/2000/svg\""))
    }

    @Test("of many that come at once with one click, one acts; where it fails, the next may")
    func clicks() async throws {
        let statement = Statement(
            name: "test.deed", sql: "select outrider.note_campaign(1, 'did', null)")
        let click = Click(person: "ann", id: "one")
        await #expect(throws: PostgresError.self) {
            try await click.act(through: pool) { transaction throws(PostgresError) in
                try await transaction.execute(statement)
                try await transaction.run(script: "select 1/0")
            }
        }
        let done = try await withThrowingTaskGroup(of: Bool.self) { tasks in
            for _ in 0..<8 {
                tasks.addTask {
                    let result: Int? = try await click.act(through: pool) { transaction throws(PostgresError) in
                        try await transaction.execute(statement)
                    }
                    return result != nil
                }
            }
            return try await tasks.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(done == 1)
        let other: Int? = try await Click(person: nil, id: "two").act(through: pool) {
            transaction throws(PostgresError) in
            try await transaction.execute(statement)
        }
        #expect(other != nil)
        let deeds = try await report().history.filter { $0.what == "did" }
        #expect(deeds.map(\.person) == ["", "ann"])
        #expect(deeds.map(\.who) == ["postgres", "ann by postgres"])
    }
}
