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

            Example: OUTRIDER_DATABASE_URL=postgresql://postgres@localhost/app outrider migrate

            \(ExitStatus.help)
            """)

    @Flag(help: "List what would be applied, and change nothing.")
    var dryRun = false

    @Flag(help: "Print the numbers as JSON.")
    var json = false

    func perform() async throws {
        let migrations = try Migrations(Schema.migrations)
        let numbers = try await DatabaseVisit.make(as: "migrate") { pool in
            dryRun ? try await migrations.pending(in: pool).map(\.number) : try await migrations.apply(through: pool)
        }
        if json { return try Console.json([dryRun ? "pending" : "applied": numbers]) }
        for migration in migrations.all where numbers.contains(migration.number) {
            Console.data("\(dryRun ? "pending" : "applied") \(migration.number) \(migration.name)")
        }
        if numbers.isEmpty { Console.note("The schema is up to date: \(migrations.all.last?.number ?? 0).") }
    }
}
