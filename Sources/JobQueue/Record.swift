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
    public var refusals: [SenderRefusal]
    /// The attempts that say of their sender that something of it got through.
    public var gotThrough: [SenderNews]
    /// Numbers that a provider called dead.
    public var dead: [DeadRecipient]
    /// Numbers to which a message got on a channel.
    public var alive: [LivingRecipient] = []
    /// What was looked up of a number on the way.
    public var lookups: [LookedUp] = []
    /// The attempt that is not open any more: another message like it may be sent.
    public var settled: OpenSend?
    /// Calls that nobody waits for any more: asked to be ended in the same commit.
    public var ends: [CallEnd]

    public init(
        events: [RecordedEvent] = [], dueRow: NewDueRow? = nil, fence: EventKey? = nil,
        suppressions: [Suppression] = [], refusals: [SenderRefusal] = [],
        gotThrough: [SenderNews] = [], dead: [DeadRecipient] = [], settled: OpenSend? = nil, ends: [CallEnd] = []
    ) {
        self.events = events
        self.dueRow = dueRow
        self.fence = fence
        self.suppressions = suppressions
        self.refusals = refusals
        self.gotThrough = gotThrough
        self.dead = dead
        self.settled = settled
        self.ends = ends
    }

    /// Whether an urgent message goes on as soon as this is written.
    public var isPressing: Bool {
        guard let dueRow, Urgency.priorities.contains(dueRow.priority), let learntAt = events.first?.at else {
            return false
        }
        return learntAt.duration(to: dueRow.at) <= .seconds(1)
    }

    /// The address of a job on some channels, which all share it, must not be contacted any more.
    public struct Suppression: Sendable, Hashable {
        public var jobID: Int
        /// The attempt that it is about: whose sender wrote, says which tenants it binds.
        public var generation: Int
        public var channels: Set<Channel>
        public var reach: OptOutReach
        public var reason: String
        public var source: String
        /// How old the news is: a suppression that was lifted since stays lifted. Nil for news of this moment.
        public var at: Instant?

        public init(
            jobID: Int, generation: Int, channels: Set<Channel>, reach: OptOutReach, reason: String, source: String,
            at: Instant? = nil
        ) {
            self.jobID = jobID
            self.generation = generation
            self.channels = channels
            self.reach = reach
            self.reason = reason
            self.source = source
            self.at = at
        }
    }

    /// The recipient of a job is dead on these channels.
    public struct DeadRecipient: Sendable, Hashable {
        public var jobID: Int
        public var channels: Set<Channel>
        public var failure: FailureClass
        public var code: String

        public init(jobID: Int, channels: Set<Channel>, failure: FailureClass, code: String) {
            self.jobID = jobID
            self.channels = channels
            self.failure = failure
            self.code = code
        }
    }

    /// The recipient of a job was reached on the channel.
    public struct LivingRecipient: Sendable, Hashable {
        public var jobID: Int
        public var channel: Channel

        public init(jobID: Int, channel: Channel) {
            self.jobID = jobID
            self.channel = channel
        }
    }

    /// What a provider told of the number of a job on the channel. The store takes the number from the job: one that was erased
    /// meanwhile is not written down again.
    public struct LookedUp: Sendable, Hashable {
        public var jobID: Int
        public var channel: Channel
        public var lookup: NumberLookup

        public init(jobID: Int, channel: Channel, _ lookup: NumberLookup) {
            self.jobID = jobID
            self.channel = channel
            self.lookup = lookup
        }
    }

    /// The attempt whose sender is meant.
    public struct SenderNews: Sendable, Hashable {
        public var jobID: Int
        public var generation: Int

        public init(jobID: Int, generation: Int) {
            self.jobID = jobID
            self.generation = generation
        }
    }

    /// The provider refused the sender of an attempt. Enough of that in a row, and the sender is left alone for a while.
    public struct SenderRefusal: Sendable, Hashable {
        public var attempt: SenderNews
        public var reason: String
        /// How many jobs are enough.
        public var limit: Int

        public init(_ attempt: SenderNews, reason: String, limit: Int) {
            self.attempt = attempt
            self.reason = reason
            self.limit = limit
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
    /// - Parameter ends: the calls that it leaves behind.
    public init(_ conclusion: Conclusion, of job: TakenJob, ends: [CallEnd] = []) {
        self.init(
            events: conclusion.events, dueRow: conclusion.dueRow, fence: conclusion.fence,
            settled: conclusion.settlement.map {
                OpenSend(
                    key: job.sendKey, jobID: job.id, generation: job.generation, isGivenUp: $0 == .givenUp)
            }, ends: ends)
        for event in conclusion.events { add(event, on: event.channel ?? job.channel) }
    }

    private mutating func add(_ event: RecordedEvent, on channel: Channel) {
        let sender = SenderNews(jobID: event.jobID, generation: event.generation)
        for consequence in Consequence.of(event.event, on: channel, job: event.jobID) {
            switch consequence {
            case .suppress(let channels, let reach, let reason):
                suppressions.append(
                    Suppression(
                        jobID: event.jobID, generation: event.generation, channels: channels, reach: reach,
                        reason: reason,
                        source: "the provider's word about job \(event.jobID)"))
            case .refusal(let reason, let limit):
                refusals.append(SenderRefusal(sender, reason: reason, limit: limit))
            case .gotThrough:
                gotThrough.append(sender)
            case .alive(let channel):
                alive.append(LivingRecipient(jobID: event.jobID, channel: channel))
            case .dead(let channels, let failure, let code):
                dead.append(
                    DeadRecipient(jobID: event.jobID, channels: channels, failure: failure, code: code))
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
