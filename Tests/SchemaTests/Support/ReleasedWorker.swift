import Postgres
import Synchronization

/// One attempt, with the secret of its callbacks.
struct ReleasedAttempt: Sendable {
    let job, generation: Int
    let token: String
}

/// A worker of release 1, as far as the database sees one: it looks, takes, begins, records, and is killed.
///
/// It says nothing of every fifth attempt: its lease is left behind. Looks that decide are left to the next release.
struct ReleasedWorker: Sendable {
    let pool: PostgresPool
    let name = "released"
    private let release: Release

    init(of release: Release, url: String) {
        pool = Stand.pool(url, "outrider_worker", .pinned, lockTimeout: .seconds(5))
        self.release = release
    }

    func start() async throws {
        try await pool.execute(
            try release.statement("register_worker"), [.text(name), .text("test"), .int(1), .text("1")])
    }

    /// Works through what is due once.
    /// - Returns: the attempts that a provider took.
    func work() async throws -> [ReleasedAttempt] {
        try await pool.execute(try release.statement("heartbeat"), [.text(name), .text("running")])
        let lanes = try await pool.fetch(
            try release.statement("look"),
            [.intArray([0]), .intArray([0]), .intArray([0]), .intArray([Int(Int32.max)])])
        var taken: [ReleasedAttempt] = []
        for row in lanes {
            guard try row.optionalBool("is_open") ?? false, try row.string("purpose") == "send",
                try row.int("due_at") <= row.int("present")
            else { continue }
            taken += try await work(
                lane: row.int("lane"), sender: row.optionalInt("sender_id"), campaign: row.optionalInt("campaign_id"))
        }
        return taken
    }

    // MARK: Parts

    private func work(lane: Int, sender: Int?, campaign: Int?) async throws -> [ReleasedAttempt] {
        let first = Command(
            try release.statement("take"),
            [
                .int(lane), .int(0), .int(0), .int(50), .text(name), .int(sender), .null, .null, .intArray([]),
            ])
        let (dropDue, beginSends) = (try release.statement("drop_due"), try release.statement("begin_sends"))
        let taken = Mutex<Result<[Sent], any Error>>(.success([]))
        let answers = try await pool.exchange([first]) { read in
            let sends = Result { try read[0].filter(Self.maySend) }
            let commands = sends.flatMap { sends in
                Result { try begin(sends, lane, sender, campaign, dropDue, beginSends) }
            }
            taken.withLock { $0 = sends.flatMap { sends in Result { try sends.map(Sent.init) } } }
            return (try? commands.get()) ?? []
        }
        let sends = try taken.withLock { $0 }.get()
        guard answers.count > 1 else { return [] }
        let begun = try answers[1].map {
            ReleasedAttempt(
                job: try $0.int("job_id"), generation: try $0.int("generation"), token: try $0.string("token"))
        }
        let known = begun.filter { !$0.job.isMultiple(of: 5) }
        try await conclude(known, sends)
        return known
    }

    private struct Sent {
        let job: Int
        let step: Int
        let ladder: Int?
        let channel: String

        init(_ row: Row) throws {
            job = try row.int("job_id")
            step = try row.int("step")
            ladder = try row.optionalInt("ladder_id")
            channel = try row.string("channel")
        }
    }

    /// What needs a decision stays where it is.
    private static func maySend(_ row: Row) throws -> Bool {
        guard try row.optionalString("row") != nil, try row.optionalString("tenant") != nil else { return false }
        let isTimely = try row.optionalInt("expires_us").map { try $0 > row.int("taken_at") } ?? true
        return try ["dispatch", "resume"].contains(row.string("reason")) && !row.bool("is_suppressed") && isTimely
            && !row.bool("is_begun") && !row.bool("is_ended")
            && (row.string("channel") != "whatsapp" || row.bool("is_window_open"))
    }

    private func begin(
        _ sends: [Row], _ lane: Int, _ sender: Int?, _ campaign: Int?, _ dropDue: Statement, _ beginSends: Statement
    ) throws -> [Command] {
        guard !sends.isEmpty else { return [] }
        let ids = try sends.map { try $0.int("job_id") }
        return [
            Command(dropDue, [.textArray(try sends.map { try $0.string("row") })]),
            Command(
                beginSends,
                [
                    .intArray(ids), .intArray(try sends.map { try $0.int("generation") }),
                    .intArray(try sends.map { try $0.int("step") }),
                    .optionalIntArray(try sends.map { try $0.optionalInt("ladder_id") }),
                    .textArray(try sends.map { try $0.string("channel") }),
                    .textArray(try sends.map { try $0.string("address") }), .intArray(ids),
                    .intArray(ids), .optionalIntArray(sends.map { _ in nil }),
                    .textArray(try sends.map { try $0.string("tenant") }),
                    .textArray(sends.map { _ in nil }), .intArray(try sends.map { try $0.int("cost") }), .text(name),
                    .int(sender), .int(lane), .int(campaign), .int(try sends[0].int("taken_at")),
                ]),
        ]
    }

    /// Each was accepted. Every second one is looked at by its next worker as if its wait were over.
    private func conclude(_ attempts: [ReleasedAttempt], _ sends: [Sent]) async throws {
        let facts = attempts.compactMap { attempt in
            sends.first { $0.job == attempt.job }.map { (attempt, $0) }
        }
        let (jobs, generations) = (facts.map(\.0.job), facts.map(\.0.generation))
        let (steps, ladders, channels) = (facts.map(\.1.step), facts.map(\.1.ladder), facts.map(\.1.channel))
        func all<Value>(_ value: Value) -> [Value] { facts.map { _ in value } }
        try await pool.execute(
            try release.statement("record"),
            [
                .intArray(jobs), .intArray(generations), .textArray(all("answer")), .textArray(all("accepted")),
                .intArray(steps), .optionalIntArray(ladders), .textArray(channels), .optionalIntArray(all(nil)),
                .textArray(all(nil)), .textArray(all(nil)), .textArray(all(nil)), .textArray(jobs.map { "SM\($0)" }),
                .textArray(all(nil)), .textArray(all(nil)),
                .intArray(jobs), .intArray(all(0)),
                .textArray(jobs.map { $0.isMultiple(of: 2) ? "receipt" : "decide" }),
                .intArray(steps), .intArray(generations), .optionalIntArray(ladders), .intArray(all(2)),
                .textArray(channels), .intArray(generations), .textArray(all("answer")), .textArray(all("accepted")),
                .text(name), .intArray([]), .intArray(jobs), .intArray(jobs), .intArray(generations),
                .boolArray(all(false)),
            ])
    }
}

/// A gateway of release 1: it stores receipts of what the worker sent, and words that people write.
struct ReleasedGateway: Sendable {
    let pool: PostgresPool
    private let release: Release

    init(of release: Release, url: String) {
        pool = Stand.pool(url, "outrider_gateway", .custom, lockTimeout: .seconds(5))
        self.release = release
    }

    /// Stores that these attempts were delivered.
    /// - Returns: how many receipts were new.
    func deliver(_ attempts: [ReleasedAttempt]) async throws -> Int {
        guard !attempts.isEmpty else { return 0 }
        func all<Value>(_ value: Value) -> [Value] { attempts.map { _ in value } }
        let rows = try await pool.fetch(
            try release.statement("store_receipts"),
            [
                .intArray(attempts.map(\.job)), .intArray(attempts.map(\.generation)),
                .uuidArray(attempts.map(\.token)), .textArray(all("delivered")), .textArray(all("delivered")),
                .textArray(all(nil)), .textArray(all(nil)), .textArray(attempts.map { "SM\($0.job)" }),
                .textArray(all(nil)), .boolArray(all(true)), .textArray(all(nil)), .textArray(all(nil)),
                .textArray(all(nil)), .double(60),
            ])
        return try rows.count { try $0.string("fate") == "new" }
    }

    /// Stores a STOP of this person.
    func stop(_ number: String) async throws {
        let words = try release.statement("lock_words")
        let inbound = try release.statement("store_inbound")
        try await pool.transaction { transaction throws(PostgresError) in
            try await transaction.execute(words, [.textArray([number])])
            try await transaction.execute(
                inbound,
                [
                    .textArray(["SMstop\(number)"]), .textArray(["sms"]), .textArray([number]),
                    .textArray(["+15550000001"]), .textArray(["stop"]), .textArray([nil]),
                ])
        }
    }
}
