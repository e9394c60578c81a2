/// What a poll of one message or call says.
public enum StatusReading: Sendable, Hashable {
    case facts([Receipt])
    /// The provider does not know the id.
    case notFound
    /// No readable answer; ask again later.
    case unavailable(reason: String)
}
