/// Whether an attempt may begin, decided from what the take saw of its job. Every rule of consent, time and money is here,
/// and only here.
///
/// What may change between the take and the intent (a suppression, an outcome, a pause) is looked at once more by the
/// statement that inserts the intent.
public enum Admission: Sendable, Hashable {
    /// Send the job's own text.
    case sendText
    /// Send the provider's approved template.
    case sendTemplate
    /// Not needed any more: an earlier message of the job got there, or will.
    case withdraw(reason: String)
    /// Pass the step over.
    case skip(SkipReason)
    /// Not now; look again at this time.
    case `defer`(until: Instant, DeferReason)
    /// The job's time is over.
    case expire
    /// The job's time will be over before a rule lets it go.
    case expireWaiting(DeferReason)
    /// A person must decide.
    case hold(reason: String)

    /// What the take saw.
    public struct Facts: Sendable, Hashable {
        public var channel: Channel
        public var hasAddress: Bool
        public var hasSender: Bool
        /// Whether the address is suppressed on the channel.
        public var isSuppressed: Bool
        /// WhatsApp only: whether the person wrote to this sender within 24 hours.
        public var isWindowOpen: Bool
        /// Whether there is a text of our own for the channel.
        public var hasText: Bool
        /// Whether there is an approved provider template for the channel.
        public var hasTemplate: Bool
        /// Whether too little time is left before the job's deadline.
        public var isExpired: Bool
        /// Whether the person's consent to the job's category on the channel is on record.
        public var hasConsent: Bool
        /// Whether the job names a template of which nothing is left.
        public var lacksTemplate: Bool
        /// When the campaign may write where the person lives; nil when it may now.
        public var windowOpens: Instant?
        /// What the rules of contact say of the number and the hour.
        public var ruling = ContactRuling.allowed
        /// What a provider said of the number on the channel, if it called it dead not long ago.
        public var dead: DeadAddress?
        /// Whether numbers are looked up for messages of the category.
        public var lookupRule: LookupRule?
        /// What was looked up of the number, not too long ago.
        public var lookup = NumberLookup()
        /// Whether what it says can be read.
        public var reading = Reading.open
        /// What has happened so far.
        public var job: JobFacts
        /// The attempt that would begin.
        public var generation: Int
        public var step: Int

        public init(
            channel: Channel, hasAddress: Bool, hasSender: Bool, isSuppressed: Bool, isWindowOpen: Bool, hasText: Bool,
            hasTemplate: Bool, isExpired: Bool, hasConsent: Bool = false, lacksTemplate: Bool = false,
            windowOpens: Instant? = nil, job: JobFacts,
            generation: Int = 1, step: Int = 0
        ) {
            self.channel = channel
            self.hasAddress = hasAddress
            self.hasSender = hasSender
            self.isSuppressed = isSuppressed
            self.isWindowOpen = isWindowOpen
            self.hasText = hasText
            self.hasTemplate = hasTemplate
            self.isExpired = isExpired
            self.hasConsent = hasConsent
            self.lacksTemplate = lacksTemplate
            self.windowOpens = windowOpens
            self.job = job
            self.generation = generation
            self.step = step
        }

        /// Whether what a job says can be read.
        public enum Reading: Sendable, Hashable {
            case open
            /// It is sealed, and the key is not here. Another worker may have it, or this one soon.
            case keyMissing(lookAgain: Instant)
            /// It is sealed, and does not open with its key.
            case broken

            /// - Parameter deferrals: how often the attempt was put off before. Each time it waits for twice as long.
            public init(_ seal: ContentSeal, deferrals: Int, now: Instant) {
                switch seal {
                case .none, .opened: self = .open
                case .broken: self = .broken
                case .closed, .keyMissing:
                    let wait = min(Self.firstWait * (1 << min(max(deferrals, 0), 16)), Self.longestWait)
                    self = .keyMissing(lookAgain: now.advanced(by: wait))
                }
            }

            private static let firstWait = Duration.seconds(5)
            private static let longestWait = Duration.seconds(300)
        }

        /// Beside a step that is passed over for this reason: why, for whoever reads the job's timeline.
        public func words(on reason: SkipReason) -> String? {
            reason == .deadNumber
                ? dead?.words : ruling.words(on: reason) ?? lookupRule?.words(on: reason, lookup)
        }
    }

    /// What has happened comes first: a job that got through needs no reason to send nothing. Then consent, so that no other
    /// reason ever hides it.
    public init(_ facts: Facts) {
        if let reason = facts.job.reasonToWithdraw(facts.generation, of: facts.step) {
            self = .withdraw(reason: reason)
        } else if facts.isSuppressed {
            self = .skip(.optedOut)
        } else if facts.isExpired {
            self = .expire
        } else if facts.channel.wantsConsent(for: facts.job.category), !facts.hasConsent {
            self = .skip(.noConsent)
        } else if !facts.hasAddress {
            self = .skip(.noAddress)
        } else if case .prefixBlocked = facts.ruling {
            self = .skip(.prefixBlocked)
        } else if case .invalidNumber = facts.ruling {
            self = .skip(.invalidNumber)
        } else if case .countryNotAllowed = facts.ruling {
            self = .skip(.countryNotAllowed)
        } else if case .routeClosed = facts.ruling {
            self = .skip(.routeClosed)
        } else if facts.dead?.binds(facts.job.category) == true {
            self = .skip(.deadNumber)
        } else if let reason = facts.lookupRule?.reason(against: facts.lookup, on: facts.channel) {
            self = .skip(reason)
        } else if !facts.hasSender {
            self = .skip(.noSender)
        } else {
            self = Admission(contentOf: facts).within(facts)
        }
    }

    /// What would be sent waits for its campaign's window, and for the end of quiet hours. What needs no send is settled at
    /// any hour, and so is what would wait for nothing.
    private func within(_ facts: Facts) -> Admission {
        switch self {
        case .sendText, .sendTemplate: break
        case .withdraw, .skip, .defer, .expire, .expireWaiting, .hold: return self
        }
        guard case .quiet(_, let opens, let until) = facts.ruling else {
            return facts.windowOpens.map { .defer(until: $0, .campaignWindow) } ?? self
        }
        if let deadline = facts.job.expiresAt, deadline < opens.advanced(by: facts.channel.leastTime) {
            return .expireWaiting(.quietHours)
        }
        // The later of the two: then both are looked at again.
        if let window = facts.windowOpens, window > until { return .defer(until: window, .campaignWindow) }
        return .defer(until: until, .quietHours)
    }

    /// What may be said, when nothing stands against saying something.
    ///
    /// What cannot be read is never sent: it would be the sealed text, or nothing.
    public init(contentOf facts: Facts) {
        switch facts.reading {
        case .open: self = Self.content(facts)
        case .broken: self = .skip(.sealBroken)
        case .keyMissing(let lookAgain):
            self = .defer(until: facts.job.expiresAt.map { min($0, lookAgain) } ?? lookAgain, .sealKeyMissing)
        }
    }

    private static func content(_ facts: Facts) -> Admission {
        switch facts.channel {
        case _ where facts.lacksTemplate:
            return .hold(
                reason: "its template is missing: insert it into outrider.templates, then release the job as not sent")
        case .whatsapp where !facts.isWindowOpen || facts.job.isWindowKnownClosed:
            // Outside the window only an approved template may be sent; the provider would take free text and drop it.
            return facts.hasTemplate ? .sendTemplate : .skip(.windowClosed)
        case .sms, .voice, .whatsapp:
            return facts.hasText ? .sendText : facts.hasTemplate ? .sendTemplate : .skip(.noContent)
        case .email:
            return facts.hasTemplate ? .sendTemplate : facts.hasText ? .sendText : .skip(.noContent)
        }
    }
}

extension Channel {
    /// Whether a message of this category may use the channel only with the person's consent on record. An offer must
    /// never become a robocall, and WhatsApp wants an opt-in of its own from whom it brings offers.
    public func wantsConsent(for category: Category) -> Bool {
        switch self {
        case .voice, .whatsapp: category == .marketing
        case .sms, .email: false
        }
    }
}

extension JobFacts {
    /// Whether WhatsApp refused a free text of the job: its own clock of the 24 hours counts, whatever ours says.
    public var isWindowKnownClosed: Bool {
        attempts.contains { $0.phase == .failed(.windowClosed) }
    }
}

extension Category {
    /// How long a message waits for another one of its kind to the same person that nobody can account for; nil is as long
    /// as that takes. What is urgent goes beside it: both carry their own token, so receipts tell them apart.
    public var openSendPatience: Duration? {
        switch self {
        case .otp, .alert: .seconds(5)
        case .transactional, .marketing: nil
        }
    }
}
