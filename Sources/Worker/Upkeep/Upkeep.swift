import Delivery
import JobQueue
import Logging

/// Keeps a worker known as alive, hands on the work of dead ones, and keeps what it knows of codes fresh.
struct Upkeep: Sendable {
    let store: any WorkStore
    let identity: WorkerIdentity
    let leases: LeaseLedger
    let classes: ErrorClasses
    let configuration: WorkerConfiguration
    let version: String
    let clock: WorkClock
    let logger: Logger
    /// Told of each heartbeat: why it was refused, or nil when it was taken.
    let onWrite: @Sendable (String?) -> Void

    /// Registers, waiting for a database that is not there yet; throws only when cancelled.
    /// - Returns: whether the database was there at once.
    func begin() async throws -> Bool {
        var wasThere = true
        while true {
            do {
                try await store.register(
                    worker: identity.id, host: identity.host, processID: identity.processID, version: version)
                try await refresh()
                return wasThere
            } catch {
                logger.error("Could not register with the database; trying again", metadata: ["error": "\(error)"])
            }
            wasThere = false
            try await clock.sleep(for: .seconds(1))
        }
    }

    /// Runs until cancelled.
    /// - Parameter databaseWasThere: what `begin` said. Where it had to wait, nobody's heart could be heard meanwhile, so
    ///   the others speak first.
    func run(databaseWasThere: Bool) async {
        var beats = 0
        // Workers that all die young never come to a second look: the first one must find the dead.
        if databaseWasThere {
            let longDead = max(Self.longDead, configuration.deadAfter * 2)
            await attempt("Could not look for dead workers") { () async throws(StoreError) in
                try await rescue(deadAfter: longDead)
            }
        }
        var pulse = Pulse(at: clock.now)
        while !Task.isCancelled {
            try? await clock.sleep(for: configuration.heartbeatInterval)
            guard !Task.isCancelled else { return }
            if await attempt("Could not send the heartbeat", { () async throws(StoreError) in try await beat() }) {
                pulse.beat(at: clock.now, deadAfter: configuration.deadAfter)
            }
            await attempt("Could not give back what was claimed into a broken connection") {
                () async throws(StoreError) in try await withdraw()
            }
            if pulse.mayJudge(at: clock.now, grace: configuration.heartbeatInterval * 3) {
                await attempt("Could not look for dead workers") { () async throws(StoreError) in
                    try await rescue(deadAfter: configuration.deadAfter)
                }
            }
            if beats % 12 == 0 {
                await attempt("Could not keep house") { () async throws(StoreError) in try await store.keepHouse() }
                await attempt("Could not judge blocks of numbers") { () async throws(StoreError) in
                    try await judgePrefixes()
                }
                await attempt("Could not read the error codes") { () async throws(StoreError) in
                    classes.replace(with: try await store.errorClasses())
                }
            }
            beats += 1
        }
    }

    /// Moves sends to senders that serve them, every two seconds, until cancelled.
    func watchSenders() async {
        while !Task.isCancelled {
            try? await clock.sleep(for: .seconds(2))
            guard !Task.isCancelled else { return }
            await attempt("Could not move sends to another sender") { () async throws(StoreError) in
                while try await store.reroute() >= 1000, !Task.isCancelled {}
            }
        }
    }

    func end() async {
        await attempt("Could not sign off") { () async throws(StoreError) in
            try await store.remove(worker: identity.id)
        }
    }

    private func refresh() async throws(StoreError) {
        classes.replace(with: try await store.errorClasses())
    }

    private func beat() async throws(StoreError) {
        let isKnown: Bool
        do throws(StoreError) {
            isKnown = try await store.heartbeat(worker: identity.id, state: "running")
            onWrite(nil)
        } catch {
            if error.refusesWrites { onWrite("a heartbeat was refused: \(error)") }
            throw error
        }
        guard !isKnown else { return }
        // The others took us for dead and have our leases. What we still learn is recorded all the same: first insert wins.
        logger.warning("Taken for dead by the other workers; going on under a new name")
        identity.renew()
        try await store.register(
            worker: identity.id, host: identity.host, processID: identity.processID, version: version)
    }

    /// A claim whose answer was lost left intents behind that nobody works on.
    private func withdraw() async throws(StoreError) {
        let batches = leases.withdraw(try await store.leases(of: identity.id))
        guard !batches.isEmpty else { return }
        let unsent = try await store.withdraw(batches, worker: identity.id)
        logger.notice(
            "Gave back batches whose claim was not answered; nothing of them was sent",
            metadata: ["batches": "\(batches.count)", "attempts": "\(unsent)"])
    }

    private func judgePrefixes() async throws(StoreError) {
        for prefix in try await store.judgePrefixes() {
            logger.warning(
                "One-time passwords to a block of numbers do not arrive; see `outrider status`",
                metadata: [
                    "messages": "\(prefix.messages)", "arrived": "\(prefix.arrived)",
                    "is_stopped": "\(prefix.isStopped)",
                ])
        }
    }

    /// From how long a silence on a worker is dead for one that has just started and has heard nobody yet.
    private static let longDead = Duration.seconds(60)

    private func rescue(deadAfter: Duration) async throws(StoreError) {
        let rescue = try await store.rescue(
            worker: identity.id, holding: leases.held, deadAfter: deadAfter,
            reconcileAfter: configuration.timing.firstListing)
        guard rescue.looks > 0 || rescue.deadWorkers > 0 else { return }
        WorkerMetrics.rescued(lost: rescue.lost, looks: rescue.looks, workers: rescue.deadWorkers)
        logger.notice(
            "Took over the work of dead workers",
            metadata: [
                "workers": "\(rescue.deadWorkers)", "due_rows": "\(rescue.looks)", "lost_intents": "\(rescue.lost)",
            ])
    }

    /// - Returns: whether it was done.
    @discardableResult
    private func attempt(_ message: Logger.Message, _ body: () async throws(StoreError) -> Void) async -> Bool {
        do {
            try await body()
            return true
        } catch  where Task.isCancelled {
            return false  // Cut short by the end of the worker.
        } catch {
            logger.warning(message, metadata: ["error": "\(error)"])
            return false
        }
    }
}

/// The heartbeats that this worker could send. After a silence of the database's all hearts seem to have stopped: a worker
/// that was silent itself lets the others speak before it takes one of them for dead.
struct Pulse {
    private var lastBeat: ContinuousClock.Instant
    /// When it could beat again after such a silence.
    private var resumedAt: ContinuousClock.Instant?

    init(at now: ContinuousClock.Instant) { lastBeat = now }

    /// A heartbeat was sent.
    mutating func beat(at now: ContinuousClock.Instant, deadAfter: Duration) {
        // Half of it: with a shorter silence nobody's heart is old enough to seem dead.
        if now - lastBeat > deadAfter / 2 { resumedAt = now }
        lastBeat = now
    }

    /// Whether a heart that has stopped may be taken for dead.
    func mayJudge(at now: ContinuousClock.Instant, grace: Duration) -> Bool {
        resumedAt.map { now - $0 >= grace } ?? true
    }
}
