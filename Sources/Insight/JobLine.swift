/// One job in a list. Holds no address and no text of the message.
public struct JobLine: Sendable, Codable, Equatable {
    public var id: Int
    public var kind: String
    public var category: String
    /// Empty for a job of kind `send`.
    public var ladder: String
    public var channel: String
    /// `scheduled`, `queued`, `sending`, `waiting`, `held`, or the outcome.
    public var state: String
    public var attempts: Int
    public var reason: String
    /// UTC, ISO 8601 with milliseconds.
    public var createdAt: String
    public var endedAt: String?
}
