public import Delivery

/// What one look at a job adds: events, a due row, and what was learnt about the address or the sender on the way.
public struct Record: Sendable, Hashable {
    public var events: [RecordedEvent]
    public var dueRow: NewDueRow?
    /// The event of this record that the due row hangs on: it is added only if the event is new. Nil where the due row is
    /// harmless twice.
    public var fence: EventKey?
    /// Committed before the facts, so that no later claim can miss it.
    public var suppression: Suppression?
    public var pause: SenderPause?
    /// The attempt that is not open any more: another message like it may be sent.
    public var settled: OpenSend?

    public init(
        events: [RecordedEvent] = [], dueRow: NewDueRow? = nil, fence: EventKey? = nil, suppression: Suppression? = nil,
        pause: SenderPause? = nil, settled: OpenSend? = nil
    ) {
        self.events = events
        self.dueRow = dueRow
        self.fence = fence
        self.suppression = suppression
        self.pause = pause
        self.settled = settled
    }

    /// An address that must not be contacted any more.
    public struct Suppression: Sendable, Hashable {
        public var address: String
        public var channels: [Channel]
        public var reason: String
        public var source: String
        /// How old the news is: a suppression that was lifted since stays lifted. Nil for news of this moment.
        public var at: Instant?

        public init(address: String, channels: [Channel], reason: String, source: String, at: Instant? = nil) {
            self.address = address
            self.channels = channels
            self.reason = reason
            self.source = source
            self.at = at
        }
    }

    /// A sender whose breaker opens.
    public struct SenderPause: Sendable, Hashable {
        public var senderID: Int
        public var duration: Duration
        public var reason: String

        public init(senderID: Int, duration: Duration, reason: String) {
            self.senderID = senderID
            self.duration = duration
            self.reason = reason
        }
    }
}

extension ClaimedJob {
    /// What decisions read of it.
    public var view: JobView {
        JobView(
            id: id, wake: wake, step: step, ladderID: ladderID, ladder: ladder, category: category,
            expiresAt: expiresAt, channel: channel, senderID: sender?.id, isBegun: token != nil, seenAt: claimedAt,
            history: history)
    }
}

extension Record {
    /// What a look at `job` came to.
    public init(_ conclusion: Conclusion, of job: ClaimedJob) {
        self.init(
            events: conclusion.events, dueRow: conclusion.dueRow, fence: conclusion.fence,
            settled: conclusion.settlesSend
                ? OpenSend(key: job.sendKey, jobID: job.id, generation: job.wake.generation) : nil)
    }
}
