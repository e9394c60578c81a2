import HTTPTransport
import Postgres
import ServiceLifecycle

/// Closes the HTTP transport when the worker has ended.
struct TransportService: Service {
    let transport: HTTPTransport

    func run() async throws {
        try? await gracefulShutdown()
        await transport.close()
    }
}

/// Closes the connection pool when everything that uses it has ended.
struct PoolService: Service {
    let pool: PostgresPool

    func run() async throws {
        try? await gracefulShutdown()
        await pool.close()
    }
}
