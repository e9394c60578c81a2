/// One fact about a job, in words.
public struct TimelineEntry: Sendable, Codable, Equatable {
    /// UTC, ISO 8601 with milliseconds, by the database's clock.
    public var at: String
    /// From 1; 0 for facts about the whole job.
    public var attempt: Int
    public var step: Int?
    public var channel: String
    public var event: String
    public var detail: String
}
