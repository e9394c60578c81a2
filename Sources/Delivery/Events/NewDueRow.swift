/// A due row to be inserted: look at a job, for a reason, no earlier than at an instant.
public struct NewDueRow: Sendable, Hashable {
    public var jobID: Int
    /// Never earlier than the database's clock at the insert, whatever this says.
    public var at: Instant
    public var reason: WakeReason
    public var step: Int
    public var generation: Int
    public var ladderID: Int?
    /// The channel of the step: with the job's tenant and address it gives the lane of a dispatch.
    public var channel: Channel
    /// The job's: 0 is looked at first, 3 last.
    public var priority: Int

    public init(
        jobID: Int, at: Instant, reason: WakeReason, step: Int, generation: Int, ladderID: Int?, channel: Channel,
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
