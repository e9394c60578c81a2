import Foundation
import Postgres
import TestDatabase

/// A new database with Outrider's schema, and three ways in: the superuser, an application's login, an operator's login.
struct ScratchDatabase {
    /// The superuser's.
    let url: String
    let superuser: PostgresPool
    let application: PostgresPool
    let operations: PostgresPool

    init() async throws {
        url = try await PostgresServer.migratedDatabase()
        // Logins belong to the whole server, which tests may share.
        let tag = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        superuser = try Self.pool(url, user: nil)
        try await superuser.run(
            script: """
                CREATE ROLE shop_\(tag) LOGIN IN ROLE outrider_app;
                CREATE ROLE ann_\(tag) LOGIN IN ROLE outrider_operator
                """)
        application = try Self.pool(url, user: "shop_\(tag)")
        operations = try Self.pool(url, user: "ann_\(tag)")
    }

    func close() async {
        for pool in [superuser, application, operations] { await pool.close() }
    }

    /// How many rows `source`, a table with or without a condition, has.
    func count(_ source: String) async throws -> Int {
        let statement = Statement(name: "documents \(source)", sql: "SELECT count(*) AS count FROM \(source)")
        return try await superuser.fetch(statement)[0].int("count")
    }

    /// The audience that the examples address, with the grants that stand there.
    func addAudience() async throws {
        try await superuser.run(script: try Document.file("ops/examples/audience.sql"))
    }

    private static func pool(_ url: String, user: String?) throws -> PostgresPool {
        guard var parts = URLComponents(string: url) else { throw Document.NotFound(description: "no database URL") }
        if let user { (parts.user, parts.password) = (user, nil) }
        return PostgresPool(
            PostgresConfiguration(url: parts.string ?? url, poolSize: 1, queryDeadline: .seconds(60)))
    }
}
