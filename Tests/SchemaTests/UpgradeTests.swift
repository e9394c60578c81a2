import Postgres
import Schema
import Synchronization
import TestDatabase
import Testing

/// Each change after a release is a numbered migration. It meets databases that are full and busy.
@Suite("Releases and upgrades", .timeLimit(.minutes(5)))
struct UpgradeTests {
    /// The head, and the head with one change more, so that an upgrade changes something even on the day of a release.
    enum Head: CaseIterable, CustomTestStringConvertible {
        case asItIs, withOneColumnMore

        var testDescription: String { self == .asItIs ? "the head" : "the head and a column of jobs" }

        var migrations: [Migration] {
            let column = Migration(
                number: 9_999, name: "column",
                sql: "alter table outrider.jobs add column note text not null default 'none';")
            return Schema.migrations + (self == .asItIs ? [] : [column])
        }
    }

    @Test("no file of a release is ever changed", arguments: try Release.all)
    func frozen(release: Release) async throws {
        let pool = PostgresPool(PostgresConfiguration(url: try await PostgresServer.freshDatabase(), poolSize: 1))
        _ = try await Migrations(release.migrations).apply(through: pool)
        let applied = try await Migrations.applied(in: pool)
        await pool.close()
        try #require(applied.count == release.checksums.count, "sql/ lacks a migration that the release brought")
        for (migration, (file, checksum)) in zip(applied, release.checksums) {
            #expect(
                migration.checksum == checksum,
                """
                sql/\(file) is not what release \(release.number) brought: databases have that one. \
                Put the change into a new numbered file. See Tests/SchemaTests/Releases/README.md.
                """)
        }
    }

    @Test("every statement of a release can be run on the head's schema", arguments: try Release.all)
    func statements(release: Release) async throws {
        try await Stand.with { stand in
            #expect(try await Self.refused(of: release, by: stand) == [])
            // And the look can find one that cannot.
            try await stand.run("alter table outrider.due rename column cost to price")
            #expect(try await Self.refused(of: release, by: stand).contains("released take"))
        }
    }

    @Test("a template that breaks a rule which was made after it stays as it is, and what it needs is not asked for")
    func oldTemplate() async throws {
        let url = try await PostgresServer.freshDatabase()
        try await Stand.with(url) { stand in
            _ = try await Migrations(Schema.migrations.filter { $0.number <= 10 }).apply(through: stand.admin)
            try await stand.run(
                "insert into outrider.templates (name, channel, body) values ('old', 'sms', 'A {{>b}} of {{c}}'), ('new', 'sms', '{{c}}')"
            )
            _ = try await Migrations(Schema.migrations).apply(through: stand.admin)
            let needs =
                "select string_agg(name || ' ' || coalesce(needs::text, 'unknown'), ', ' order by name) from outrider.templates"
            #expect(try await stand.value(needs) == "new {c}, old unknown")
            try await stand.run(
                "insert into outrider.jobs (channel, address, template, data) values ('sms', '+15550000001', 'old', '{}')"
            )
        }
    }

    @Test(
        "an upgrade of a busy database loses no job and doubles none: each comes to what it should",
        arguments: try Release.all, Head.allCases)
    func upgrade(from release: Release, to head: Head) async throws {
        let url = try await PostgresServer.freshDatabase()
        try await Stand.with(url) { stand in
            _ = try await Migrations(release.migrations).apply(through: stand.admin)
            try await stand.run(try release.jobs)
            #expect(try await stand.number("select count(*) from outrider.stranded_jobs()") == 0)
            let asked = try await stand.number("select count(*) from outrider.jobs")

            let load = try Load(of: release, on: stand)
            try await load.run(stops: try await stand.numbers(of: "stops"), cancels: try await stand.ids(of: "cancels"))
            {
                _ = try await Migrations(head.migrations).apply(through: stand.admin)
            }

            #expect(try await Migrations(head.migrations).pending(in: stand.admin) == [])
            #expect(try await stand.number("select count(*) from outrider.stranded_jobs()") == 0)
            #expect(try await stand.number("select count(*) from outrider.jobs") == asked + load.inserted)
            try await stand.run(Self.goOn)
            // The numbers of its jobs are made up: no plan has them.
            try await stand.run("select outrider.add_number_range('1', 'made up')")
            let fates = ExpectedFates()
            let pool = Stand.pool(url, "outrider_worker", .pinned, size: 6)
            try await fates.work(through: pool) { try await stand.number(Self.unfinished) == 0 }
            await pool.close()
            #expect(try await Self.wrong(stand) == [])
            #expect(try await stand.number("select count(*) from outrider.due") == 0)
            #expect(try await stand.number("select count(*) from outrider.leases") == 0)
            #expect(fates.acceptedByJob.values.allSatisfy { $0 == 1 })
            #expect(try await stand.number(Self.takenTwice) == 0)
        }
    }

    // MARK: Parts

    /// Whatever waits for a time, for a person or for an operator may go on now, and the workers so far are dead.
    private static let goOn = """
        select outrider.resume_campaign('campaign paused');
        select outrider.release_held(id, false, 'test') from public.expected where state = 'released';
        update outrider.due set at = least(at, clock_timestamp());
        update outrider.workers set heartbeat_at = clock_timestamp() - interval '1 hour'
        """

    private static let unfinished = """
        select count(*) + (select count(*) from outrider.due)
          from outrider.job_status j left join public.expected e using (id)
         where j.outcome is null and not (e.id is not null and e.outcome is null and j.state = 'held')
        """

    /// Messages that a provider was told of twice although it had taken the first. An otp's repeat, and what a person
    /// released as not sent, follow an unknown answer.
    private static let takenTwice = """
        select count(*) from (select job_id from outrider.events where kind = 'answer' and status = 'accepted'
                               group by job_id having count(*) > 1) d
        """

    /// Jobs that did not come to what they should, by what they were when the upgrade began.
    private static func wrong(_ stand: Stand) async throws -> [String] {
        try await stand.admin.fetch(
            Statement(
                name: "test.wrong",
                sql: """
                    select coalesce(e.state, 'inserted meanwhile') || ': ' || j.state || ' after ' || j.attempts || ' attempts, '
                           || count(*) || ' times' as v
                      from outrider.job_status j left join public.expected e using (id)
                     where j.outcome is distinct from case when e.id is null then 'delivered' else e.outcome end
                        or j.attempts <> coalesce(e.attempts, 1)
                        or j.outcome is null and (j.state <> 'held' or not exists (
                               select from outrider.events h where h.job_id = j.id and h.kind = 'held' and h.reason <> ''))
                     group by e.state, j.state, j.attempts order by 1
                    """)
        ).map { try $0.string("v") }
    }

    /// The statements that PostgreSQL will not prepare for a role that runs them.
    private static func refused(of release: Release, by stand: Stand) async throws -> [String] {
        var refused: [String] = []
        for (statement, roles) in try release.statements {
            for role in roles where role.hasPrefix("outrider_") {
                do {
                    try await stand.run(
                        """
                        begin; set local role \(role); prepare tried as \(statement.sql.trimmed); deallocate tried; commit
                        """)
                } catch {
                    try? await stand.run("rollback")
                    refused.append(statement.name)
                }
            }
        }
        return refused
    }
}

/// What goes on while a database is upgraded: an application asks, cancels and reads; a worker and a gateway of the release
/// do their work. None of them meets an error, and none waits for a lock for five seconds.
private final class Load: Sendable {
    private static let insertion = Statement(
        name: "test.load",
        sql: """
            insert into outrider.jobs (channel, address, body, category, idempotency_key)
            select 'sms', '+1556' || lpad((n + 20 * $1::integer)::text, 7, '0'), 'load ' || $1 || ' ' || n, 'transactional',
                   'load/' || $1 || '/' || n from generate_series(1, 20) n
            """)
    private static let cancel = Statement(name: "test.cancel", sql: "select outrider.cancel($1)")
    private static let read = Statement(
        name: "test.read", sql: "select id, state, outcome from outrider.job_status limit 100")

    private let worker: ReleasedWorker
    private let gateway: ReleasedGateway
    private let application: PostgresPool
    private let isOver = Atomic(false)
    private let rounds = Atomic(0)
    private let taken = Mutex<[ReleasedAttempt]>([])
    private let counts = Mutex<(inserted: Int, begun: Int, delivered: Int)>((0, 0, 0))

    var inserted: Int { counts.withLock { $0.inserted } }

    init(of release: Release, on stand: Stand) throws {
        worker = ReleasedWorker(of: release, url: stand.url)
        gateway = ReleasedGateway(of: release, url: stand.url)
        application = Stand.pool(stand.url, "outrider_app", .custom, lockTimeout: .seconds(5))
    }

    /// Runs `upgrade` in the midst of it.
    func run(stops: [String], cancels: [Int], _ upgrade: () async throws -> Void) async throws {
        try await worker.start()
        async let asking: Void = ask(cancelling: cancels)
        async let working: Void = work()
        async let hearing: Void = hear(stops)
        do {
            try await pass(10, begun: 50, delivered: 10)
            try await upgrade()
            try await pass(10, begun: 50, delivered: 10)
        } catch {
            isOver.store(true, ordering: .relaxed)
            _ = try await (asking, working, hearing)  // Its own error says more.
            throw error
        }
        isOver.store(true, ordering: .relaxed)
        _ = try await (asking, working, hearing)
        for pool in [worker.pool, gateway.pool, application] { await pool.close() }
    }

    /// Each batch is asked for twice, and the second time is nothing.
    private func ask(cancelling cancels: [Int]) async throws {
        var rest = cancels[...]
        var round = 0
        while !isOver.load(ordering: .relaxed) || !rest.isEmpty {
            let added = try await application.execute(Self.insertion, [.text(String(round))])
            let again = try await application.execute(Self.insertion, [.text(String(round))])
            #expect(again == 0)
            counts.withLock { $0.inserted += added }
            if let job = rest.popFirst() { try await application.execute(Self.cancel, [.int(job)]) }
            #expect(try await !application.fetch(Self.read).isEmpty)
            round += 1
            rounds.add(1, ordering: .relaxed)
        }
    }

    private func work() async throws {
        while !isOver.load(ordering: .relaxed) {
            let attempts = try await worker.work()
            taken.withLock { $0 += attempts }
            counts.withLock { $0.begun += attempts.count }
        }
    }

    /// A third of the receipts come by webhook; the others are asked for later.
    private func hear(_ stops: [String]) async throws {
        var rest = stops[...]
        while !isOver.load(ordering: .relaxed) || !rest.isEmpty {
            let attempts = taken.withLock { taken in
                defer { taken = [] }
                return taken
            }
            let new = try await gateway.deliver(attempts.filter { $0.job.isMultiple(of: 3) })
            counts.withLock { $0.delivered += new }
            if let person = rest.popFirst() { try await gateway.stop(person) }
            await Task.yield()
        }
    }

    /// Waits until everybody has got on by so much, at most a minute.
    private func pass(_ more: Int, begun: Int, delivered: Int) async throws {
        let end = ContinuousClock.now + .seconds(60)
        let (start, before) = (rounds.load(ordering: .relaxed), counts.withLock { $0 })
        while true {
            let (round, now) = (rounds.load(ordering: .relaxed), counts.withLock { $0 })
            if round >= start + more, now.begun >= before.begun + begun, now.delivered >= before.delivered + delivered {
                return
            }
            try #require(ContinuousClock.now < end, "the load does not get on")
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

extension Stand {
    fileprivate func ids(of state: String) async throws -> [Int] {
        try await admin.fetch(
            Statement(name: "ids", sql: "select id from public.expected where state = $1"), [.text(state)]
        )
        .map { try $0.int("id") }
    }

    fileprivate func numbers(of state: String) async throws -> [String] {
        try await admin.fetch(
            Statement(
                name: "numbers",
                sql: "select j.address from public.expected e join outrider.jobs j using (id) where e.state = $1"),
            [.text(state)]
        ).map { try $0.string("address") }
    }
}

extension String {
    /// Without white space and a semicolon at its end.
    fileprivate var trimmed: String {
        String(reversed().drop { $0.isWhitespace || $0 == ";" }.reversed())
    }
}
