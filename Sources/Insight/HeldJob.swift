/// A job that waits for a person, with what is known of the attempt in doubt. Holds no full address and no text.
public struct HeldJob: Sendable, Codable, Equatable {
    /// One fact about the attempt.
    public struct Evidence: Sendable, Codable, Equatable {
        /// UTC, ISO 8601 with milliseconds, by the database's clock.
        public var at: String
        public var event: String
        public var detail: String
    }

    public var job: Int
    public var tenant: String
    public var category: String
    /// Empty for a job of kind `send`.
    public var ladder: String
    public var attempt: Int
    public var step: Int
    public var channel: String
    /// The name of the sender; empty when there is none.
    public var sender: String
    /// Its shape, such as `+1…67`.
    public var address: String
    /// UTC, ISO 8601 with milliseconds.
    public var heldAt: String
    public var reason: String
    /// Oldest first.
    public var evidence: [Evidence]
}
