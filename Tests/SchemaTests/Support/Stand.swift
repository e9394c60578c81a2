import Postgres
import TestDatabase

/// A database of its own, and three ways in: the owner's, a worker's and a gateway's. Workers and gateways plan differently.
struct Stand {
    let url: String
    let admin: PostgresPool
    let worker: PostgresPool
    let gateway: PostgresPool

    /// - Parameter url: nil for a new database with the schema of this release.
    static func with(_ url: String? = nil, _ body: (Stand) async throws -> Void) async throws {
        let stand: Stand
        if let url { stand = Stand(url: url) } else { stand = Stand(url: try await PostgresServer.migratedDatabase()) }
        do {
            try await body(stand)
        } catch {
            await stand.close()
            throw error
        }
        await stand.close()
    }

    private init(url: String) {
        self.url = url
        admin = PostgresPool(PostgresConfiguration(url: url, poolSize: 2, queryDeadline: .seconds(120)))
        worker = Self.pool(url, "outrider_worker", .pinned)
        gateway = Self.pool(url, "outrider_gateway", .custom)
    }

    /// One connection, so that what is prepared on it stays.
    static func pool(
        _ url: String, _ role: String, _ plans: PostgresConfiguration.Plans, size: Int = 1,
        lockTimeout: Duration = .zero
    ) -> PostgresPool {
        let locks = "%20-clock_timeout%3D\(lockTimeout.components.seconds)s"
        return PostgresPool(
            PostgresConfiguration(
                url: url + "?options=-crole%3D\(role)\(locks)", poolSize: size, queryDeadline: .seconds(120),
                plans: plans))
    }

    private func close() async {
        for pool in [admin, worker, gateway] { await pool.close() }
    }

    func run(_ script: String) async throws { try await admin.run(script: script) }

    /// The only column of the only row, as text.
    func value(_ expression: String) async throws -> String? {
        try await admin.fetch(
            Statement(name: "value \(expression.hashValue)", sql: "select (\(expression))::text as v"))[0]
            .optionalString("v")
    }

    func number(_ expression: String) async throws -> Int {
        Int(try await value(expression) ?? "") ?? -1
    }
}
