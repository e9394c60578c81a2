import Delivery
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
    private let names: AddressNames
    let database: DatabaseSettings
    let pool: PostgresPool
    private let plans: PostgresConfiguration.Plans
    private(set) var services: [any Service]
    /// What the process is for, where it is not to run until it is told to stop.
    private var purpose: (any Service)?
    /// What the login must be allowed, and what is said of this process at its start.
    private var roles: [String] = []
    private var facts: Logger.Metadata
    private let systemd = Systemd.current
    private var hasGateway = false
    /// Through which people act on the page.
    private var operators: PostgresPool?
    /// Says what is in trouble in a process without a gateway, which does so by itself.
    private var troubles: TroubleWatch?

    /// - Parameter plans: of the statements that go through `pool`: pinned for a worker alone.
    init(
        _ database: DatabaseSettings, logs: LogSettings, named name: String,
        plans: PostgresConfiguration.Plans = .custom
    ) {
        LineLogHandler.install(logs)
        names = logs.names
        logger = Logger(label: "outrider.\(name)")
        self.database = database
        self.plans = plans
        pool = PostgresPool(database.configuration(named: "outrider \(name)", plans: plans))
        services = [PoolService(pool: pool)]
        facts = ["version": "\(OutriderVersion.current)", "part": "\(name)"]
    }

    mutating func add(_ service: any Service) { services.append(service) }

    /// The process ends when this one does.
    mutating func add(purpose service: any Service) { purpose = service }

    /// - Parameters:
    ///   - setting: what says where it listens.
    ///   - onRunning: called once the gateway listens.
    mutating func addGateway(
        _ settings: GatewaySettings, _ webhooks: WebhookSettings, setting: String = "OUTRIDER_LISTEN",
        onRunning: @escaping @Sendable (GatewayService.BoundAddress) async -> Void = { _ in }
    ) throws {
        let metrics = Self.metrics()
        let (logger, systemd) = (logger, systemd)
        hasGateway = true
        roles.append(DatabaseRole.gateway)
        facts["public.url"] = "\(settings.publicURL)"
        if !settings.isPageOpen {
            logger.warning(
                "Operator page and metrics are closed: set OUTRIDER_OPERATOR_USER and OUTRIDER_OPERATOR_PASSWORD")
        }
        let gateway = try GatewayService(
            configuration: settings.configuration(webhooks, names: names), database: pool,
            operators: operatorPool(settings),
            metrics: metrics, logger: logger
        ) { address in
            logger.info("Gateway listens", metadata: ["host": "\(address.host)", "port": "\(address.port)"])
            systemd?.tell(.ready)
            await onRunning(address)
        }
        services.append(ListeningService(service: gateway, setting: setting))
    }

    /// What people do on the page goes through a login of its own, which may: the gateway's may not.
    private mutating func operatorPool(_ settings: GatewaySettings) -> PostgresPool? {
        guard let login = settings.operatorDatabase else { return nil }
        let operators = PostgresPool(database.configuration(named: "outrider page", poolSize: 4, login: login))
        services.append(PoolService(pool: operators))
        self.operators = operators
        return operators
    }

    /// `/metrics` and `/healthz` for a process without a gateway.
    mutating func addMetrics(_ listen: ListenAddress) {
        let metrics = Self.metrics()
        let watch = addWatch(metrics)
        let logger = logger
        let service = MetricsService(
            host: listen.host, port: listen.port, metrics: metrics, watch: watch, logger: logger
        ) { address in
            logger.info("Metrics listen", metadata: ["host": "\(address.host)", "port": "\(address.port)"])
        }
        services.append(ListeningService(service: service, setting: "OUTRIDER_METRICS_LISTEN"))
    }

    /// What this process counts.
    private static func metrics() -> PrometheusRegistry {
        let metrics = PrometheusRegistry(version: OutriderVersion.current)
        MetricsSystem.bootstrap(metrics)
        let dropped = Counter(label: "outrider.log.lines.dropped")
        Console.onDroppedNotes { dropped.increment(by: $0) }
        return metrics
    }

    /// Says in the log what is in trouble.
    @discardableResult
    private mutating func addWatch(_ metrics: any MetricsFactory) -> TroubleWatch {
        let watch = TroubleWatch(Overview(pool), metrics: metrics, logger: logger)
        services.append(watch)
        troubles = watch
        return watch
    }

    mutating func addWorker(_ settings: WorkerSettings, _ providers: ProviderSettings) throws {
        roles.append(DatabaseRole.worker)
        facts["concurrency"] = "\(settings.concurrency)"
        facts["channels"] = "\(providers.channels.map(\.rawValue).sorted().joined(separator: " "))"
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
        if !hasGateway, troubles == nil { addWatch(MetricsSystem.factory) }
        let watch = ProviderWatch()
        let configuration = settings.configuration(for: providers.channels)
        services.append(
            TallyService(TallyStore(pool), watch: watch, seals: configuration.opener.watch, logger: logger))
        // What it runs is long, and none of it a look-up by key: plans and connections of its own.
        let campaigns = PostgresPool(database.configuration(named: "outrider campaigns", poolSize: 6))
        services.append(PoolService(pool: campaigns))
        services.append(
            CampaignService(CampaignStore(campaigns), audiences: AudienceStore(campaigns), logger: logger))
        services.append(ScheduleService(ScheduleStore(campaigns), logger: logger))
        services.append(PurgeService(PurgeStore(campaigns), logger: logger))
        services.append(
            WorkerService(
                store: JobStore(pool: pool), ends: JobStore(pool: pool),
                provider: BudgetedProvider(
                    WatchedProvider(
                        HTTPMessageProvider(requests: providers.requests, transport: transport), watch: watch),
                    statuses: HTTPStatusSource(requests: providers.requests, transport: transport),
                    budget: PollBudget(perSecond: settings.pollsPerSecond),
                    mailLog: HTTPMailLog(requests: providers.requests, transport: transport)),
                numbers: HTTPNumberSource(requests: providers.requests, transport: transport),
                configuration: configuration, version: OutriderVersion.current,
                hints: hints, logger: logger, onWrite: { [troubles] in troubles?.wrote($0) }))
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
            // Where one part fails, what the others have begun is not cut off.
            services: (lifeSigns + services).map {
                .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup)
            }
                + [purpose].compactMap(\.self).map {
                    .init(
                        service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                }, gracefulShutdownSignals: [.sigterm, .sigint, .sighup], logger: logger)
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
            try await waitForDatabase()
            fit = try await Migrations(Schema.migrations).fit(in: pool)
            if fit.remedy == nil { try await sayStart() }
        } catch {
            guard error.isRetryable else { throw error }
            logger.info("Outrider starts without its database", metadata: facts)
            return
        }
        if let remedy = fit.remedy { throw Failure("\(fit). \(remedy)", .refused) }
    }

    private func sayStart() async throws(PostgresError) {
        let start = try await StartReport(pool)
        if let lacking = start.lacking(roles) {
            logger.error(
                "The database login is not the one for this process: statements will be refused",
                metadata: ["roles": "\(lacking)", "remedy": "see ops/roles.sql, or run outrider doctor"])
        }
        if let operators, let obstacle = await StartReport.obstacle(to: operators) {
            // The page still reads, and webhooks are taken.
            logger.error(
                "Nobody can act on the page by the login of OUTRIDER_OPERATOR_DATABASE_URL",
                metadata: ["error": "\(obstacle)", "remedy": "see ops/roles.sql, or run outrider doctor"])
        }
        logger.info("Outrider starts", metadata: facts.merging(start.metadata) { _, new in new })
    }

    /// For 5 s. That it does not answer is said long before.
    private func waitForDatabase() async throws(PostgresError) {
        do throws(PostgresError) {
            _ = try await pool.fetch(.serverAnswers, deadline: .milliseconds(700))
        } catch {
            guard error.isRetryable else { throw error }
            logger.warning("The database does not answer yet", metadata: ["error": "\(Failure(error))"])
            _ = try await pool.fetch(.serverAnswers, deadline: .seconds(4))
        }
    }
}
