public import JobQueue

/// What a worker needs of the queue. The real one is `JobStore`; a simulation has its own.
public protocol WorkStore: Sendable {
    func claimSends(
        _ lane: Lane, from floor: DueKey, limit: Int, worker: String, allowance: RateAllowance?
    ) async throws(StoreError) -> Claim
    func claimWakes(from floor: DueKey, limit: Int, worker: String) async throws(StoreError) -> Claim
    func lanesDue(_ lanes: [(lane: Lane, floor: DueKey)]) async throws(StoreError) -> [Lane]
    func record(_ records: [Record], worker: String, doneLeases: [Int]) async throws(StoreError)
    /// Takes a message that a listing showed for this attempt; false when it is another attempt's. One id is ever one
    /// attempt's, however many look at the same listing.
    func adopt(_ providerID: String, job: Int, generation: Int) async throws(StoreError) -> Bool
    func register(worker: String, host: String, processID: Int, version: String) async throws(StoreError)
    func heartbeat(worker: String, state: String) async throws(StoreError) -> Bool
    func remove(worker: String) async throws(StoreError)
    func rescue(
        worker: String, holding leases: [Int], deadAfter: Duration, reconcileAfter: Duration
    ) async throws(StoreError) -> Rescue
    /// The batches that the database says this worker holds.
    func leases(of worker: String) async throws(StoreError) -> [Int]
    /// Gives back batches of this worker of which certainly nothing was sent: their attempts count as not sent.
    /// - Returns: how many attempts were begun by them.
    func withdraw(_ leases: [Int], worker: String) async throws(StoreError) -> Int
    func senders() async throws(StoreError) -> [SenderState]
    func errorClasses() async throws(StoreError) -> [String: [String: ErrorClass]]
    func reroute() async throws(StoreError) -> Int
    func keepHouse() async throws(StoreError)
}

extension WorkStore {
    // A store that does not tell its leases leaves them to the rescue, which takes their attempts for lost.
    public func leases(of worker: String) async throws(StoreError) -> [Int] { [] }
    public func withdraw(_ leases: [Int], worker: String) async throws(StoreError) -> Int { 0 }
}

extension JobStore: WorkStore {}
