import Delivery
import JobQueue
import Postgres
import Synchronization
import Worker

/// A store that loses the answers to its first takes: what they began is committed, and the worker does not hear of it.
final class ForgetfulStore: WorkStore {
    private let base: JobStore
    private let left: Mutex<Int>

    init(_ base: JobStore, losing takes: Int) {
        self.base = base
        left = Mutex(takes)
    }

    func take(
        _ order: TakeOrder, rule: @escaping @Sendable (Take) -> Verdict
    ) async throws(StoreError) -> Begun {
        let begun = try await base.take(order, rule: rule)
        let isLost = left.withLock { left in
            guard left > 0, begun.leaseID != nil else { return false }
            left -= 1
            return true
        }
        guard !isLost else { throw .database(.deadlinePassed(.unknown)) }
        return begun
    }

    func look(_ segments: [LaneSegment]) async throws(StoreError) -> LaneSurvey { try await base.look(segments) }
    func holdFirst(of order: TakeOrder, because reason: String) async throws(StoreError) -> Int? {
        try await base.holdFirst(of: order, because: reason)
    }
    func record(_ records: [Record], worker: String, doneLeases: [Int]) async throws(StoreError) {
        try await base.record(records, worker: worker, doneLeases: doneLeases)
    }
    func adopt(
        _ providerID: String, job: Int, generation: Int, tenant: String, unlessOpen others: LookAlikes
    ) async throws(StoreError) -> Ownership {
        try await base.adopt(providerID, job: job, generation: generation, tenant: tenant, unlessOpen: others)
    }
    func register(worker: String, host: String, processID: Int, version: String) async throws(StoreError) {
        try await base.register(worker: worker, host: host, processID: processID, version: version)
    }
    func heartbeat(worker: String, state: String) async throws(StoreError) -> Bool {
        try await base.heartbeat(worker: worker, state: state)
    }
    func remove(worker: String) async throws(StoreError) { try await base.remove(worker: worker) }
    func rescue(
        worker: String, holding leases: [Int], deadAfter: Duration, reconcileAfter: Duration
    ) async throws(StoreError) -> Rescue {
        try await base.rescue(
            worker: worker, holding: leases, deadAfter: deadAfter, reconcileAfter: reconcileAfter)
    }
    func leases(of worker: String) async throws(StoreError) -> [Int] { try await base.leases(of: worker) }
    func withdraw(_ leases: [Int], worker: String) async throws(StoreError) -> Int {
        try await base.withdraw(leases, worker: worker)
    }
    func errorClasses() async throws(StoreError) -> [String: [String: ErrorClass]] { try await base.errorClasses() }
    func contactRules() async throws(StoreError) -> ContactRules { try await base.contactRules() }
    func reroute() async throws(StoreError) -> Int { try await base.reroute() }
    func judgePrefixes() async throws(StoreError) -> [Condition.PumpedPrefix] { try await base.judgePrefixes() }
    func keepHouse() async throws(StoreError) { try await base.keepHouse() }
}
