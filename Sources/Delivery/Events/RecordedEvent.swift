/// An event with whose it is: one row of `events`.
public struct RecordedEvent: Sendable, Hashable {
    public var jobID: Int
    /// The attempt, from 1; 0 for what is about the whole job.
    public var generation: Int
    public var step: Int?
    public var ladderID: Int?
    public var channel: Channel?
    public var senderID: Int?
    public var worker: String?
    /// By the database's clock, which dates an event anew when it is stored.
    public var at: Instant
    public let event: JobEvent
    /// The row, where it says more than `event` does.
    private let stored: EventColumns?

    public init(
        jobID: Int, generation: Int, step: Int? = nil, ladderID: Int? = nil, channel: Channel? = nil,
        senderID: Int? = nil, worker: String? = nil, at: Instant, _ event: JobEvent
    ) {
        self.jobID = jobID
        self.generation = generation
        self.step = step
        self.ladderID = ladderID
        self.channel = channel
        self.senderID = senderID
        self.worker = worker
        self.at = at
        self.event = event
        stored = nil
    }

    /// A row as it was read. No column of it is lost.
    public init(
        jobID: Int, generation: Int, step: Int? = nil, ladderID: Int? = nil, channel: Channel? = nil,
        senderID: Int? = nil, worker: String? = nil, at: Instant, reading columns: EventColumns
    ) {
        self.jobID = jobID
        self.generation = generation
        self.step = step
        self.ladderID = ladderID
        self.channel = channel
        self.senderID = senderID
        self.worker = worker
        self.at = at
        event = JobEvent(columns)
        stored = event.columns == columns ? nil : columns
    }

    /// The row's own columns.
    public var columns: EventColumns { stored ?? event.columns }

    public var key: EventKey {
        EventKey(jobID: jobID, generation: generation, stored.map(JobEvent.unrecognised) ?? event)
    }
}

/// What makes an event the same event: the primary key of `events`, which is the fence.
public struct EventKey: Sendable, Hashable {
    public let jobID: Int
    public let generation: Int
    public let kind: String
    public let status: String

    public init(jobID: Int, generation: Int, _ event: JobEvent) {
        self.jobID = jobID
        self.generation = generation
        (kind, status) = event.words
    }
}
