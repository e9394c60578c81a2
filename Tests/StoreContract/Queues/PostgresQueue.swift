import Delivery
import Dispatch
import JobQueue
import Postgres
import TestDatabase

/// The real store, as `outrider_worker` in a database of its own. `admin` looks on and interferes.
struct PostgresQueue: ContractQueue {
    private let workers: PostgresPool
    private let admin: PostgresPool
    let store: any WorkStore & EndStore

    static func with(_ body: (PostgresQueue) async throws -> Void) async throws {
        let url = try await PostgresServer.migratedDatabase()
        let workers = PostgresPool(
            PostgresConfiguration(
                url: url + "?options=-crole%3Doutrider_worker", poolSize: 2, queryDeadline: .seconds(60), plans: .pinned
            ))
        let admin = PostgresPool(PostgresConfiguration(url: url, poolSize: 2, queryDeadline: .seconds(60)))
        try await body(PostgresQueue(workers: workers, admin: admin, store: JobStore(pool: workers)))
        await workers.close()
        await admin.close()
    }

    @discardableResult
    private func query(_ sql: String, _ parameters: [Parameter] = []) async throws -> [Row] {
        try await admin.fetch(Statement(name: "contract_\(sql.hashValue)", sql: sql), parameters)
    }

    private func id(_ sql: String, _ parameters: [Parameter]) async throws -> Int {
        guard let row = try await query(sql, parameters).first else { throw Broken(description: "no row: \(sql)") }
        return try row.int("id")
    }

    // MARK: Reaching in

    func add(_ sender: AskedSender) async throws -> Int {
        try await id(
            """
            insert into outrider.senders (name, channel, address, rate_per_second)
            select 's' || n, $1, case $1 when 'email' then 'sender' || n || '@example.com' else '+1500000000' || n end, $2
              from (select count(*) as n from outrider.senders) s
            returning id
            """, [.text(sender.channel.rawValue), .double(sender.rate)])
    }

    func insert(_ job: AskedJob) async throws -> Int {
        let id = try await ask(job)
        if job.campaign != nil { try await query("select outrider.feed_campaign(id) from outrider.campaigns") }
        return id
    }

    private func ask(_ job: AskedJob) async throws -> Int {
        guard !job.ladder.isEmpty else {
            return try await id(
                """
                insert into outrider.jobs (channel, address, body, subject, category, campaign)
                values ($1, $2, $3, case $1 when 'email' then 'News' end, $4, $5) returning id
                """,
                [
                    .text(job.channel.rawValue), .text(job.address), .text(job.body), .text(job.category.rawValue),
                    .text(job.campaign),
                ])
        }
        let steps = job.ladder.map { "{\"channel\": \"\($0.rawValue)\"}" }.joined(separator: ", ")
        try await query("select outrider.save_ladder('contract', $1::jsonb)", [.text("[\(steps)]")])
        return try await id(
            """
            insert into outrider.jobs (kind, ladder, phone, email, body, subject, category, campaign)
            values ('notify', 'contract', $1, $2, $3, 'News', $4, $5) returning id
            """,
            [.text(job.phone), .text(job.mail), .text(job.body), .text(job.category.rawValue), .text(job.campaign)])
    }

    func change(_ change: Change) async throws {
        switch change {
        case .suppress(let address, let channel, let tenant, let category):
            try await query(
                "select outrider.suppress($1, array[$2::text], 'test', $3, $4)",
                [.text(address), .text(channel.rawValue), .text(tenant), .text(category?.rawValue ?? "")])
        case .lift(let address, let channel):
            try await query(
                "select outrider.lift_suppression($1, array[$2::text])", [.text(address), .text(channel.rawValue)])
        case .cancel(let job): try await query("select outrider.cancel($1)", [.int(job)])
        case .pause(let campaign, true):
            try await query("select outrider.pause_campaign($1, 'test')", [.text(campaign)])
        case .pause(let campaign, false):
            try await query("select outrider.resume_campaign($1)", [.text(campaign)])
        case .rate(let campaign, let rate):
            try await query(
                "select outrider.set_campaign_rate($1, $2::double precision::numeric)",
                [.text(campaign), .double(rate)])
        case .enable(let sender, let isEnabled):
            try await query(
                "update outrider.senders set enabled = $2 where id = $1", [.int(sender), .bool(isEnabled)])
        case .delete(let sender): try await query("delete from outrider.senders where id = $1", [.int(sender)])
        case .block(let prefix): try await query("select outrider.block_prefix($1, 'test')", [.text(prefix)])
        case .cap(let most, let span):
            try await query("delete from outrider.caps", [])
            try await query(
                "select outrider.set_cap('contract', 'address', make_interval(secs => $2), $1)",
                [.int(most), .int(span)])
        case .lookUp(let category):
            try await query("select outrider.set_lookup($1, true)", [.text(category.rawValue)])
        case .release(let job): try await query("select outrider.release_held($1, false, 'test')", [.int(job)])
        }
    }

    /// A rule runs on the thread of its connection, which may wait: the tasks have others.
    func changeMeanwhile(_ change: Change) {
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            do { try await self.change(change) } catch {}  // What was not changed breaks the rule that is tried.
            done.signal()
        }
        done.wait()
    }

    // MARK: Looking on

    func events(of job: Int) async throws -> [String] {
        let rows = try await query(
            "select generation || ' ' || kind || '/' || status as line from outrider.events where job_id = $1",
            [.int(job)])
        return try rows.map { try $0.string("line") }.sorted()
    }

    func dueRows(of job: Int) async throws -> [DueFact] {
        let rows = try await query(
            """
            select lane, reason, step, generation, cost,
                   ceil(greatest(0, extract(epoch from at - clock_timestamp())) / 5)::integer * 5 as seconds
              from outrider.due where job_id = $1 order by at
            """, [.int(job)])
        return try rows.map { row in
            guard let reason = DueReason(rawValue: try row.string("reason")) else {
                throw Broken(description: "reason")
            }
            return DueFact(
                lane: try row.int("lane"), reason: reason, step: try row.int("step"),
                generation: try row.int("generation"), cost: try row.int("cost"), seconds: try row.int("seconds"))
        }
    }

    // MARK: Time and locks

    func pass(_ duration: Duration) async throws {
        let shifts = [
            "due set at = at", "open_sends set since = since", "leases set claimed_at = claimed_at",
            "workers set heartbeat_at = heartbeat_at", "senders set paused_until = paused_until",
            "cap_uses set at = at", "number_lookups set good_until = good_until",
        ]
        for shift in shifts {
            try await query(
                "update outrider.\(shift) - make_interval(secs => $1)", [.double(Double(duration.components.seconds))])
        }
    }

    func holding(_ job: Int, _ body: () async throws -> Void) async throws {
        try await admin.transaction { transaction in
            _ = try await transaction.fetch(
                Statement(name: "contract_hold", sql: "select from outrider.due where job_id = $1 for update"),
                [.int(job)])
            try await body()
        }
    }
}
