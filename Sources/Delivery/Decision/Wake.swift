/// One wake-up: the attempt to look at, and why.
public struct Wake: Sendable, Hashable {
    public var generation: Int
    public var reason: WakeReason

    public init(generation: Int, reason: WakeReason) {
        self.generation = generation
        self.reason = reason
    }
}
