import HTTPTransport
import ServiceLifecycle

/// Closes the HTTP transport when the worker has ended.
struct TransportService: Service {
    let transport: HTTPTransport

    func run() async throws {
        try? await gracefulShutdown()
        await transport.close()
    }
}
