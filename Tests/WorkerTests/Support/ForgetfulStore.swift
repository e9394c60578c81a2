import JobQueue
import Postgres
import Synchronization
import Worker

/// A store that loses the answers to its first claims: what they took is committed, and the worker does not hear of it.
final class ForgetfulStore: WorkStore {
    private let base: JobStore
    private let left: Mutex<Int>

    init(_ base: JobStore, losing claims: Int) {
        self.base = base
        left = Mutex(claims)
    }

    private func answer(_ claim: Claim) throws(StoreError) -> Claim {
        let isLost = left.withLock { left in
            guard left > 0, !claim.jobs.isEmpty else { return false }
            left -= 1
            return true
        }
        guard !isLost else { throw .database(.deadlinePassed(.unknown)) }
        return claim
    }

    func claimSends(
        _ lane: Lane, from floor: DueKey, limit: Int, worker: String, allowance: RateAllowance?
    ) async throws(StoreError) -> Claim {
        try answer(
            try await base.claimSends(lane, from: floor, limit: limit, worker: worker, allowance: allowance))
    }
    func claimWakes(from floor: DueKey, limit: Int, worker: String) async throws(StoreError) -> Claim {
        try answer(try await base.claimWakes(from: floor, limit: limit, worker: worker))
    }
    func lanesDue(_ lanes: [(lane: Lane, floor: DueKey)]) async throws(StoreError) -> [Lane] {
        try await base.lanesDue(lanes)
    }
    func record(_ records: [Record], worker: String, doneLeases: [Int]) async throws(StoreError) {
        try await base.record(records, worker: worker, doneLeases: doneLeases)
    }
    func adopt(_ providerID: String, job: Int, generation: Int) async throws(StoreError) -> Bool {
        try await base.adopt(providerID, job: job, generation: generation)
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
    func senders() async throws(StoreError) -> [SenderState] { try await base.senders() }
    func errorClasses() async throws(StoreError) -> [String: [String: ErrorClass]] { try await base.errorClasses() }
    func reroute() async throws(StoreError) -> Int { try await base.reroute() }
    func keepHouse() async throws(StoreError) { try await base.keepHouse() }
}
