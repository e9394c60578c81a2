/// What a run remembers of what happened.
public enum Tracing: Sendable {
    /// The alarms only: the fastest.
    case nothing
    /// Its hash.
    case hash
    /// Its hash, and everything line by line.
    case lines
}
