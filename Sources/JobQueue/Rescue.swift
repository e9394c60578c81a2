/// What a rescue found.
public struct Rescue: Sendable, Hashable {
    /// Workers whose heartbeat had stopped.
    public var deadWorkers: Int
    /// Wake-ups handed on.
    public var wakes: Int
    /// Of these, intents without an answer, now to be reconciled.
    public var lost: Int

    public init(deadWorkers: Int, wakes: Int, lost: Int) {
        self.deadWorkers = deadWorkers
        self.wakes = wakes
        self.lost = lost
    }
}
