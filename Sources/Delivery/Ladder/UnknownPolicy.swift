/// What to do when two listings of the provider's messages did not show whether a send was accepted.
public enum UnknownPolicy: String, Sendable, CaseIterable, Codable {
    /// Send the same step once more, marked as a possible second copy. At most once a step.
    case resend
    /// Wait for a person (`outrider.release_held`).
    case hold
    /// Take the step as unknown and go on to the next one; without one the job ends as unknown.
    case next
    /// Send nothing more: the job ends as unknown.
    case end
}
