import Postgres
import ServiceLifecycle

/// Closes the connection pool when everything that uses it has ended.
struct PoolService: Service {
    let pool: PostgresPool

    func run() async throws {
        try? await gracefulShutdown()
        await pool.close()
    }
}
