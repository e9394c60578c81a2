import Delivery
public import JobQueue
public import Logging
public import ServiceLifecycle

/// One worker: takes due rows, sends, records, and hands on the work of dead workers, until it is told to stop.
///
/// On graceful shutdown it takes nothing more; sends whose body has not begun are given back as not sent, those on the
/// wire are awaited and recorded. `ServiceGroup` bounds how long that may take; what is cut off is found by the others.
public struct WorkerService: Service {
    private let parts: Parts
    private let hints: AsyncStream<Void>?

    /// - Parameters:
    ///   - ends: The calls that are to be ended.
    ///   - numbers: Where numbers are looked up; nil asks nobody.
    ///   - hints: Announcements that something may be due, such as `outrider_due` notifications; polling goes on without.
    ///   - version: What this worker calls itself in `outrider.workers`.
    ///   - clock: Time and chance; a simulation has its own.
    ///   - onWrite: Told of writes: why the database refused one, or nil when it took one.
    public init(
        store: any WorkStore, ends: any EndStore, provider: any MessageProvider,
        numbers: (any NumberSource)? = nil, configuration: WorkerConfiguration,
        version: String, hints: AsyncStream<Void>? = nil, clock: WorkClock = .system, logger: Logger,
        onWrite: @escaping @Sendable (String?) -> Void = { _ in }
    ) {
        parts = Parts(
            store: store, ends: ends, provider: provider, numbers: numbers, configuration: configuration,
            version: version, clock: clock, logger: logger, onWrite: onWrite)
        self.hints = hints
    }

    public func run() async throws {
        let parts = parts
        WorkerMetrics.begin()
        let databaseWasThere: Bool
        do {
            databaseWasThere = try await parts.upkeep.begin()
        } catch is CancellationError {
            return
        }
        await withGracefulShutdownHandler {
            await work(parts, databaseWasThere: databaseWasThere)
        } onGracefulShutdown: {
            parts.stop()
        }
        await parts.upkeep.end()
        parts.logger.info("Worker stopped")
    }

    private func work(_ parts: Parts, databaseWasThere: Bool) async {
        await withDiscardingTaskGroup { background in
            background.addTask { await parts.upkeep.run(databaseWasThere: databaseWasThere) }
            background.addTask { await parts.upkeep.watchSenders() }
            background.addTask { await parts.ends.run() }
            background.addTask { await parts.poll() }
            if let hints {
                background.addTask {
                    for await _ in hints { parts.wake() }
                }
            }
            parts.wake()
            // Not in the background: what was learnt is written before the rest is cancelled.
            async let records: Void = parts.recorder.run()
            async let work: Void = parts.bulkheads.run(sending: parts.send, asking: parts.ask)
            await withDiscardingTaskGroup { loops in
                for loop in parts.loops { loops.addTask { await loop.run() } }
            }
            parts.bulkheads.finish()
            await work
            parts.recorder.finish()
            await records
            background.cancelAll()
        }
    }

    /// The loops and what they share.
    private struct Parts: Sendable {
        let logger: Logger
        let configuration: WorkerConfiguration
        let provider: any MessageProvider
        let clock: WorkClock
        let ends: EndLoop
        let recorder: Recorder
        let upkeep: Upkeep
        let bulkheads: Bulkheads
        let sender: SendRunner
        let looker: LookRunner
        /// Slots that one loop cannot keep busy: while it waits for its commit, another takes.
        private static let worthTwoLoops = 32
        /// One for what is urgent, and one or two for the rest.
        let loops: [TakeLoop]

        init(
            store: any WorkStore, ends: any EndStore, provider: any MessageProvider,
            numbers: (any NumberSource)?, configuration: WorkerConfiguration,
            version: String, clock: WorkClock, logger: Logger, onWrite: @escaping @Sendable (String?) -> Void
        ) {
            let identity = WorkerIdentity(clock: clock)
            var logger = logger
            logger[metadataKey: "worker"] = "\(identity.id)"
            let leases = LeaseLedger()
            let classes = ErrorClasses()
            let rates = RateLedger()
            let campaigns = CampaignLedger()
            let gate = AskGate(perSecond: configuration.pollsPerSecond)
            let maker = MessageMaker(callbackBaseURL: configuration.callbackBaseURL, links: configuration.links)
            let bulkheads = Bulkheads(concurrency: configuration.concurrency, clock: clock)
            let throttles = SendThrottles(clock: clock)
            let rules = RuleBook(store: store, clock: clock)
            self.logger = logger
            self.configuration = configuration
            self.provider = provider
            self.clock = clock
            self.bulkheads = bulkheads
            self.ends = EndLoop(store: ends, provider: provider, identity: identity, clock: clock, logger: logger)
            recorder = Recorder(
                store: store, identity: identity, leases: leases, clock: clock, logger: logger,
                onWrite: onWrite)
            upkeep = Upkeep(
                store: store, identity: identity, leases: leases, classes: classes, configuration: configuration,
                version: version, clock: clock, logger: logger, onWrite: onWrite)
            sender = SendRunner(
                provider: provider, classes: classes, maker: maker, rates: rates, throttles: throttles,
                numbers: NumberDesk(numbers, clock: clock, logger: logger), configuration: configuration, clock: clock)
            looker = LookRunner(
                store: store, provider: provider, classes: classes, maker: maker, configuration: configuration,
                clock: clock)
            let others = configuration.concurrency < Self.worthTwoLoops ? [2...3] : [2...3, 2...3]
            loops = ([Urgency.priorities] + others).map { [logger] priorities in
                TakeLoop(
                    priorities: priorities, store: store, bulkheads: bulkheads, rates: rates, campaigns: campaigns,
                    throttles: throttles, rules: rules, leases: leases, identity: identity,
                    configuration: configuration, gate: gate, signal: Signal(),
                    clock: clock,
                    logger: logger, onWrite: onWrite)
            }
        }

        @Sendable func send(_ send: BegunSend) async {
            await recorder.add(await sender.run(send), lease: send.lease)
        }

        @Sendable func ask(_ question: Question) async {
            switch question {
            case .look(let job, let lease, let readAt):
                await recorder.add(await looker.run(job, readAt: readAt), lease: lease)
            }
        }

        func wake() {
            for loop in loops { loop.signal.wake() }
        }

        func stop() {
            provider.stopSending()
            for loop in loops { loop.signal.finish() }
        }

        /// Looks at the lanes every so often, jittered so that workers do not fall into step; until cancelled.
        func poll() async {
            while !Task.isCancelled {
                var random = clock.random
                let jitter = Double.random(in: 0.8...1.2, using: &random)
                try? await clock.sleep(for: configuration.pollInterval * jitter)
                wake()
            }
        }
    }
}
