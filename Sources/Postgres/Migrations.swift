/// Brings a database to the newest schema, and tells how far it is.
///
/// Each migration runs in one transaction together with its record in `outrider.schema_migrations`. It holds a lock on that
/// table, so any number of processes may migrate at once and each migration runs once. Nobody else may lock the table; an
/// advisory lock any login could hold.
///
/// A change of a table wants the table for itself. Whoever comes after a migration that waits for a table waits behind it,
/// applications included. So a migration waits for a lock for a moment only: then it gives everything back, lets the others
/// pass, and begins again.
public struct Migrations: Sendable {
    /// One row of `outrider.schema_migrations`.
    public struct Applied: Sendable, Equatable {
        public let number: Int
        public let name: String
        /// SHA-256 of the text, in hex.
        public let checksum: String
    }

    /// How long a migration waits.
    public struct Patience: Sendable {
        /// For each migration, waiting for another process's included.
        public var deadline: Duration
        /// For one lock. So long, at most, others wait behind a lock that the migration does not get.
        public var lock: Duration
        /// Between two tries; it doubles with each try, up to a second.
        public var pause: Duration

        public init(
            deadline: Duration = .seconds(600), lock: Duration = .milliseconds(200),
            pause: Duration = .milliseconds(100)
        ) {
            (self.deadline, self.lock, self.pause) = (deadline, lock, pause)
        }
    }

    public let all: [Migration]

    /// - Throws: `.migration` unless the numbers rise strictly.
    public init(_ migrations: [Migration]) throws(PostgresError) {
        for (earlier, later) in zip(migrations, migrations.dropFirst()) where earlier.number >= later.number {
            throw .migration("migration \(later.number) (\(later.name)) stands after \(earlier.number)")
        }
        all = migrations
    }

    /// Applies what is missing and returns the numbers it applied.
    ///
    /// - Parameter onWait: called once for each migration that does not get its locks at once, with a sentence that says
    ///   who holds them.
    /// - Throws: `.migration` when an applied migration was changed, is missing below a newer one, or did not get its locks
    ///   before the deadline; else what the database answers. Migrations before the failed one stay applied.
    public func apply(
        through pool: PostgresPool, patience: Patience = Patience(), onWait: (String) -> Void = { _ in }
    ) async throws -> [Int] {
        try await requireUTF8(in: pool)
        try await createTable(through: pool, patience.deadline)
        var numbers: [Int] = []
        for migration in all where try await apply(migration, through: pool, patience, onWait) {
            numbers.append(migration.number)
        }
        return numbers
    }

    /// In another encoding a text may be stored that no client can read, and one letter of a template cannot be stored at all.
    private func requireUTF8(in pool: PostgresPool) async throws(PostgresError) {
        let encoding = try await pool.fetch(.serverEncoding).first?.string("encoding") ?? ""
        guard encoding != "UTF8" else { return }
        throw .migration(
            "this database's encoding is \(encoding), and Outrider needs UTF8: createdb -E UTF8 -T template0 NAME")
    }

    /// Of two processes that create it at once, one fails on the other's rows in the catalogue, and finds it there.
    private func createTable(through pool: PostgresPool, _ deadline: Duration) async throws(PostgresError) {
        do throws(PostgresError) {
            try await pool.run(script: Self.createTable, deadline: deadline)
        } catch {
            guard error.sqlState == .uniqueViolation || error.sqlState == .duplicateTable else { throw error }
            try await pool.run(script: Self.createTable, deadline: deadline)
        }
    }

    /// What the database has, in order; empty when it was never migrated.
    public static func applied(in pool: PostgresPool) async throws(PostgresError) -> [Applied] {
        do throws(PostgresError) {
            return try await pool.fetch(.appliedMigrations).map { row throws(PostgresError) in try Applied(row) }
        } catch {
            // 42P01: no such table; 3F000: no such schema.
            if error.sqlState == .undefinedTable || error.sqlState == SQLState("3F000") { return [] }
            throw error
        }
    }

    /// How a database's schema and this program go together.
    public enum Fit: Sendable, Equatable, CustomStringConvertible {
        case upToDate(Int)
        /// The database lacks so many migrations.
        case older(by: Int)
        /// The database has migrations that this program does not know.
        case newer(database: Int, program: Int)

        public var description: String {
            switch self {
            case .upToDate(let number): "up to date at \(number)"
            case .older(let count): "the database lacks \(count) migration(s)"
            case .newer(let database, let program):
                "the database is at migration \(database); this program knows migrations up to \(program)"
            }
        }

        /// What an operator does about it; nil when nothing.
        public var remedy: String? {
            switch self {
            case .upToDate: nil
            case .older: "Run `outrider migrate` of this version as the database's owner."
            case .newer: "Install the version that migrated the database; nothing goes back to an older schema."
            }
        }
    }

    /// Whether the database has what this program needs, and nothing that it does not know.
    public func fit(in pool: PostgresPool) async throws(PostgresError) -> Fit {
        let applied = try await Self.applied(in: pool).map(\.number)
        let missing = Set(all.map(\.number)).subtracting(applied).count
        let (newest, known) = (applied.last ?? 0, all.last?.number ?? 0)
        guard newest <= known else { return .newer(database: newest, program: known) }
        return missing > 0 ? .older(by: missing) : .upToDate(known)
    }

    /// The migrations the database lacks, in order.
    public func pending(in pool: PostgresPool) async throws(PostgresError) -> [Migration] {
        let applied = Set(try await Self.applied(in: pool).map(\.number))
        return all.filter { !applied.contains($0.number) }
    }

    private func apply(
        _ migration: Migration, through pool: PostgresPool, _ patience: Patience, _ onWait: (String) -> Void
    ) async throws -> Bool {
        let end = ContinuousClock.now + patience.deadline
        var (pause, hasWaited) = (patience.pause, false)
        while true {
            do {
                return try await attempt(migration, through: pool, within: max(end - .now, .seconds(1)), patience.lock)
            } catch let error as PostgresError where error.lostALock {
                let why = "\(migration.label) waits for a lock. \(await Self.holder(in: pool))"
                guard ContinuousClock.now + pause < end else {
                    throw PostgresError.migration(
                        "\(why) Nothing of it was changed. End that transaction, then run outrider migrate again.")
                }
                if !hasWaited { onWait(why) }
                hasWaited = true
                try await Task.sleep(for: pause * Double.random(in: 0.5...1.5))
                pause = min(pause * 2, .seconds(1))
            }
        }
    }

    private func attempt(
        _ migration: Migration, through pool: PostgresPool, within deadline: Duration, _ lockTimeout: Duration
    ) async throws -> Bool {
        try await pool.transaction(deadline: deadline) { transaction in
            try await Self.lock(transaction)
            let row = try await transaction.fetch(
                .migrationState, [.int(migration.number), .text(migration.sql)])[0]
            if let applied = try row.optionalString("applied") {
                guard applied == (try row.string("checksum")) else {
                    throw PostgresError.migration("\(migration.label) was changed after it was applied")
                }
                return false
            }
            guard try row.int("newest") < migration.number else {
                throw PostgresError.migration("\(migration.label) is missing below a newer one that is applied")
            }
            // Not before the advisory lock: for another process's migration the whole deadline is waited.
            try await transaction.run(script: "SET LOCAL lock_timeout = \(lockTimeout.milliseconds)")
            try await transaction.run(script: migration.sql)
            try await Self.checkStillOpen(transaction, migration)
            try await transaction.execute(
                .recordMigration, [.int(migration.number), .text(migration.name), .text(migration.sql)])
            return true
        }
    }

    /// A COMMIT inside the text would leave a half-applied migration behind.
    private static func checkStillOpen(_ transaction: PostgresTransaction, _ migration: Migration) async throws {
        guard await transaction.isStillInTransaction else {
            throw PostgresError.migration("\(migration.label) ends its transaction: remove BEGIN and COMMIT")
        }
    }

    private static func lock(_ transaction: PostgresTransaction) async throws(PostgresError) {
        try await transaction.execute(.lockMigrations)
    }

    /// Who has had a transaction open for longest on what is Outrider's, as a sentence.
    private static func holder(in pool: PostgresPool) async -> String {
        guard let row = try? await pool.fetch(.lockHolder).first, let pid = try? row.int("pid"),
            let name = try? row.string("name"), let seconds = try? row.int("seconds")
        else { return "No open transaction holds one now." }
        return "The oldest transaction that holds one is \(seconds) s old: process \(pid) of PostgreSQL, \(name)."
    }

    private static let createTable = """
        CREATE SCHEMA IF NOT EXISTS outrider;
        CREATE TABLE IF NOT EXISTS outrider.schema_migrations (
            number     int PRIMARY KEY,
            name       text NOT NULL,
            checksum   text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
        )
        """
}

extension Migrations.Applied {
    fileprivate init(_ row: Row) throws(PostgresError) {
        number = try row.int("number")
        name = try row.string("name")
        checksum = try row.string("checksum")
    }
}

extension Migration {
    fileprivate var label: String { "migration \(number) (\(name))" }
}

extension PostgresError {
    /// A lock was not to be had, or two who waited for each other were parted. Nothing was changed.
    fileprivate var lostALock: Bool { sqlState == .lockNotAvailable || sqlState == .deadlockDetected }
}

extension Statement {
    fileprivate static let lockHolder = Statement(
        name: "migrations.holder",
        sql: """
            SELECT a.pid, coalesce(nullif(a.application_name, ''), a.backend_type, 'unnamed') AS name,
                   floor(extract(epoch FROM clock_timestamp() - a.xact_start))::int AS seconds
              FROM pg_stat_activity a
             WHERE a.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL AND a.datname = current_database()
               AND EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                            WHERE l.pid = a.pid AND l.granted AND c.relnamespace = to_regnamespace('outrider'))
             ORDER BY a.xact_start LIMIT 1
            """)

    fileprivate static let serverEncoding = Statement(
        name: "migrations.encoding", sql: "SELECT current_setting('server_encoding') AS encoding")

    fileprivate static let lockMigrations = Statement(
        name: "migrations.lock", sql: "LOCK TABLE outrider.schema_migrations IN SHARE ROW EXCLUSIVE MODE")

    fileprivate static let appliedMigrations = Statement(
        name: "migrations.applied",
        sql: "SELECT number, name, checksum FROM outrider.schema_migrations ORDER BY number")

    fileprivate static let migrationState = Statement(
        name: "migrations.state",
        sql: """
            SELECT (SELECT checksum FROM outrider.schema_migrations WHERE number = $1::int) AS applied,
                   coalesce((SELECT max(number) FROM outrider.schema_migrations), -1) AS newest,
                   encode(sha256(convert_to($2::text, 'UTF8')), 'hex') AS checksum
            """)

    fileprivate static let recordMigration = Statement(
        name: "migrations.record",
        sql: """
            INSERT INTO outrider.schema_migrations (number, name, checksum)
            VALUES ($1::int, $2::text, encode(sha256(convert_to($3::text, 'UTF8')), 'hex'))
            """)
}

/// One forward-only change of the schema: the text of a file that `psql -f` could run as well, without `BEGIN`, `COMMIT` and
/// psql's own backslash commands.
public struct Migration: Sendable, Hashable {
    public let number: Int
    public let name: String
    public let sql: String

    public init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }

    /// Reads number and name from a file name such as `0002_events.sql`; nil for any other form.
    public init?(fileName: String, sql: String) {
        let digits = fileName.prefix { $0.isASCII && $0.isNumber }
        let rest = fileName.dropFirst(digits.count)
        guard let number = Int(digits), let separator = rest.first, separator == "_" || separator == "-",
            rest.hasSuffix(".sql"), rest.count > 5
        else { return nil }
        self.init(number: number, name: String(rest.dropFirst().dropLast(4)), sql: sql)
    }
}
