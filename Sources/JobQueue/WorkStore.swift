public import Delivery

/// What a worker needs of the queue: tables, locks and fences, and no rule. The real one is `JobStore`, a simulation has
/// its own, and one suite of tests holds for both.
public protocol WorkStore: Sendable {
    /// The lanes that have rows, within these segments of the index.
    func look(_ segments: [LaneSegment]) async throws(StoreError) -> LaneSurvey

    /// Takes due rows of one lane, lets `rule` say what is to be done with them, and begins it, all in one transaction. Rows
    /// that another worker holds are skipped, never waited for.
    ///
    /// - Parameter rule: pure, and called while the rows are locked, so it must not wait. A transaction that could not be
    ///   begun is tried again, so it may be called more than once; the last call counts.
    /// - Throws: `StoreError`. Unless the outcome is unknown, everything is as it was.
    func take(
        _ order: TakeOrder, rule: @escaping @Sendable (Take) -> Verdict
    ) async throws(StoreError) -> Begun

    /// Holds the first due row of a lane without reading its job.
    /// - Returns: the job's id; nil when there was none.
    func holdFirst(of order: TakeOrder, because reason: String) async throws(StoreError) -> Int?

    /// Adds what was learnt, in one commit. Repeating it after a lost answer adds nothing twice.
    func record(_ records: [Record], worker: String, doneLeases: [Int]) async throws(StoreError)

    /// Takes a message that a listing showed for this attempt. One id is ever one attempt's, however many look at the same
    /// listing; it is nobody's while another job's send is open that looks like it.
    func adopt(
        _ providerID: String, job: Int, generation: Int, tenant: String, unlessOpen others: LookAlikes
    ) async throws(StoreError) -> Ownership

    func register(worker: String, host: String, processID: Int, version: String) async throws(StoreError)

    /// - Returns: false when the others took this worker for dead: it must go on under another id.
    func heartbeat(worker: String, state: String) async throws(StoreError) -> Bool

    func remove(worker: String) async throws(StoreError)

    /// Hands on what dead workers held, and batches of this worker that it does not know of.
    func rescue(
        worker: String, holding leases: [Int], deadAfter: Duration, reconcileAfter: Duration
    ) async throws(StoreError) -> Rescue

    /// The batches that the database says this worker holds.
    func leases(of worker: String) async throws(StoreError) -> [Int]

    /// Gives back batches of this worker of which certainly nothing was sent: their attempts count as not sent.
    /// - Returns: how many attempts were begun by them.
    func withdraw(_ leases: [Int], worker: String) async throws(StoreError) -> Int

    /// What each code means, by provider and code.
    func errorClasses() async throws(StoreError) -> [String: [String: ErrorClass]]

    /// The rules of contact as they are now, with their version.
    func contactRules() async throws(StoreError) -> ContactRules

    /// Takes sends that no open lane holds to a sender that serves them now, at most 1,000.
    /// - Returns: how many were moved.
    func reroute() async throws(StoreError) -> Int

    /// Stops blocks of numbers to which few one-time passwords arrive, or notes them.
    func judgePrefixes() async throws(StoreError) -> [Condition.PumpedPrefix]

    /// Makes room ahead of the newest job, and drops what is over.
    func keepHouse() async throws(StoreError)
}

/// What a rescue found.
public struct Rescue: Sendable, Hashable {
    /// Workers whose heartbeat had stopped.
    public var deadWorkers: Int
    /// Due rows handed on.
    public var looks: Int
    /// Of these, intents without an answer, now to be reconciled.
    public var lost: Int

    public init(deadWorkers: Int, looks: Int, lost: Int) {
        self.deadWorkers = deadWorkers
        self.looks = looks
        self.lost = lost
    }
}
