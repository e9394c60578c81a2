import JobQueue
public import Logging
public import ServiceLifecycle

/// One worker: claims due work, sends, records, and hands on the work of dead workers, until it is told to stop.
///
/// On graceful shutdown it stops claiming at once; sends whose body has not begun are given back as not sent, those on the
/// wire are awaited and recorded. `ServiceGroup` bounds how long that may take; what is cut off is found by the others.
public struct WorkerService: Service {
    private let parts: Parts
    private let hints: AsyncStream<Void>?

    /// - Parameters:
    ///   - hints: Announcements that something may be due, such as `outrider_due` notifications; polling goes on without.
    ///   - version: What this worker calls itself in `outrider.workers`.
    ///   - clock: Time and chance; a simulation has its own.
    public init(
        store: any WorkStore, provider: any MessageProvider, configuration: WorkerConfiguration, version: String,
        hints: AsyncStream<Void>? = nil, clock: WorkClock = .system, logger: Logger
    ) {
        parts = Parts(
            store: store, provider: provider, configuration: configuration, version: version, clock: clock,
            logger: logger)
        self.hints = hints
    }

    public func run() async throws {
        let parts = parts
        do {
            try await parts.upkeep.begin()
        } catch is CancellationError {
            return
        }
        await withGracefulShutdownHandler {
            await work(parts)
        } onGracefulShutdown: {
            parts.stop()
        }
        await parts.upkeep.end()
        parts.logger.info("Worker stopped")
    }

    private func work(_ parts: Parts) async {
        await withDiscardingTaskGroup { background in
            background.addTask { await parts.recorder.run() }
            background.addTask { await parts.upkeep.run() }
            background.addTask { await parts.upkeep.watchSenders() }
            background.addTask { await parts.poll() }
            if let hints {
                background.addTask {
                    for await _ in hints { parts.wake() }
                }
            }
            parts.wake()
            async let wakes: Void = parts.wakeLoop.run()
            await parts.sendLoop.run()
            await wakes
            parts.recorder.finish()
            background.cancelAll()
        }
    }

    /// The loops and what they share.
    private struct Parts: Sendable {
        let logger: Logger
        let configuration: WorkerConfiguration
        let provider: any MessageProvider
        let clock: WorkClock
        let recorder: Recorder
        let upkeep: Upkeep
        let sendLoop: SendLoop
        let wakeLoop: WakeLoop

        init(
            store: any WorkStore, provider: any MessageProvider, configuration: WorkerConfiguration, version: String,
            clock: WorkClock, logger: Logger
        ) {
            let identity = WorkerIdentity(clock: clock)
            var logger = logger
            logger[metadataKey: "worker"] = "\(identity.id)"
            let leases = LeaseLedger()
            let classes = ErrorClasses()
            let senders = Mutexed<[SenderState]>([])
            let maker = MessageMaker(callbackBaseURL: configuration.callbackBaseURL)
            let sends = Signal()
            let wakes = Signal()
            let recorder = Recorder(store: store, identity: identity, leases: leases, clock: clock, logger: logger)
            self.logger = logger
            self.configuration = configuration
            self.provider = provider
            self.clock = clock
            self.recorder = recorder
            upkeep = Upkeep(
                store: store, identity: identity, leases: leases, senders: senders, classes: classes,
                configuration: configuration, version: version, clock: clock, logger: logger,
                onSendersKnown: { sends.wake() })
            sendLoop = SendLoop(
                store: store,
                runner: SendRunner(
                    provider: provider, classes: classes, maker: maker, debts: RateDebts(),
                    configuration: configuration,
                    clock: clock),
                recorder: recorder, leases: leases, identity: identity, configuration: configuration,
                slots: Slots(configuration.concurrency, onRelease: { sends.wake() }), signal: sends, senders: senders,
                clock: clock, logger: logger)
            wakeLoop = WakeLoop(
                store: store,
                runner: WakeRunner(
                    store: store, provider: provider, classes: classes, maker: maker, configuration: configuration,
                    clock: clock),
                recorder: recorder, leases: leases, identity: identity, configuration: configuration,
                slots: Slots(configuration.concurrency, onRelease: { wakes.wake() }), signal: wakes, clock: clock,
                logger: logger)
        }

        func wake() {
            sendLoop.signal.wake()
            wakeLoop.signal.wake()
        }

        func stop() {
            provider.stopSending()
            sendLoop.signal.finish()
            wakeLoop.signal.finish()
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
