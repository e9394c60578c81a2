import Foundation
import Postgres
import Schema
import Synchronization

/// A real PostgreSQL for tests: the server of `OUTRIDER_TEST_DATABASE_URL` (a superuser's URL), or a private cluster on
/// 127.0.0.1 in a temporary directory. The cluster stops when this process ends, however it ends.
public enum PostgresServer {
    /// The URL of a new, empty database. It goes with the private cluster, or stays for the server's owner to drop.
    public static func freshDatabase() async throws -> String { try url(of: await database(like: "template1")) }

    /// The URL of a new database that holds the whole schema: a copy of one that was migrated, much quicker than
    /// migrating each.
    public static func migratedDatabase() async throws -> String {
        let url = try Self.url(of: await database(like: migrated.value))
        // A copy is not the database that was migrated, and would send nothing.
        let pool = PostgresPool(PostgresConfiguration(url: url, poolSize: 1, queryDeadline: .seconds(120)))
        try await pool.run(script: "select outrider.go_on_here()")
        await pool.close()
        return url
    }

    /// Makes a database and returns its name.
    private static func database(like template: String) async throws -> String {
        let admin = PostgresPool(
            PostgresConfiguration(url: try server.get(), poolSize: 1, queryDeadline: .seconds(120)))
        let name = "outrider_test_\(UInt64.random(in: 0...UInt64.max))"
        try await admin.run(script: "create database \(name) template \(template)")
        await admin.close()
        return name
    }

    /// The name of the database that the others are copied from. Nobody stays connected to it: one in use is not copied.
    private static let migrated = Task {
        let name = try await database(like: "template1")
        let pool = PostgresPool(
            PostgresConfiguration(url: try url(of: name), poolSize: 1, queryDeadline: .seconds(120)))
        _ = try await Migrations(Schema.migrations).apply(through: pool)
        // Their providers are simulated, so messages may go to numbers of every country.
        try await pool.run(script: "update outrider.contact_settings set anywhere = true")
        await pool.close()
        return name
    }

    private static func url(of database: String) throws -> String {
        guard var parts = URLComponents(string: try server.get()) else {
            throw PrivateServer.SetUpError(description: "no URL")
        }
        parts.path = "/" + database
        guard let url = parts.string else { throw PrivateServer.SetUpError(description: "no URL") }
        return url
    }

    private static let server: Result<String, any Error> = Result {
        if let url = ProcessInfo.processInfo.environment["OUTRIDER_TEST_DATABASE_URL"] { return url }
        return try startCluster()
    }

    /// Kept for as long as this process lives.
    private static let cluster = Mutex<PrivateServer?>(nil)

    private static func startCluster() throws -> String {
        let started = try PrivateServer()
        cluster.withLock { $0 = started }
        return started.url
    }
}
