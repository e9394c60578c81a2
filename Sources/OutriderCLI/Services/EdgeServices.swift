import HTTPServing
import HTTPTransport
import Postgres
import ServiceLifecycle

/// A service that listens where a setting or a flag says. An address that it cannot have is said with the remedy.
struct ListeningService: Service {
    let service: any Service
    /// The setting's or the flag's name.
    let setting: String

    func run() async throws {
        do {
            try await service.run()
        } catch let error as ListenError {
            throw Failure("\(error). Give \(setting) another address, or end what listens there.", .unavailable)
        }
    }
}

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
