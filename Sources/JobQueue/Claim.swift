/// What one claim brought.
public struct Claim: Sendable {
    public var jobs: [ClaimedJob]
    /// Rows taken, those of jobs that had ended included.
    public var taken: Int
    /// The batch; nil when nothing was claimed.
    public var leaseID: Int?
    /// The window of the sender's rate this claim won, if it won one.
    public var wonSlot: Int?
    /// The last row taken, whether its job was alive or had ended.
    public var lastKey: DueKey?
    /// `pg_snapshot_xmin` and `pg_snapshot_xmax` of the claim.
    public var oldestTransaction: UInt64
    public var nextTransaction: UInt64

    public init(
        jobs: [ClaimedJob], taken: Int, leaseID: Int?, wonSlot: Int?, lastKey: DueKey?, oldestTransaction: UInt64,
        nextTransaction: UInt64
    ) {
        self.jobs = jobs
        self.taken = taken
        self.leaseID = leaseID
        self.wonSlot = wonSlot
        self.lastKey = lastKey
        self.oldestTransaction = oldestTransaction
        self.nextTransaction = nextTransaction
    }
}
