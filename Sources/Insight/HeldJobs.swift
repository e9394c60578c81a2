import Delivery
import Foundation
public import Postgres

/// Reads what waits for a person.
public struct HeldJobs: Sendable {
    private let database: PostgresPool

    public init(_ database: PostgresPool) {
        self.database = database
    }

    /// Those that wait longest come first.
    /// - Parameter limit: 1 to 1,000.
    public func oldest(_ limit: Int) async throws(PostgresError) -> [HeldJob] {
        var jobs: [HeldJob] = []
        for row in try await database.fetch(.heldJobs, [.int(limit)]) { jobs.append(try HeldJob(row)) }
        return jobs
    }

    /// Says for a held job what nobody could know; audited under the login's name.
    /// - Returns: what follows, in words.
    /// - Throws: with SQLSTATE P0002 when there is no such job, 55000 when it is not held.
    public func release(job: Int, asSent: Bool, reason: String) async throws(PostgresError) -> String {
        try await database.fetch(.releaseHeld, [.int(job), .bool(asSent), .text(reason)]).first?.string("result") ?? ""
    }
}

extension HeldJob {
    fileprivate init(_ row: Row) throws(PostgresError) {
        let channel = try row.string("channel")
        let address = try row.string("address")
        let shape = channel == "email" ? Redaction.emailAddress(address) : Redaction.phoneNumber(address)
        let json = Data(try row.string("evidence").utf8)
        self.init(
            job: try row.int("job_id"), tenant: try row.string("tenant"), category: try row.string("category"),
            ladder: try row.string("ladder"), attempt: try row.int("generation"), step: try row.int("step"),
            channel: channel, sender: try row.string("sender"), address: shape.description,
            heldAt: try row.string("held_at"), reason: try row.string("reason"),
            evidence: (try? JSONDecoder().decode([Evidence].self, from: json)) ?? [])
    }
}

extension Statement {
    /// Held, not released, not ended, with everything recorded about the attempt.
    static let heldJobs = Statement(
        name: "held.list",
        sql: """
            select h.job_id, h.generation, coalesce(h.step, 0)::integer as step, j.tenant, j.category,
                   coalesce(j.ladder, '') as ladder, coalesce(h.channel, j.channel, '') as channel,
                   coalesce(s.name, '') as sender, coalesce(h.reason, '') as reason,
                   coalesce(case coalesce(h.channel, j.channel) when 'email' then coalesce(j.address, j.email)
                                 else coalesce(j.address, j.phone) end, '') as address,
                   to_char(h.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as held_at,
                   (select coalesce(jsonb_agg(jsonb_build_object(
                               'at', to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                               'event', e.kind || ': ' || e.status,
                               'detail', concat_ws('; ', e.reason, 'code ' || e.code, 'class ' || e.class, e.provider_id,
                                                   'worker ' || e.worker)) order by e.at, e.kind), '[]')
                      from outrider.events e
                     where e.job_id = h.job_id and e.generation = h.generation and e.kind <> 'held')::text as evidence
              from outrider.events h
              cross join lateral (select * from outrider.jobs where id = h.job_id offset 0) j
              left join outrider.senders s on s.id = h.sender_id
             where h.kind = 'held'
               and not exists (select from outrider.events r
                                where r.job_id = h.job_id and r.generation = h.generation and r.kind = 'released')
               and not exists (select from outrider.events o
                                where o.job_id = h.job_id and o.generation = 0 and o.kind = 'outcome')
             order by h.at, h.job_id limit $1::integer
            """)

    static let releaseHeld = Statement(
        name: "held.release", sql: "select outrider.release_held($1::bigint, $2::boolean, $3) as result")
}
