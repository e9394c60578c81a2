/// A job as one look at it sees it: values only, from one snapshot of the database.
public struct JobView: Sendable, Hashable {
    public var id: Int
    /// The attempt to look at.
    public var generation: Int
    /// Why it is looked at.
    public var reason: DueReason
    public var step: Int
    public var ladderID: Int?
    public var ladder: Ladder
    public var category: Category
    /// 0 is looked at first, 3 last.
    public var priority: Int
    public var expiresAt: Instant?
    /// The channel of the step.
    public var channel: Channel
    public var senderID: Int?
    /// Whether the attempt's intent was taken in the same snapshot.
    public var isBegun: Bool
    /// When the snapshot was taken, by the database's clock.
    public var seenAt: Instant
    public var history: JobHistory

    public init(
        id: Int, generation: Int, reason: DueReason, step: Int, ladderID: Int? = nil, ladder: Ladder,
        category: Category,
        priority: Int? = nil, expiresAt: Instant? = nil, channel: Channel, senderID: Int? = nil, isBegun: Bool,
        seenAt: Instant, history: JobHistory = JobHistory()
    ) {
        self.id = id
        self.generation = generation
        self.reason = reason
        self.step = step
        self.ladderID = ladderID
        self.ladder = ladder
        self.category = category
        self.priority = priority ?? category.defaultPriority
        self.expiresAt = expiresAt
        self.channel = channel
        self.senderID = senderID
        self.isBegun = isBegun
        self.seenAt = seenAt
        self.history = history
    }

    /// What the decision reads. The attempt that is looked at is there, although its intent may be in no history yet.
    public var facts: JobFacts {
        var facts = JobFacts(
            ladder: ladder, category: category, expiresAt: expiresAt, attempts: history.attempts,
            isEnded: history.isEnded)
        if facts.attempt(generation) == nil {
            facts.attempts.append(Attempt(generation: generation, step: step, begunAt: seenAt))
        }
        return facts
    }

    /// The channel that an attempt went by.
    public func channel(of attempt: Attempt) -> Channel { facts.channel(of: attempt) }
}
