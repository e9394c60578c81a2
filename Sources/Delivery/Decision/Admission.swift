/// Whether an attempt may begin, decided from what the claim saw in the same snapshot in which it took the intent.
public enum Admission: Sendable, Hashable {
    /// Send the job's own text.
    case sendText
    /// Send the provider's approved template.
    case sendTemplate
    /// Pass the step over.
    case skip(SkipReason)
    /// The job's time is over.
    case expire

    /// What the claim saw.
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
        public var isExpired: Bool

        public init(
            channel: Channel, hasAddress: Bool, hasSender: Bool, isSuppressed: Bool, isWindowOpen: Bool, hasText: Bool,
            hasTemplate: Bool, isExpired: Bool
        ) {
            self.channel = channel
            self.hasAddress = hasAddress
            self.hasSender = hasSender
            self.isSuppressed = isSuppressed
            self.isWindowOpen = isWindowOpen
            self.hasText = hasText
            self.hasTemplate = hasTemplate
            self.isExpired = isExpired
        }
    }

    /// Consent comes first, so that no other reason ever hides it.
    public init(_ facts: Facts) {
        if facts.isSuppressed {
            self = .skip(.optedOut)
        } else if facts.isExpired {
            self = .expire
        } else if !facts.hasAddress {
            self = .skip(.noAddress)
        } else if !facts.hasSender {
            self = .skip(.noSender)
        } else {
            self = Admission(contentOf: facts)
        }
    }

    private init(contentOf facts: Facts) {
        switch facts.channel {
        case .whatsapp where !facts.isWindowOpen:
            // Outside the window only an approved template may be sent; the provider would take free text and drop it.
            self = facts.hasTemplate ? .sendTemplate : .skip(.windowClosed)
        case .sms, .voice, .whatsapp:
            self = facts.hasText ? .sendText : facts.hasTemplate ? .sendTemplate : .skip(.noContent)
        case .email:
            self = facts.hasTemplate ? .sendTemplate : facts.hasText ? .sendText : .skip(.noContent)
        }
    }
}
