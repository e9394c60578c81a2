import ArgumentParser
import Postgres
import Schema

struct Migrate: OutriderCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the database to this program's schema.",
        discussion: """
            Applies the migrations that are missing, each in a transaction; run it before starting a newer version. Any \
            number of hosts may run it at once. The login must own the database or be a superuser: the roles \
            outrider_app, outrider_worker, outrider_gateway and outrider_operator are created where they are missing.
            Workers and applications may go on meanwhile: a migration waits 0.2 s for a lock, lets the others pass, and tries \
            again for ten minutes.

            Where several databases share one fleet, --shard gives each its number, once and before its first job. Every \
            id carries it: id = shard * 2^48 + n. Without it the number is 0. Asking for the number it has changes nothing.

            Examples:
              OUTRIDER_DATABASE_URL=postgresql://postgres@localhost/app outrider migrate
              OUTRIDER_DATABASE_URL=postgresql://postgres@localhost/east \\
                outrider migrate --shard 1

            \(ExitStatus.help)
            """)

    @Flag(help: "List what would be applied, and change nothing.")
    var dryRun = false

    @Option(help: "The number of this database among those of one fleet, 0 to 31.")
    var shard: Int?

    @Flag(help: "Print the numbers as JSON.")
    var json = false

    func validate() throws {
        guard let shard else { return }
        guard ShardNumber.range.contains(shard) else {
            throw ValidationError(
                "shard_must_be_0_to_31: give each database of the fleet a number of its own, from 0 to 31.")
        }
        if dryRun { throw ValidationError("--dry-run changes nothing: leave --shard out.") }
    }

    func perform() async throws {
        let migrations = try Migrations(Schema.migrations)
        let (numbers, number) = try await DatabaseVisit.make(as: "migrate") { pool in
            let fit = try await migrations.fit(in: pool)
            if case .newer = fit { throw Failure("\(fit). \(fit.remedy ?? "")", .refused) }
            let numbers =
                dryRun
                ? try await migrations.pending(in: pool).map(\.number)
                : try await migrations.apply(through: pool) {
                    Console.note("\($0) It is tried again, for ten minutes.")
                }
            return (numbers, try await setShard(in: pool))
        }
        if json {
            return try Console.json(
                Report(applied: dryRun ? nil : numbers, pending: dryRun ? numbers : nil, shard: number?.shard))
        }
        for migration in migrations.all where numbers.contains(migration.number) {
            try Console.data("\(dryRun ? "pending" : "applied") \(migration.number) \(migration.name)")
        }
        if numbers.isEmpty { Console.note("The schema is up to date: \(migrations.all.last?.number ?? 0).") }
        if let number { try Console.data(number.text) }
    }

    private func setShard(in pool: PostgresPool) async throws(PostgresError) -> ShardNumber? {
        guard let shard else { return nil }
        return try await ShardNumber.set(shard, in: pool)
    }

    private struct Report: Encodable {
        let applied: [Int]?
        let pending: [Int]?
        let shard: Int?
    }
}

/// What `--shard` did.
private struct ShardNumber {
    static let range = 0...31

    let earlier: Int
    let shard: Int

    /// - Throws: what `outrider.set_shard` says against it.
    static func set(_ number: Int, in pool: PostgresPool) async throws(PostgresError) -> ShardNumber {
        let row = try await pool.fetch(.setShard, [.int(number)])[0]
        return ShardNumber(earlier: try row.int("earlier"), shard: try row.int("shard"))
    }

    var text: String {
        guard shard != earlier else { return "shard \(shard) already: nothing changed" }
        return "shard \(shard), was \(earlier): ids begin at \((shard << 48) + 1)"
    }
}
