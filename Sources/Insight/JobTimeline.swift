/// One job and everything that happened to it, oldest first.
public struct JobTimeline: Sendable, Codable, Equatable {
    public var job: JobLine
    /// Why it was sent, was not, or waits: one sentence, of `outrider.why()`.
    public var why: String
    public var events: [TimelineEntry]
    /// Whom it is for: the shape of each address, such as `+1…67`, and with a key its hash. Of a `PersonSearch`.
    public var recipients: [String] = []
}

/// One job in a list. Holds no address and no text of the message.
public struct JobLine: Sendable, Codable, Equatable {
    public var id: Int
    public var kind: String
    public var category: String
    /// Empty for a job of kind `send`.
    public var ladder: String
    public var channel: String
    /// A `JobState`, or the outcome.
    public var state: String
    public var attempts: Int
    public var reason: String
    /// UTC, ISO 8601 with milliseconds.
    public var createdAt: String
    public var endedAt: String?
}

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

/// Where a job stands that has no outcome, in the words of `outrider.job_status`.
public enum JobState: String, Sendable, CaseIterable {
    case scheduled, queued, deferred, sending, waiting, held
}
