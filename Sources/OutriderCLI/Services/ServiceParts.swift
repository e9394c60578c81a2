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
    private let systemd = Systemd.current
    private var hasGateway = false
    /// Whether something of this process says what is in trouble. A gateway does by itself.
    private var hasWatch = false

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
        let metrics = PrometheusRegistry(version: OutriderVersion.current)
        MetricsSystem.bootstrap(metrics)
        let (logger, systemd) = (logger, systemd)
        (hasGateway, hasWatch) = (true, true)
        let gateway = try GatewayService(
            configuration: settings.configuration(webhooks), database: pool, metrics: metrics, logger: logger
        ) { address in
            logger.info("Gateway listens", metadata: ["host": "\(address.host)", "port": "\(address.port)"])
            systemd?.tell(.ready)
            await onRunning(address)
        }
        services.append(gateway)
    }

    /// `/metrics` and `/healthz` for a process without a gateway.
    mutating func addMetrics(_ listen: ListenAddress) {
        let metrics = PrometheusRegistry(version: OutriderVersion.current)
        MetricsSystem.bootstrap(metrics)
        let watch = addWatch(metrics)
        let logger = logger
        services.append(
            MetricsService(
                host: listen.host, port: listen.port, metrics: metrics, watch: watch, logger: logger
            ) { address in
                logger.info("Metrics listen", metadata: ["host": "\(address.host)", "port": "\(address.port)"])
            })
    }

    /// Says in the log what is in trouble.
    @discardableResult
    private mutating func addWatch(_ metrics: any MetricsFactory) -> TroubleWatch {
        let watch = TroubleWatch(Overview(pool), metrics: metrics, logger: logger)
        services.append(watch)
        hasWatch = true
        return watch
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
            HomeWatch(
                store: HomeStore(pool: pool),
                source: HTTPSentSource(requests: providers.requests, transport: transport), logger: logger))
        services.append(
            CatchUpService(
                store: CatchUpStore(pool: pool), receipts: ReceiptStore(pool),
                source: HTTPInboundSource(requests: providers.requests, transport: transport),
                configuration: settings.catchUp, logger: logger))
        if !hasWatch { addWatch(MetricsSystem.factory) }
        let watch = ProviderWatch()
        services.append(TallyService(TallyStore(pool), watch: watch, logger: logger))
        services.append(
            WorkerService(
                store: JobStore(pool: pool),
                provider: BudgetedProvider(
                    WatchedProvider(
                        HTTPMessageProvider(requests: providers.requests, transport: transport), watch: watch),
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

    /// Runs everything until SIGTERM, SIGINT or SIGHUP, then lets work in flight end for at most `drain`.
    func run(drain: Duration) async throws {
        try await checkSchema()
        let lifeSigns = systemd.map { [LifeSignService(systemd: $0, isReadyAtOnce: !hasGateway)] } ?? []
        var configuration = ServiceGroupConfiguration(
            services: lifeSigns + services, gracefulShutdownSignals: [.sigterm, .sigint, .sighup], logger: logger)
        configuration.maximumGracefulShutdownDuration = drain
        configuration.maximumCancellationDuration = .seconds(5)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError {
            logger.warning("What was still in flight after the drain was cut off; others take it over")
        }
    }

    /// A newer program on an older schema would fail at every statement, and an older one may do harm to a newer schema. A
    /// database that is down may come back.
    private func checkSchema() async throws {
        let fit: Migrations.Fit
        do throws(PostgresError) {
            _ = try await pool.fetch(.serverAnswers, deadline: .seconds(5))
            fit = try await Migrations(Schema.migrations).fit(in: pool)
        } catch {
            guard error.isRetryable else { throw error }
            logger.warning("The database does not answer yet", metadata: ["error": "\(error)"])
            return
        }
        if let remedy = fit.remedy { throw Failure("\(fit). \(remedy)", .refused) }
    }
}
