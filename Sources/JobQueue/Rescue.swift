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
