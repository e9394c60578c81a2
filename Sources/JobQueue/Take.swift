public import Delivery

/// What a worker asks for: due rows of one lane.
public struct TakeOrder: Sendable {
    public var lane: LaneState
    /// Rows up to this key are known to be gone.
    public var floor: DueKey
    /// Rows at most, 1 or more.
    public var limit: Int
    public var worker: String
    /// The sender's rate; nil when it has none.
    public var window: RateWindow?
    /// The campaign's rate; nil when it has none.
    public var campaign: CampaignWindow?

    public init(
        lane: LaneState, floor: DueKey, limit: Int, worker: String, window: RateWindow? = nil,
        campaign: CampaignWindow? = nil
    ) {
        precondition(limit > 0, "a take asks for something")
        self.lane = lane
        self.floor = floor
        self.limit = limit
        self.worker = worker
        self.window = window
        self.campaign = campaign
    }
}

/// Due rows of one lane, locked, with what one snapshot says of their jobs. Nothing is decided yet.
public struct Take: Sendable {
    /// When it began, by the database's clock: the instant of the intents that follow.
    public var takenAt: Instant
    public var rows: [TakenRow]
    /// The window of the sender's rate that is now.
    public var slot: Int
    /// The same, if this take won it: then all its sends are this worker's.
    public var wonSlot: Int?
    /// What it found and won of the window of the campaign's rate; nil when it asked for none.
    public var campaign: CampaignTaking?
    /// `pg_snapshot_xmin` and `pg_snapshot_xmax` of the take.
    public var oldestTransaction: UInt64
    public var nextTransaction: UInt64

    public init(
        takenAt: Instant, rows: [TakenRow], slot: Int = 0, wonSlot: Int? = nil, campaign: CampaignTaking? = nil,
        oldestTransaction: UInt64, nextTransaction: UInt64
    ) {
        self.takenAt = takenAt
        self.rows = rows
        self.slot = slot
        self.wonSlot = wonSlot
        self.campaign = campaign
        self.oldestTransaction = oldestTransaction
        self.nextTransaction = nextTransaction
    }
}

/// One due row that a take has locked.
public struct TakenRow: Sendable {
    public var due: DueRow
    public var state: State

    public enum State: Sendable {
        case job(TakenJob)
        /// There is no such job: its partition was dropped.
        case gone
        /// This version cannot read its job. Names the column, never a value.
        case unreadable(String)
    }

    public init(_ due: DueRow, _ state: State) {
        self.due = due
        self.state = state
    }
}

/// Look at this job, for this reason: one row of `due`.
public struct DueRow: Sendable, Hashable {
    /// Where the row is; means something only in the transaction that has locked it.
    public var place: String
    public var key: DueKey
    public var step: Int
    public var generation: Int
    public var ladderID: Int?
    public var reason: DueReason?
    /// What it was thought to cost of the sender's rate when it was placed.
    public var cost: Int

    public var jobID: Int { key.jobID }

    public init(
        place: String, key: DueKey, step: Int, generation: Int, ladderID: Int? = nil, reason: DueReason?, cost: Int = 1
    ) {
        self.place = place
        self.key = key
        self.step = step
        self.generation = generation
        self.ladderID = ladderID
        self.reason = reason
        self.cost = cost
    }
}

/// What the rules say of the rows of a take. A row that is not in it stays as it was, for the next take.
public struct Verdict: Sendable {
    /// Attempts that may begin.
    public var sends: [Send] = []
    /// Looks that may have to ask a provider.
    public var looks: [TakenJob] = []
    /// What was decided without asking anybody.
    public var records: [Record] = []
    /// The rows that are done with, those of sends and looks included.
    public var done: [DueRow] = []
    /// Rows of which a person must decide. They are not among those that are done with.
    public var holds: [Hold] = []
    /// Of which sends caps must be asked first, and what follows from their answer.
    public var question: CapQuestion?
    /// What is counted under caps for those of the sends that begin.
    public var capUses: [CapUse] = []
    /// Messages for which a cap had no room.
    public var capHits: [CapHit] = []

    /// Whether everything stays as it was.
    public var isNothing: Bool { done.isEmpty && holds.isEmpty }

    public struct Hold: Sendable {
        public var due: DueRow
        public var reason: String

        public init(_ due: DueRow, because reason: String) {
            self.due = due
            self.reason = reason
        }
    }

    public struct Send: Sendable {
        public var job: TakenJob
        /// How long it waits for another message that looks the same and is not accounted for; nil is as long as it takes.
        public var patience: Duration?

        public init(_ job: TakenJob, patience: Duration? = nil) {
            self.job = job
            self.patience = patience
        }
    }

    public init() {}
}

/// What became of a take once it is committed.
public struct Begun: Sendable {
    /// The attempts that have their intent and token. The others were put back into their lane.
    public var sends: [TakenJob] = []
    public var looks: [TakenJob] = []
    /// The batch of both; nil when there is none.
    public var leaseID: Int?

    public init(sends: [TakenJob] = [], looks: [TakenJob] = [], leaseID: Int? = nil) {
        self.sends = sends
        self.looks = looks
        self.leaseID = leaseID
    }
}

/// What caps are asked, while the rows of a take are locked.
public struct CapQuestion: Sendable {
    public var claims: [CapClaim]
    /// The rooms of the claims, in their order; nil is a message that the cap does not count. What comes back asks nothing
    /// more.
    public var settle: @Sendable ([CapRoom?]) -> Verdict

    public init(_ claims: [CapClaim], settle: @escaping @Sendable ([CapRoom?]) -> Verdict) {
        self.claims = claims
        self.settle = settle
    }
}

/// One message under one cap that binds it.
public struct CapClaim: Sendable {
    public var cap: Cap
    public var job: TakenJob

    public init(_ cap: Cap, _ job: TakenJob) {
        self.cap = cap
        self.job = job
    }
}

/// What one attempt adds to one cap.
public struct CapUse: Sendable {
    public var cap: Cap
    public var key: Int
    public var weight: Int
    public var jobID: Int
    public var generation: Int

    /// Nil when it was counted before.
    public init?(_ claim: CapClaim, _ room: CapRoom) {
        guard !room.isCounted else { return nil }
        cap = claim.cap
        key = room.key
        weight = room.weight
        jobID = claim.job.id
        generation = claim.job.generation
    }
}

/// A message for which a cap had no room.
public struct CapHit: Sendable, Hashable {
    public var capID: Int
    public var jobID: Int
    /// Whether it was kept back.
    public var wasEnforced: Bool

    public init(_ cap: Cap, job: Int, wasEnforced: Bool) {
        capID = cap.id
        jobID = job
        self.wasEnforced = wasEnforced
    }
}
