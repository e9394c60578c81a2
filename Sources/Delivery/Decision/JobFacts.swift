/// Everything the decision needs to know about a job: values only, read from the database in one statement.
public struct JobFacts: Sendable, Hashable {
    public var ladder: Ladder
    public var category: Category
    public var expiresAt: Instant?
    /// The attempts so far, by generation.
    public var attempts: [Attempt]
    /// Whether the outcome is recorded.
    public var isEnded: Bool

    public init(
        ladder: Ladder, category: Category, expiresAt: Instant? = nil, attempts: [Attempt] = [], isEnded: Bool = false
    ) {
        self.ladder = ladder
        self.category = category
        self.expiresAt = expiresAt
        self.attempts = attempts.sorted { $0.generation < $1.generation }
        self.isEnded = isEnded
    }

    /// The attempt of this generation, or nil when its intent was never taken.
    public func attempt(_ generation: Int) -> Attempt? {
        attempts.first { $0.generation == generation }
    }

    /// The step of the ladder that an attempt is one of.
    func step(of attempt: Attempt) -> LadderStep {
        ladder.steps[min(max(attempt.step, 0), ladder.steps.count - 1)]
    }

    /// The channel that an attempt went by.
    func channel(of attempt: Attempt) -> Channel { step(of: attempt).channel }

    /// The first attempt that reached what its step wants.
    public var through: Attempt? {
        attempts.first { attempt in
            attempt.reached.map { $0 >= step(of: attempt).success } ?? false
        }
    }

    /// The message of an earlier attempt of the step that the provider has although a repeat was decided: nobody could
    /// account for it then, and word of it came since. Another one would double it.
    public func taken(before generation: Int, of step: Int) -> Attempt? {
        attempts.last { attempt in
            guard attempt.generation < generation, attempt.step == step else { return false }
            switch attempt.phase {
            case .underway, .arrived: return true
            case .open, .unanswered, .notSent, .skipped, .failed: return false
            }
        }
    }

    /// Channels that the failures so far rule out for this person.
    public var closedChannels: Set<Channel> {
        attempts.reduce(into: []) { closed, attempt in
            guard ladder.steps.indices.contains(attempt.step) else { return }
            let channel = ladder.steps[attempt.step].channel
            closed.formUnion(Self.channelsClosed(by: attempt.phase, on: channel, to: category))
        }
    }

    /// What one attempt's end says about other channels of the same person.
    static func channelsClosed(
        by phase: AttemptPhase, on channel: Channel, to category: Category
    ) -> Set<Channel> {
        switch phase {
        case .failed(.optedOut), .failed(.fraudBlock):
            return channel.isPhone ? Channel.phoneChannels : [channel]
        case .skipped(.optedOut):
            // Each channel has its own suppressions. A no to offers by WhatsApp is none to a text; a STOP closes all three.
            return [channel]
        case .failed(.blocked):
            // A block of texts. An offer takes it for a no by phone; a one-time password may still be spoken.
            return category == .marketing && channel.isPhone ? Channel.phoneChannels : [channel]
        case .skipped(.prefixBlocked), .skipped(.countryNotAllowed), .skipped(.invalidNumber), .skipped(.riskyNumber):
            // The number is the same on each of them.
            return Channel.phoneChannels
        case .failed(.channelOptedOut):
            return [channel]
        case .failed(.invalidAddress):
            // WhatsApp says "not a user of ours", which says nothing of the number itself.
            return channel == .sms || channel == .voice ? Channel.phoneChannels : [channel]
        case .failed(.landline):
            return [.sms, .whatsapp]
        case .skipped(.noAddress), .skipped(.routeClosed), .skipped(.deadNumber), .skipped(.noTextLine):
            return [channel]
        case .failed(.transient), .failed(.unreachable), .failed(.filtered), .failed(.windowClosed),
            .failed(.expired), .failed(.rateLimited), .failed(.quietHours), .failed(.uncertain),
            .failed(.configuration), .failed(.credentials), .failed(.wrongSender), .failed(.unregistered),
            .failed(.unroutable),
            .failed(.content), .failed(.noAnswer), .failed(.unknown), .skipped(.windowClosed), .skipped(.noContent),
            .skipped(.noConsent), .skipped(.capped), .skipped(.noSender), .skipped(.sealBroken),
            .open, .unanswered, .notSent, .underway, .arrived:
            return []
        }
    }
}
