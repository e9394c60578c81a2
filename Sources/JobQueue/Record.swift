/// What one look at a job adds: facts, wake-ups that need no fact, and the share of its lease it gives back.
public struct Record: Sendable, Hashable {
    public var events: [NewEvent]
    /// Wake-ups that are harmless twice, so no fact fences them.
    public var wakeUps: [WakeUp]

    public init(events: [NewEvent] = [], wakeUps: [WakeUp] = []) {
        self.events = events
        self.wakeUps = wakeUps
    }
}
