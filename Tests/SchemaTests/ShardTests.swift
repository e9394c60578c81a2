import Delivery
import Foundation
import Inbox
import Insight
import JobQueue
import Postgres
import TestDatabase
import Testing

/// The number of a database stands in the upper bits of its ids: id = shard * 2^48 + n.
@Suite("A database of a fleet", .timeLimit(.minutes(5)))
struct ShardTests {
    private static let firstID = (31 << 48) + 1

    /// A new database with a number, a sender and a worker.
    private static func with(shard: Int, _ body: (Stand) async throws -> Void) async throws {
        try await Stand.with { stand in
            #expect(try await stand.number("outrider.set_shard(\(shard))") == shard)
            try await stand.run(
                "insert into outrider.senders (name, channel, address) values ('s1', 'sms', '+15550000001')")
            try await JobStore(pool: stand.worker).register(worker: "w1", host: "test", processID: 1, version: "test")
            try await body(stand)
        }
    }

    @Test("a job of shard 31 lives its whole life under one id, below 2^53")
    func life() async throws {
        try await Self.with(shard: 31) { stand in
            let id = try await Self.insert(key: "ann", into: stand)
            #expect(id == Self.firstID && id < 1 << 53)
            #expect(try await stand.number("outrider.job_of_key('ann')") == id)

            let store = JobStore(pool: stand.worker)
            let sent = try #require(try await Self.takeAll(of: store).sends.first)
            #expect(sent.id == id)
            let token = try #require(sent.token)
            let accepted = JobEvent.answered(.accepted(providerID: "SM1"))
            try await store.record([Self.record(accepted, of: sent, next: .receipt)], worker: "w1", doneLeases: [])

            let receipt = ReceiptArrival(
                jobID: id, generation: 1, token: token, status: "delivered", provider: "twilio", level: .delivered,
                providerID: "SM1", needsDecision: true)
            #expect(try await ReceiptStore(stand.gateway).store([.receipt(receipt)]) == [.new])
            #expect(try await stand.number("select job_id from outrider.due where reason = 'decide'") == id)

            let timeline = try #require(try await Overview(stand.gateway).timeline(jobID: id))
            #expect(timeline.job.id == id && timeline.job.state == "waiting")
            #expect(
                timeline.events.map(\.event) == [
                    "asked", "intent: about to send", "answer: accepted", "receipt: delivered",
                ])
            #expect(try await Overview(stand.gateway).summary().shard == 31)
        }
    }

    @Test("on shard 31 a job is held and released, and a lost due row is rebuilt")
    func held() async throws {
        try await Self.with(shard: 31) { stand in
            let id = try await Self.insert(into: stand)
            let store = JobStore(pool: stand.worker)
            let lane = try #require(try await Self.lanes(of: store).first)
            #expect(lane.first.jobID == id)
            let order = TakeOrder(lane: lane, floor: .start, limit: 1, worker: "w1")
            #expect(try await store.holdFirst(of: order, because: "test") == id)
            #expect(try await HeldJobs(stand.admin).oldest(10).map(\.job) == [id])
            try await stand.run("select outrider.release_held(\(id), false, 'test')")
            try await stand.run("delete from outrider.due")
            #expect(try await stand.number("outrider.stranded_jobs()") == id)
            #expect(try await stand.number("outrider.rebuild_due()") == 1)
            #expect(try await stand.number("select job_id from outrider.due") == id)
        }
    }

    @Test("partitions of shard 31 begin at its first id and are made ahead of the sequence")
    func partitions() async throws {
        try await Self.with(shard: 31) { stand in
            let store = JobStore(pool: stand.worker)
            #expect(try await Self.bounds(stand) == (0...3).map { Self.bound($0) })
            try await stand.run("select setval('outrider.jobs_id_seq', \(Self.firstID + 14_999_999))")
            try await store.keepHouse()
            #expect(try await Self.bounds(stand) == (0...6).map { Self.bound($0) })
            for n in [4, 6] {
                try await stand.run("select setval('outrider.jobs_id_seq', \(Self.firstID + 5_000_000 * n + 7))")
                let id = try await Self.insert(into: stand)
                #expect(
                    try await stand.value("select tableoid::regclass from outrider.jobs where id = \(id)")
                        == "outrider.jobs_\(n)")
            }
        }
    }

    @Test("a dump of shard 31 that is restored goes on as shard 31")
    func dumpAndRestore() async throws {
        let copy = try await PostgresServer.freshDatabase()
        try await Self.with(shard: 31) { stand in
            _ = try await Self.insert(key: "ann", into: stand)
            try await Self.restoreDump(of: stand.url, into: copy)
        }
        try await Stand.with(copy) { stand in
            #expect(try await stand.number("select shard from outrider.installation") == 31)
            #expect(try await stand.number("outrider.job_of_key('ann')") == Self.firstID)
            #expect(try await Self.insert(into: stand) == Self.firstID + 1)
            #expect(try await stand.number("outrider.create_partitions()") == 0)
            #expect(try await Self.bounds(stand) == (0...3).map { Self.bound($0) })
            let taken = try await Self.takeAll(of: JobStore(pool: stand.worker))
            #expect(taken.sends.map(\.id).sorted() == [Self.firstID, Self.firstID + 1])
        }
    }

    // MARK: set_shard

    @Test("only 0 to 31 is a number", arguments: ["-1", "32", "null"])
    func range(number: String) async throws {
        try await Stand.with { stand async throws in
            let refusal = await Self.refusal(of: "select outrider.set_shard(\(number))", stand)
            #expect(refusal?.hasPrefix("shard_must_be_0_to_31") == true)
            #expect(try await stand.number("select shard from outrider.installation") == 0)
        }
    }

    @Test("the number is set before the first job, and may be asked for again")
    func once() async throws {
        try await Self.with(shard: 7) { stand in
            #expect(try await stand.number("outrider.set_shard(8)") == 8)
            _ = try await Self.insert(into: stand)
            #expect(try await stand.number("outrider.set_shard(8)") == 8)
            let refusal = await Self.refusal(of: "select outrider.set_shard(7)", stand)
            #expect(refusal?.hasPrefix("shard_is_set_before_the_first_job: this database has jobs of shard 8") == true)
            // A job that was dropped with its partition has left its key, and its id at the providers.
            try await stand.run(
                "insert into outrider.idempotency_keys values ('default', 'old', 1); truncate outrider.jobs")
            let late = await Self.refusal(of: "select outrider.set_shard(7)", stand)
            #expect(late != nil)
        }
    }

    @Test(
        "nobody but the owner sets it",
        arguments: ["outrider_app", "outrider_worker", "outrider_gateway", "outrider_operator"])
    func roles(role: String) async throws {
        try await Stand.with { stand in
            let refusal = await Self.refusal(of: "set role \(role); select outrider.set_shard(1)", stand)
            #expect(refusal?.contains("permission denied") == true)
        }
    }

    @Test("it waits for an insert that is under way, and then refuses: no job is lost with its partition")
    func underWay() async throws {
        try await Stand.with { stand in
            let other = PostgresPool(PostgresConfiguration(url: stand.url, poolSize: 1, queryDeadline: .seconds(60)))
            let refusal = try await stand.admin.transaction { transaction in
                _ = try await transaction.fetch(Self.insertion, [.null])
                let refusal = Task { await Self.refusal(of: "select outrider.set_shard(1)", other) }
                while try await transaction.fetch(Self.waiting)[0].int("n") == 0 { await Task.yield() }
                return refusal
            }
            let message = await refusal.value
            #expect(message?.hasPrefix("shard_is_set_before_the_first_job") == true)
            #expect(try await stand.number("select id from outrider.jobs") == 1)
            await other.close()
        }
    }

    // MARK: Parts

    private static let insertion = Statement(
        name: "test.insert",
        sql: """
            insert into outrider.jobs (channel, address, body, category, idempotency_key)
            values ('sms', '+15005550010', 'Hello' || coalesce($1, ''), 'alert', $1) returning id
            """)

    /// Locks of this database that somebody waits for.
    private static let waiting = Statement(
        name: "test.waiting",
        sql: """
            select count(*) as n from pg_locks
             where not granted and database = (select oid from pg_database where datname = current_database())
            """)

    private static func insert(key: String? = nil, into stand: Stand) async throws -> Int {
        try await stand.admin.fetch(insertion, [.text(key)])[0].int("id")
    }

    private static func lanes(of store: JobStore) async throws -> [LaneState] {
        try await store.look([LaneSegment(lane: .decide(0), after: .start, until: .end)]).lanes
    }

    /// Takes the first lane and begins all its sends.
    private static func takeAll(of store: JobStore) async throws -> Begun {
        let lane = try #require(try await lanes(of: store).first)
        return try await store.take(TakeOrder(lane: lane, floor: .start, limit: 10, worker: "w1")) { take in
            var verdict = Verdict()
            for case .job(let job) in take.rows.map(\.state) {
                verdict.sends.append(Verdict.Send(job))
                verdict.done.append(job.due)
            }
            return verdict
        }
    }

    private static func record(_ event: JobEvent, of job: TakenJob, next reason: DueReason) -> Record {
        Record(
            events: [
                RecordedEvent(
                    jobID: job.id, generation: job.generation, step: job.step, channel: job.channel, senderID: 1,
                    at: job.takenAt, event)
            ],
            dueRow: NewDueRow(
                jobID: job.id, at: job.takenAt.advanced(by: .seconds(3_600)), reason: reason, step: job.step,
                generation: job.generation, ladderID: nil, channel: job.channel, priority: job.priority))
    }

    private static func bound(_ number: Int) -> String {
        let first = firstID - 1 + 5_000_000 * number
        return "jobs_\(number) FOR VALUES FROM ('\(first)') TO ('\(first + 5_000_000)')"
    }

    private static func bounds(_ stand: Stand) async throws -> [String] {
        try await stand.admin.fetch(
            Statement(
                name: "test.bounds",
                sql: """
                    select relname || ' ' || pg_get_expr(relpartbound, c.oid) as v
                      from pg_class c join pg_inherits on inhrelid = c.oid where inhparent = 'outrider.jobs'::regclass
                     order by substring(relname from '[0-9]+')::integer
                    """)
        ).map { try $0.string("v") }
    }

    private static func refusal(of sql: String, _ stand: Stand) async -> String? { await refusal(of: sql, stand.admin) }

    /// What the server says against it; nil when it was done.
    private static func refusal(of sql: String, _ pool: PostgresPool) async -> String? {
        do {
            _ = try await pool.transaction { transaction in try await transaction.run(script: sql) }
            return nil
        } catch PostgresError.server(_, let message, _) {
            return message
        } catch {
            return nil
        }
    }

    private static func restoreDump(of source: String, into copy: String) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c",
            """
            bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
            [ -n "$bin" ] || bin=$(dirname "$(command -v pg_dump)")
            "$bin/pg_dump" --format=custom "$1" | "$bin/pg_restore" --exit-on-error --dbname="$2"
            """, "sh", source, copy,
        ]
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        #expect(status == 0)
    }
}
