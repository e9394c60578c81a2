/// A due row to be inserted: look at a job, for a reason, no earlier than at an instant.
public struct NewDueRow: Sendable, Hashable {
    public var jobID: Int
    /// Never earlier than the database's clock at the insert, whatever this says.
    public var at: Instant
    public var reason: DueReason
    public var step: Int
    public var generation: Int
    public var ladderID: Int?
    /// The channel of the step: with the job's tenant and address it gives the lane of a dispatch.
    public var channel: Channel
    /// The job's: 0 is looked at first, 3 last.
    public var priority: Int

    public init(
        jobID: Int, at: Instant, reason: DueReason, step: Int, generation: Int, ladderID: Int?, channel: Channel,
        priority: Int
    ) {
        self.jobID = jobID
        self.at = at
        self.reason = reason
        self.step = step
        self.generation = generation
        self.ladderID = ladderID
        self.channel = channel
        self.priority = priority
    }
}

/// Why a job is looked at.
public enum DueReason: String, Sendable, CaseIterable, Codable {
    /// An attempt may begin.
    case dispatch
    /// The same, after a rule said "not now".
    case resume
    /// New facts about an attempt: a reply, a receipt, a person's ruling.
    case decide
    /// The wait for a receipt is over, and the provider was asked once.
    case receipt
    /// It is not known whether an attempt was taken: the provider's messages were listed.
    case reconcile
}
