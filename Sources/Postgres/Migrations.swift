/// Brings a database to the newest schema, and tells how far it is.
///
/// Each migration runs in one transaction together with its record in `outrider.schema_migrations`, and holds a lock on that
/// table, so any number of processes may migrate at once and each migration runs once. Nobody else may lock the table; an
/// advisory lock any login could hold.
public struct Migrations: Sendable {
    /// One row of `outrider.schema_migrations`.
    public struct Applied: Sendable, Equatable {
        public let number: Int
        public let name: String
        /// SHA-256 of the text, in hex.
        public let checksum: String
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
    /// - Parameter deadline: for each migration, waiting for another process's included.
    /// - Throws: `.migration` when an applied migration was changed, or is missing below a newer one; else what the
    ///   database answers. Migrations before the failed one stay applied.
    public func apply(
        through pool: PostgresPool, deadline: Duration = .seconds(600)
    ) async throws -> [Int] {
        try await createTable(through: pool, deadline)
        var numbers: [Int] = []
        for migration in all where try await apply(migration, through: pool, deadline) {
            numbers.append(migration.number)
        }
        return numbers
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

    /// The migrations the database lacks, in order.
    public func pending(in pool: PostgresPool) async throws(PostgresError) -> [Migration] {
        let applied = Set(try await Self.applied(in: pool).map(\.number))
        return all.filter { !applied.contains($0.number) }
    }

    private func apply(
        _ migration: Migration, through pool: PostgresPool, _ deadline: Duration
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

extension Statement {
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
