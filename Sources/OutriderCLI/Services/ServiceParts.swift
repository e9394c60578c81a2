import Gateway
import HTTPTransport
import Inbox
import Insight
import JobQueue
import Logging
import Metrics
import Postgres
import Schema
import ServiceLifecycle
import UnixSignals
import Worker

/// Puts together what one process runs: the only place that knows all the modules.
///
/// Services are stopped in reverse order: the worker first, while receipts still arrive; the pool last.
struct ServiceParts {
    let logger: Logger
    let database: DatabaseSettings
    let pool: PostgresPool
    private let plans: PostgresConfiguration.Plans
    private(set) var services: [any Service]

    /// - Parameter plans: of the statements that go through `pool`: pinned for a worker alone.
    init(
        _ database: DatabaseSettings, logs: LogSettings, named name: String,
        plans: PostgresConfiguration.Plans = .custom
    ) {
        LineLogHandler.install(logs)
        logger = Logger(label: "outrider.\(name)")
        self.database = database
        self.plans = plans
        pool = PostgresPool(database.configuration(named: "outrider \(name)", plans: plans))
        services = [PoolService(pool: pool)]
    }

    mutating func add(_ service: any Service) { services.append(service) }

    /// - Parameter onRunning: called once the gateway listens.
    mutating func addGateway(
        _ settings: GatewaySettings, _ webhooks: WebhookSettings,
        onRunning: @escaping @Sendable (GatewayService.BoundAddress) async -> Void = { _ in }
    ) throws {
        let metrics = Self.metrics()
        let logger = logger
        let gateway = try GatewayService(
            configuration: settings.configuration(webhooks), database: pool, metrics: metrics, logger: logger
        ) { address in
            logger.info("Gateway listens", metadata: ["host": "\(address.host)", "port": "\(address.port)"])
            await onRunning(address)
        }
        services.append(gateway)
    }

    /// `/metrics` and `/healthz` for a process without a gateway.
    mutating func addMetrics(_ listen: ListenAddress) {
        let metrics = Self.metrics()
        let logger = logger
        services.append(
            MetricsService(host: listen.host, port: listen.port, metrics: metrics, logger: logger) { address in
                logger.info("Metrics listen", metadata: ["host": "\(address.host)", "port": "\(address.port)"])
            })
    }

    /// What this process counts.
    private static func metrics() -> PrometheusRegistry {
        let metrics = PrometheusRegistry()
        MetricsSystem.bootstrap(metrics)
        let dropped = Counter(label: "outrider.log.lines.dropped")
        dropped.increment(by: 0)
        Console.onDroppedNotes { dropped.increment(by: $0) }
        return metrics
    }

    mutating func addWorker(_ settings: WorkerSettings, _ providers: ProviderSettings) throws {
        let transport: HTTPTransport
        do {
            transport = try HTTPTransport(
                configuration: HTTPTransportConfiguration(
                    maximumTransfers: WorkerConfiguration.requestsAtOnce(concurrency: settings.concurrency),
                    userAgent: "Outrider/\(OutriderVersion.current)"))
        } catch {
            throw Failure("the HTTP client could not be started: \(error)", .unavailable)
        }
        services.append(TransportService(transport: transport))
        let pool = workerPool()
        var hints: AsyncStream<Void>?
        if !database.isPooled {  // LISTEN needs a session of its own, which pgbouncer does not give.
            let service = HintService(database.configuration(named: "outrider listen", poolSize: 1), logger: logger)
            services.append(service)
            hints = service.hints
        }
        if settings.publicURL == nil {
            logger.warning("OUTRIDER_PUBLIC_URL is not set: receipts are polled, and inbound messages are listed")
        }
        services.append(
            CatchUpService(
                store: CatchUpStore(pool: pool), receipts: ReceiptStore(pool),
                source: HTTPInboundSource(requests: providers.requests, transport: transport),
                configuration: settings.catchUp, logger: logger))
        services.append(
            WorkerService(
                store: JobStore(pool: pool),
                provider: BudgetedProvider(
                    HTTPMessageProvider(requests: providers.requests, transport: transport),
                    statuses: HTTPStatusSource(requests: providers.requests, transport: transport),
                    budget: PollBudget(perSecond: settings.pollsPerSecond),
                    mailLog: HTTPMailLog(requests: providers.requests, transport: transport)),
                configuration: settings.configuration(for: providers.channels), version: OutriderVersion.current,
                hints: hints, logger: logger))
    }

    /// A worker beside a gateway has a pool of its own: one's plans are pinned, the other's are not.
    private mutating func workerPool() -> PostgresPool {
        guard plans != .pinned else { return pool }
        let own = PostgresPool(database.configuration(named: "outrider work", plans: .pinned))
        services.append(PoolService(pool: own))
        return own
    }

    /// Runs everything until SIGTERM or SIGINT, then lets work in flight end for at most `drain`.
    func run(drain: Duration) async throws {
        try await checkSchema()
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = drain
        configuration.maximumCancellationDuration = .seconds(5)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError {
            logger.warning("What was still in flight after the drain was cut off; others take it over")
        }
    }

    /// A newer program on an older schema would fail at every statement; a database that is down may come back.
    private func checkSchema() async throws {
        let pending: [Migration]
        do throws(PostgresError) {
            _ = try await pool.fetch(.serverAnswers, deadline: .seconds(5))
            pending = try await Migrations(Schema.migrations).pending(in: pool)
        } catch {
            guard error.isRetryable else { throw error }
            logger.warning("The database does not answer yet", metadata: ["error": "\(error)"])
            return
        }
        guard pending.isEmpty else {
            throw Failure("the database lacks \(pending.count) migration(s). Run `outrider migrate`.", .refused)
        }
    }
}
