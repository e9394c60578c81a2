import Foundation
import Postgres
import TestDatabase

/// Copies of one migrated database: much quicker than migrating one for each test.
enum DatabaseCopies {
    struct BadURL: Error {}

    private static let template = Task {
        (url: try await PostgresServer.migratedDatabase(), admin: try await administrator())
    }

    private static func administrator() async throws -> PostgresPool {
        let url = try await PostgresServer.freshDatabase()
        return PostgresPool(PostgresConfiguration(url: url, poolSize: 1, queryDeadline: .seconds(120)))
    }

    /// The URL of a new copy.
    static func make() async throws -> String {
        let (url, admin) = try await template.value
        guard var parts = URLComponents(string: url) else { throw BadURL() }
        let name = "outrider_test_\(UInt64.random(in: 0...UInt64.max))"
        try await admin.run(script: "CREATE DATABASE \(name) TEMPLATE \(parts.path.dropFirst())")
        parts.path = "/" + name
        guard let copy = parts.string else { throw BadURL() }
        return copy
    }
}
