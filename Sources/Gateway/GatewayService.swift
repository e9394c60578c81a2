import Dispatching
import Hummingbird
import HummingbirdCore
public import Logging
public import Postgres
import Providers
public import ServiceLifecycle
import Signing

/// The HTTP side: webhooks in, health, metrics and the operator page out. It never calls a provider.
public struct GatewayService: Service {
    /// Where the gateway listens, once it does.
    public struct BoundAddress: Sendable, Equatable {
        public var host: String
        public var port: Int
    }

    private let configuration: GatewayConfiguration
    private let logger: Logger
    private let onRunning: @Sendable (BoundAddress) async -> Void
    private let webhooks: WebhookRoutes
    private let operations: OperatorRoutes

    /// - Parameters:
    ///   - database: a pool whose login has the role `outrider_gateway`.
    ///   - metrics: what `/metrics` shows, beside what the database says. Make it the program's metrics system, too.
    ///   - onRunning: called once the gateway listens.
    /// - Throws: `SigningError.malformedKey` when `sendGridPublicKey` is none.
    public init(
        configuration: GatewayConfiguration, database: PostgresPool, metrics: PrometheusRegistry, logger: Logger,
        onRunning: @escaping @Sendable (BoundAddress) async -> Void = { _ in }
    ) throws {
        self.configuration = configuration
        self.logger = logger
        self.onRunning = onRunning
        webhooks = WebhookRoutes(
            twilio: TwilioWebhookVerifier(
                authTokens: configuration.twilioAuthTokens, publicBaseURL: configuration.publicURL),
            sendGrid: try configuration.sendGridPublicKey.map { try SendGridWebhookVerifier(publicKey: $0) },
            store: ReceiptStore(database), metrics: WebhookMetrics(metrics), logger: logger)
        let overview = Overview(database)
        operations = OperatorRoutes(
            overview: overview, summaries: SummaryCache(overview), metrics: metrics, configuration: configuration,
            pages: try Pages(), logger: logger)
    }

    /// Serves until a graceful shutdown: then no connection is taken and the requests in flight are finished.
    public func run() async throws { try await application().run() }

    func application() -> some ApplicationProtocol {
        let router = Router()
        webhooks.add(to: router)
        operations.add(to: router)
        return Application(
            router: router,
            // Time enough for the slowest webhook; a connection on which nothing moves is a slot somebody else needs.
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maximumConnections)),
            onServerRunning: { channel in
                await onRunning(
                    BoundAddress(
                        host: channel.localAddress?.ipAddress ?? configuration.host,
                        port: channel.localAddress?.port ?? configuration.port))
            },
            logger: logger)
    }
}
