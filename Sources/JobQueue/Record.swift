public import Delivery

/// What one look at a job adds: events, a due row, and what was learnt about the address or the sender on the way.
public struct Record: Sendable, Hashable {
    public var events: [RecordedEvent]
    public var dueRow: NewDueRow?
    /// The event of this record that the due row hangs on: it is added only if the event is new. Nil where the due row is
    /// harmless twice.
    public var fence: EventKey?
    /// Committed before the events, so that no later claim can miss it. Of two for one address the first counts.
    public var suppressions: [Suppression]
    public var pauses: [SenderPause]
    /// The attempt that is not open any more: another message like it may be sent.
    public var settled: OpenSend?

    public init(
        events: [RecordedEvent] = [], dueRow: NewDueRow? = nil, fence: EventKey? = nil,
        suppressions: [Suppression] = [], pauses: [SenderPause] = [], settled: OpenSend? = nil
    ) {
        self.events = events
        self.dueRow = dueRow
        self.fence = fence
        self.suppressions = suppressions
        self.pauses = pauses
        self.settled = settled
    }

    /// The address of a job on some channels, which all share it, must not be contacted any more.
    public struct Suppression: Sendable, Hashable {
        public var jobID: Int
        public var channels: Set<Channel>
        public var reason: String
        public var source: String
        /// How old the news is: a suppression that was lifted since stays lifted. Nil for news of this moment.
        public var at: Instant?

        public init(jobID: Int, channels: Set<Channel>, reason: String, source: String, at: Instant? = nil) {
            self.jobID = jobID
            self.channels = channels
            self.reason = reason
            self.source = source
            self.at = at
        }
    }

    /// The sender of an attempt is left alone for a while.
    public struct SenderPause: Sendable, Hashable {
        public var jobID: Int
        public var generation: Int
        public var reason: String

        public init(jobID: Int, generation: Int, reason: String) {
            self.jobID = jobID
            self.generation = generation
            self.reason = reason
        }
    }
}

extension TakenJob {
    /// What decisions read of it.
    public var view: JobView {
        JobView(
            id: id, generation: generation, reason: reason, step: step, ladderID: ladderID, ladder: ladder,
            category: category, priority: priority,
            expiresAt: expiresAt, channel: channel, senderID: sender?.id, isBegun: token != nil, seenAt: takenAt,
            history: history)
    }
}

extension Record {
    /// What a look at `job` came to.
    public init(_ conclusion: Conclusion, of job: TakenJob) {
        self.init(
            events: conclusion.events, dueRow: conclusion.dueRow, fence: conclusion.fence,
            settled: conclusion.settlement.map {
                OpenSend(
                    key: job.sendKey, jobID: job.id, generation: job.generation, isGivenUp: $0 == .givenUp)
            })
        for event in conclusion.events { add(event, on: event.channel ?? job.channel) }
    }

    private mutating func add(_ event: RecordedEvent, on channel: Channel) {
        for consequence in Consequence.of(event.event, on: channel, job: event.jobID) {
            switch consequence {
            case .suppress(let channels, let reason):
                suppressions.append(
                    Suppression(
                        jobID: event.jobID, channels: channels, reason: reason,
                        source: "the provider's word about job \(event.jobID)"))
            case .pauseSender(let reason):
                pauses.append(SenderPause(jobID: event.jobID, generation: event.generation, reason: reason))
            }
        }
    }
}

/// An attempt of which nobody knows yet whether the provider took it.
public struct OpenSend: Sendable, Hashable {
    /// `TakenJob.sendKey`.
    public var key: SendKey
    public var jobID: Int
    public var generation: Int
    /// Whether it was given up: nobody waits for it any more, but a listed message may still be its own.
    public var isGivenUp: Bool

    public init(key: SendKey, jobID: Int, generation: Int, isGivenUp: Bool = false) {
        self.key = key
        self.jobID = jobID
        self.generation = generation
        self.isGivenUp = isGivenUp
    }
}
