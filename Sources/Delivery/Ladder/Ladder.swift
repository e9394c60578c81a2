/// The steps of one job, in order. A `send` job has one; a ladder version never changes, so a job keeps what it began
/// with.
public struct Ladder: Sendable, Hashable {
    public var steps: [LadderStep]

    /// - Precondition: at least one step.
    public init(steps: [LadderStep]) {
        precondition(!steps.isEmpty, "a ladder has at least one step")
        self.steps = steps
    }

    /// The next rung above `step` whose channel can still reach the person; nil when none is left.
    public func next(after step: Int, avoiding closed: Set<Channel>) -> Int? {
        steps.indices.first { $0 > step && !closed.contains(steps[$0].channel) }
    }
}
