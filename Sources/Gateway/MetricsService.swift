import HTTPServing
import Hummingbird
import HummingbirdCore
public import Logging
public import ServiceLifecycle

/// `/metrics`, `/healthz` and `/readyz` of a process that serves nothing else: a worker. It is ready while it can send.
///
/// It shows what this process counts; what the database says, the gateway's `/metrics` shows.
public struct MetricsService: Service {
    private let host: String
    private let port: Int
    private let metrics: PrometheusRegistry
    private let watch: TroubleWatch?
    private let logger: Logger
    private let onRunning: @Sendable (GatewayService.BoundAddress) async -> Void

    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - watch: what `/readyz` asks; run it beside this.
    ///   - onRunning: called once it listens.
    public init(
        host: String, port: Int, metrics: PrometheusRegistry, watch: TroubleWatch? = nil, logger: Logger,
        onRunning: @escaping @Sendable (GatewayService.BoundAddress) async -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        self.metrics = metrics
        self.watch = watch
        self.logger = logger
        self.onRunning = onRunning
    }

    /// Serves until a graceful shutdown.
    public func run() async throws {
        let (metrics, watch) = (metrics, watch)
        let router = Router(context: GatewayContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: WordsForErrors())
        router.get("/healthz") { _, _ in Replies.text(.ok, "alive\n") }
        router.get("/readyz") { _, _ in Replies.sending((watch?.current ?? []).filter(\.stopsAll)) }
        router.get("/metrics") { _, _ in Replies.metrics(metrics.scrape()) }
        let (host, port, onRunning) = (host, port, onRunning)
        let limits = ServerLimits(connections: 32, bodyBytes: 1 << 20)
        let application = Application(
            router: router, server: limits.server(onEarlyClose: EarlyCloses(metrics, listener: "metrics").count),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), availableConnectionsDelegate: limits.acceptance),
            onServerRunning: { channel in
                await onRunning(
                    GatewayService.BoundAddress(
                        host: channel.localAddress?.ipAddress ?? host, port: channel.localAddress?.port ?? port))
            },
            logger: logger)
        try await ListenError.naming(host: host, port: port) { try await application.run() }
    }
}
