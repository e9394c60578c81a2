/// The steps of one job, in order. A `send` job has one; a ladder version never changes, so a job keeps what it began
/// with.
public struct Ladder: Sendable, Hashable {
    public var steps: [LadderStep]

    /// - Precondition: at least one step.
    public init(steps: [LadderStep]) {
        precondition(!steps.isEmpty, "a ladder has at least one step")
        self.steps = steps
    }

    /// The next rung above `step` whose channel can still reach the person; nil when none is left.
    public func next(after step: Int, avoiding closed: Set<Channel>) -> Int? {
        steps.indices.first { $0 > step && !closed.contains(steps[$0].channel) }
    }
}

/// One rung: a channel, how long to wait for a receipt, and what counts as having got through.
public struct LadderStep: Sendable, Hashable {
    public var channel: Channel
    /// Counted from the provider's acceptance; for SMS also the validity period. 5 s to 10 h.
    public var wait: Duration
    public var success: SuccessLevel
    /// Attempts of this step, the first included; 1 to 20.
    public var maxAttempts: Int
    /// Nil: by category.
    public var onUnknown: UnknownPolicy?
    /// What the step's author wants after a failure, where that is not what follows by itself.
    public var onFailure: [FailureClass: FailurePolicy]

    public init(
        channel: Channel, wait: Duration, success: SuccessLevel, maxAttempts: Int = 5, onUnknown: UnknownPolicy? = nil,
        onFailure: [FailureClass: FailurePolicy] = [:]
    ) {
        self.channel = channel
        self.wait = wait
        self.success = success
        self.maxAttempts = maxAttempts
        self.onUnknown = onUnknown
        self.onFailure = onFailure
    }

    /// What the step says of a failure, if it may say that of it.
    public func policy(on failure: FailureClass) -> FailurePolicy? {
        onFailure[failure].flatMap { failure.policies.contains($0) ? $0 : nil }
    }

    /// The one step of a `send` job, with the waits people expect of each channel.
    public static func single(_ channel: Channel, wait: Duration? = nil) -> LadderStep {
        switch channel {
        case .sms: LadderStep(channel: .sms, wait: wait ?? .seconds(3600), success: .delivered)
        case .whatsapp: LadderStep(channel: .whatsapp, wait: wait ?? .seconds(3600), success: .delivered)
        case .voice: LadderStep(channel: .voice, wait: wait ?? .seconds(300), success: .answered)
        case .email: LadderStep(channel: .email, wait: wait ?? .seconds(36_000), success: .delivered)
        }
    }
}

/// How far a message got, from the provider taking it to a person reading it. A step names the level it needs.
public enum SuccessLevel: String, Sendable, CaseIterable, Codable, Comparable {
    /// The provider took it.
    case accepted
    /// The carrier or the receiving mail server has it on the way.
    case sent
    /// A call was answered by a machine.
    case voicemail
    /// The handset or the mailbox has it.
    case delivered
    /// A person answered the call.
    case answered
    /// A person opened it.
    case read

    public static func < (lower: SuccessLevel, higher: SuccessLevel) -> Bool {
        lower.height < higher.height
    }

    private var height: Int {
        switch self {
        case .accepted: 0
        case .sent: 1
        case .voicemail: 2
        case .delivered: 3
        case .answered: 4
        case .read: 5
        }
    }
}

/// What to do when two listings of the provider's messages did not show whether a send was accepted.
public enum UnknownPolicy: String, Sendable, CaseIterable, Codable {
    /// Send the same step once more, marked as a possible second copy. At most once a step.
    case resend
    /// Wait for a person (`outrider.release_held`).
    case hold
    /// Take the step as unknown and go on to the next one; without one the job ends as unknown.
    case next
    /// Send nothing more: the job ends as unknown.
    case end
}

/// What a step may do after a failure of a class, in place of what follows by itself.
public enum FailurePolicy: String, Sendable, CaseIterable, Codable {
    /// Try the same step again with backoff, within its attempts and its wait.
    case retry
    /// Try the same step again as the provider asks, until the job's time is over; never climb from it.
    case wait
    /// Go on to the next step; without one the job ends.
    case next
    /// End the job: no other step follows.
    case end
}

extension FailureClass {
    /// What a step may say of this class.
    ///
    /// What forbids contact, or is our own fault, is not for a ladder to decide. A repeat is for failures that time can
    /// mend and that left nothing behind. The person's own rest is broken by no channel.
    public var policies: Set<FailurePolicy> {
        switch self {
        case .transient, .rateLimited: [.retry, .wait, .next, .end]
        case .unreachable, .noAnswer, .expired: [.retry, .next, .end]
        case .uncertain, .filtered, .blocked, .landline, .unroutable, .wrongSender, .unregistered, .content:
            [
                .next, .end,
            ]
        case .quietHours: [.wait, .end]
        case .invalidAddress, .windowClosed, .configuration, .credentials, .channelOptedOut, .fraudBlock, .optedOut,
            .unknown:
            []
        }
    }
}

/// A way to reach a person.
public enum Channel: String, Sendable, CaseIterable, Codable {
    case sms
    case voice
    case whatsapp
    case email

    /// The channels that one phone number serves: an opt-out of one is an opt-out of all.
    public static let phoneChannels: Set<Channel> = [.sms, .voice, .whatsapp]

    public var isPhone: Bool { Channel.phoneChannels.contains(self) }

    /// The least time before a job's deadline in which a send is worth beginning: nothing could be done with less.
    public var leastTime: Duration {
        switch self {
        // The provider counts a validity period in whole seconds, from 1.
        case .sms, .whatsapp, .email: .seconds(1)
        // A telephone rings for five seconds at least, and the provider may add five.
        case .voice: .seconds(10)
        }
    }
}
