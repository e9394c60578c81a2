import Delivery
import Dispatching
import JobQueue
import Postgres

/// The database as one worker process reaches it.
struct SimulatedStore: WorkStore {
    let simulation: Simulation
    let process: Int

    func claimSends(
        _ lane: Lane, from floor: DueKey, limit: Int, worker: String, allowance: RateAllowance?
    ) async throws(StoreError) -> Claim {
        let asked = SendClaim(lane: lane, floor: floor, limit: limit, worker: worker, allowance: allowance)
        return try await call { $0.beginClaim(asked) }
    }

    func claimWakes(from floor: DueKey, limit: Int, worker: String) async throws(StoreError) -> Claim {
        try await call { $0.beginWakes(after: floor, limit: limit, worker: worker) }
    }

    func lanesDue(_ lanes: [(lane: Lane, floor: DueKey)]) async throws(StoreError) -> [Lane] {
        try await read { $0.lanesDue(lanes) }
    }

    /// As the real one: what forbids contact is committed before the facts.
    func record(_ records: [Record], worker: String, doneLeases: [Int]) async throws(StoreError) {
        for suppression in records.flatMap(\.suppressions) {
            try await call { _ in
                Transaction(commit: {
                    $0.suppress(job: suppression.jobID, on: suppression.channels, reason: suppression.reason)
                })
            }
        }
        for pause in records.flatMap(\.pauses) {
            try await call { _ in Transaction(commit: { $0.pauseSender(of: pause.jobID, pause.generation) }) }
        }
        try await call { $0.beginRecord(records, worker: worker, doneLeases: doneLeases) }
    }

    func adopt(_ providerID: String, job: Int, generation: Int) async throws(StoreError) -> Bool {
        try await call { _ in Transaction(commit: { $0.adopt(providerID, job: job, generation: generation) }) }
    }

    func register(worker: String, host: String, processID: Int, version: String) async throws(StoreError) {
        try await call { _ in Transaction(commit: { _ = $0.heartbeat(worker, isNew: true) }) }
    }

    func heartbeat(worker: String, state: String) async throws(StoreError) -> Bool {
        try await upkeep { _ in Transaction(commit: { $0.heartbeat(worker, isNew: false) }) }
    }

    func remove(worker: String) async throws(StoreError) {
        try await call { _ in Transaction(commit: { $0.database.workers[worker] = nil }) }
    }

    func rescue(
        worker: String, holding leases: [Int], deadAfter: Duration, reconcileAfter: Duration
    ) async throws(StoreError) -> Rescue {
        try await upkeep { [process] world in
            world.beginRescue(
                World.RescueCall(
                    worker: worker, held: Set(leases), deadAfter: Time(deadAfter),
                    reconcileAfter: Time(reconcileAfter),
                    wallClockError: world.processes[process].wallClockError))
        }
    }

    func senders() async throws(StoreError) -> [SenderState] {
        try await read { $0.senderStates() }
    }

    func errorClasses() async throws(StoreError) -> [String: [String: ErrorClass]] {
        try await read { $0.workload.errorClasses(bug: $0.bug) }
    }

    func reroute() async throws(StoreError) -> Int { 0 }

    func keepHouse() async throws(StoreError) {
        try await call { _ in
            Transaction(commit: { $0.dropSettledSends() })
        }
    }

    // MARK: Calling

    private func call<Value: Sendable>(
        _ begin: @escaping @Sendable (inout World) -> Transaction<Value>
    ) async throws(StoreError) -> Value {
        try await perform { world in
            (world.plan.route(isQuiet: world.isQuiet, using: &world.random), begin)
        }
    }

    /// Who watches the takeover must know that it was tried in vain.
    private func upkeep<Value: Sendable>(
        _ begin: @escaping @Sendable (inout World) -> Transaction<Value>
    ) async throws(StoreError) -> Value {
        do {
            return try await call(begin)
        } catch {
            simulation.change { $0.upkeepFailedAt = $0.now }
            throw error
        }
    }

    /// A statement that only reads: its snapshot is all there is.
    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (World) -> Value
    ) async throws(StoreError) -> Value {
        try await perform { world in
            var route = world.plan.route(isQuiet: world.isQuiet, using: &world.random)
            route.work = 0
            return (
                route,
                { world in
                    let value = body(world)
                    return Transaction(commit: { _ in value })
                }
            )
        }
    }

    private func perform<Value: Sendable>(
        _ plan: @escaping @Sendable (inout World) -> (World.Route, @Sendable (inout World) -> Transaction<Value>)
    ) async throws(StoreError) -> Value {
        let result = await withCheckedContinuation { caller in
            simulation.change { world in
                let gone = Result<Value, StoreError>.failure(.database(.poolClosed))
                guard world.processes[process].isAlive else { return caller.resume(returning: gone) }
                let waiter = world.waiters.add(of: process) { caller.resume(returning: gone) }
                let (route, begin) = plan(&world)
                world.run(route, begin) { world, result in
                    if world.waiters.finish(waiter) { caller.resume(returning: result) }
                }
            }
        }
        return try result.get()
    }
}
