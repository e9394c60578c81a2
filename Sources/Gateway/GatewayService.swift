import HTTPServing
import Hummingbird
import HummingbirdCore
import Inbox
import Insight
public import Logging
import Metrics
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
    private let pulse: GatewayPulse
    private let missed = MissedWebhooks()
    private let metrics: PrometheusRegistry
    private let watch: TroubleWatch
    private let webhooks: WebhookRoutes
    private let unsubscribes: UnsubscribeRoutes
    private let operations: OperatorRoutes

    /// - Parameters:
    ///   - database: a pool whose login has the role `outrider_gateway`.
    ///   - operators: a pool whose login has the role `outrider_operator`, for what people do on the page; nil: it only reads.
    ///   - metrics: what `/metrics` shows, beside what the database says. Make it the program's metrics system, too.
    ///   - onRunning: called once the gateway listens.
    /// - Throws: `SigningError.malformedKey` when `sendGridPublicKey` is none.
    public init(
        configuration: GatewayConfiguration, database: PostgresPool, operators: PostgresPool? = nil,
        metrics: PrometheusRegistry, logger: Logger,
        onRunning: @escaping @Sendable (BoundAddress) async -> Void = { _ in }
    ) throws {
        self.configuration = configuration
        self.logger = logger
        self.onRunning = onRunning
        self.metrics = metrics
        pulse = GatewayPulse(
            pool: database, id: "\(configuration.host):\(configuration.port) \(randomBytes(8).hexEncoded)")
        let overview = Overview(database)
        watch = TroubleWatch(overview, triesWrites: true, metrics: metrics, logger: logger)
        webhooks = WebhookRoutes(
            twilio: TwilioWebhookVerifier(
                authTokens: configuration.twilioAuthTokens, publicBaseURL: configuration.publicURL),
            sendGrid: try configuration.sendGridPublicKey.map { try SendGridWebhookVerifier(publicKey: $0) },
            store: ReceiptStore(database), replies: KeywordReplies(database: database, logger: logger), missed: missed,
            watch: watch, metrics: WebhookMetrics(metrics),
            logger: logger)
        let pages = try Pages()
        unsubscribes = UnsubscribeRoutes(
            links: configuration.links, store: UnsubscribeStore(database), watch: watch, pages: pages, logger: logger)
        let replies = PageReplies(pages: pages, logger: logger)
        let desk = ActionDesk(configuration, database: operators, pages: pages, logger: logger)
        operations = OperatorRoutes(
            overview: overview,
            campaigns: CampaignRoutes(
                campaigns: Campaigns(database), desk: desk, previews: PreviewDesk(operators), pages: pages,
                replies: replies),
            schedules: ScheduleRoutes(schedules: Schedules(database), desk: desk, pages: pages, replies: replies),
            optOuts: OptOutRoutes(
                wishes: OptOutWishes(database, names: configuration.names), desk: desk, pages: pages, replies: replies),
            people: PeopleRoutes(
                search: PersonSearch(database, names: configuration.names), pages: pages, replies: replies),
            summaries: SummaryCache(overview), metrics: metrics, watch: watch, configuration: configuration,
            pages: pages, replies: replies, logger: logger)
    }

    /// Serves until a graceful shutdown: then no connection is taken and the requests in flight are finished.
    public func run() async throws {
        let (listening, announce) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { await beat(once: listening) }
            tasks.addTask { try await watch.run() }
            defer { tasks.cancelAll() }
            try await ListenError.naming(host: configuration.host, port: configuration.port) {
                try await application { announce.finish() }.run()
            }
        }
        do {
            try await pulse.end()
        } catch {
            logger.info("Could not sign off; the silence will tell", metadata: ["error": "\(error)"])
        }
    }

    /// Says that webhooks are taken, from when they are until they are not any more.
    private func beat(once listening: AsyncStream<Void>) async {
        for await _ in listening {}
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let hasGap = missed.take()
                do throws(PostgresError) {
                    try await pulse.beat(afterGap: hasGap)
                } catch {
                    missed.note()  // Nor could a webhook be stored.
                    if error.sqlState != nil { watch.wrote(error.description) }
                    logger.warning("Could not send the gateway's heartbeat", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: GatewayPulse.interval)
            }
        }
    }

    func application(onListening: @escaping @Sendable () -> Void = {}) -> some ApplicationProtocol {
        let router = Router(context: GatewayContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: WordsForErrors())
        webhooks.add(to: router)
        unsubscribes.add(to: router)
        operations.add(to: router)
        return Application(
            router: router,
            server: configuration.limits.server(onEarlyClose: EarlyCloses(metrics, listener: "gateway").count),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: configuration.limits.acceptance),
            onServerRunning: { channel in
                onListening()
                await onRunning(
                    BoundAddress(
                        host: channel.localAddress?.ipAddress ?? configuration.host,
                        port: channel.localAddress?.port ?? configuration.port))
            },
            logger: logger)
    }
}

/// A request's context that also knows from where the request came.
struct GatewayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The address of the connection's other end.
    let peer: String?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = source.channel.remoteAddress?.ipAddress
    }
}

/// Counts the connections that a listener closed before their time. Every reason is there from the start.
struct EarlyCloses: Sendable {
    private let late: Counter
    private let room: Counter

    init(_ registry: PrometheusRegistry, listener: String) {
        func counter(_ reason: ServerLimits.EarlyClose) -> Counter {
            Counter(
                label: "outrider.connections.closed",
                dimensions: [("listener", listener), ("reason", reason.rawValue)], factory: registry)
        }
        (late, room) = (counter(.late), counter(.room))
    }

    @Sendable func count(_ reason: ServerLimits.EarlyClose) {
        switch reason {
        case .late: late.increment()
        case .room: room.increment()
        }
    }
}
