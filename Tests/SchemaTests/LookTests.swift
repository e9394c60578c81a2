import Delivery
import JobQueue
import Postgres
import Schema
import Testing

@testable import Worker

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

    /// What a loop asks for that has taken from every lane of a campaign, and then for a minute seen those with work alone.
    private static func segments(_ stand: Stand) async throws -> [LaneSegment] {
        func lanes(_ name: String, _ sql: String) async throws -> [LaneState] {
            try await stand.admin.fetch(Statement(name: name, sql: sql)).map { row in
                LaneState(lane: Lane(rawValue: try row.int("id")), purpose: .send, priority: 3)
            }
        }
        let all = try await lanes("lanes", "select id from outrider.lanes where campaign_id is not null")
        let busy = try await lanes("busy", "select id from public.with_work")
        var book = LaneBook(priorities: 0...3)
        for lane in all + all {
            let last = DueKey(atMicroseconds: 1_000_000, jobID: 1)
            book.took(lane, limit: 1, last: last, isMostlyDead: false, oldest: 11, next: 11, batch: 200)
        }
        for seen in [all, busy] {
            _ = book.turns(LaneSurvey(present: Instant(microseconds: 2_000_000), lanes: seen))
            book.tidy()
        }
        return book.segments(sweeping: false)
    }

    /// Pages of one look.
    private static func pages(_ stand: Stand, _ segments: [LaneSegment]) async throws -> Double {
        func array(_ number: (LaneSegment) -> Int) -> String {
            "'{\(segments.map { String(number($0)) }.joined(separator: ","))}'"
        }
        let (lanes, ends) = (array { $0.lane.rawValue }, array { $0.until.rawValue })
        let (times, jobs) = (array { $0.after.atMicroseconds }, array { $0.after.jobID })
        return try await stand.worker.explain("looking(\(lanes), \(times), \(jobs), \(ends))").pages
    }

    private static let whole = [LaneSegment(lane: Lane(rawValue: -1), after: .start, until: .end)]

    /// - Parameter emptied: whether all lanes had rows before, and a loop that served them looks.
    private static func pages(campaigns: Int, emptied: Bool = false) async throws -> Double {
        var pages = 0.0
        try await Stand.with { stand in
            try await stand.run(lanes(campaigns: campaigns))
            if emptied {
                // An automatic vacuum or analyze would hold back the one below.
                try await stand.run("alter table outrider.due set (autovacuum_enabled = false)")
                try await stand.run(rows(in: "select id from outrider.lanes where campaign_id is not null"))
                try await stand.run("delete from outrider.due")
                try await stand.run("vacuum outrider.due")
            }
            try await stand.run(rows(in: "select id from public.with_work"))
            try await stand.run("analyze")
            try await stand.worker.run(script: "prepare looking as \(Schema.statement("look").sql)")
            // The first one marks what is dead, as the first one ever does.
            _ = try await Self.pages(stand, whole)
            pages = try await Self.pages(stand, whole)
            guard emptied else { return }
            // A vacuum leaves what a snapshot of that moment may still see, such as that of an automatic analyze.
            let ofLoop = try await segments(stand)
            pages = .infinity
            for _ in 0..<20 {
                try await stand.run("vacuum outrider.due")
                pages = min(pages, max(try await Self.pages(stand, whole), try await Self.pages(stand, ofLoop)))
            }
        }
        return pages
    }

    @Test(
        "of 4,000 campaign lanes ten with work cost at most twice what ten lanes cost alone, also a loop that served all"
    )
    func idleLanes() async throws {
        let few = try await Self.pages(campaigns: 3)
        #expect(few > 10)
        #expect(try await Self.pages(campaigns: 1_000) <= 2 * few)
        #expect(try await Self.pages(campaigns: 1_000, emptied: true) <= 2 * few)
    }
}
