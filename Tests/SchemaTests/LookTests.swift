import Postgres
import Schema
import Testing

@Suite("What a look for work costs", .timeLimit(.minutes(5)))
struct LookTests {
    /// Four senders, and lanes of as many campaigns, of which the first ten lanes have work.
    private static func lanes(campaigns: Int) -> String {
        """
        insert into outrider.senders (name, channel, address)
        select 's' || n, 'sms', '+1555000000' || n from generate_series(1, 4) n;
        insert into outrider.campaigns (tenant, name) select 'default', 'c' || n from generate_series(1, \(campaigns)) n;
        insert into outrider.lanes (purpose, priority, sender_id, tenant, campaign_id)
        select 'send', 3, s, 'default', c from generate_series(1, \(campaigns)) c, generate_series(1, 4) s;
        create table public.with_work as
        select id from outrider.lanes where campaign_id is not null order by hashtext(id::text) limit 10
        """
    }

    private static func rows(in lanes: String) -> String {
        """
        insert into outrider.due (at, job_id, lane, reason, step, generation)
        select clock_timestamp(), n, id, 'dispatch', 0, 1 from (\(lanes)) l, generate_series(1, 100) n
        """
    }

    /// Pages of one look over the whole index.
    private static func pages(_ stand: Stand) async throws -> Double {
        try await stand.worker.run(script: "prepare looking as \(Schema.statement("look").sql)")
        // The first one marks what is dead, as the first one ever does.
        _ = try await stand.worker.explain("looking('{0}', '{0}', '{0}', '{2147483647}')")
        return try await stand.worker.explain("looking('{0}', '{0}', '{0}', '{2147483647}')").pages
    }

    private static func pages(campaigns: Int, emptied: Bool = false) async throws -> Double {
        var pages = 0.0
        try await Stand.with { stand in
            try await stand.run(lanes(campaigns: campaigns))
            if emptied {
                try await stand.run(rows(in: "select id from outrider.lanes where campaign_id is not null"))
                try await stand.run("delete from outrider.due")
                try await stand.run("vacuum outrider.due")
            }
            try await stand.run(rows(in: "select id from public.with_work"))
            try await stand.run("analyze")
            pages = try await Self.pages(stand)
            // A vacuum leaves what a snapshot of that moment may still see, such as that of an automatic analyze.
            for _ in 0..<5 where emptied {
                try await stand.run("vacuum outrider.due")
                pages = min(pages, try await stand.worker.explain("looking('{0}', '{0}', '{0}', '{2147483647}')").pages)
            }
        }
        return pages
    }

    @Test("of 4,000 campaign lanes ten with work cost at most twice what ten lanes cost alone")
    func idleLanes() async throws {
        let few = try await Self.pages(campaigns: 3)
        #expect(few > 10)
        #expect(try await Self.pages(campaigns: 1_000) <= 2 * few)
        #expect(try await Self.pages(campaigns: 1_000, emptied: true) <= 2 * few)
    }
}
