/// Why a message did not get through, and so what the ladder does next.
///
/// Many provider codes map to one class. The mapping is data, the table `outrider.error_codes`; a code that is not in it
/// gets `FailureClass.default(for:)`.
///
/// Classes are ordered by how much they forbid. When one attempt reports two failures, the greater one counts, whatever
/// the order of arrival. From greatest to least: `optedOut`, `fraudBlock`, `channelOptedOut`, `credentials`,
/// `configuration`, `content`, `windowClosed`, `unroutable`, `unregistered`, `wrongSender`, `invalidAddress`, `landline`,
/// `blocked`, `filtered`, `unreachable`, `noAnswer`, `expired`, `quietHours`, `rateLimited`, `uncertain`, `transient`,
/// `unknown`. What forbids contact comes first, then what no other attempt can mend, then what another channel can, then
/// what time can. A failure that says nothing yields to every failure that says something.
public enum FailureClass: String, Sendable, CaseIterable, Codable {
    /// A passing fault of the provider or a carrier; nothing was delivered. The same step is retried with backoff.
    case transient
    /// The provider cannot say whether the message arrived. The same step is repeated once at most, or the person might
    /// get the message again and again.
    case uncertain
    /// The handset is off, out of coverage, or its carrier does not know it now. The ladder escalates at once.
    case unreachable
    /// The number or address does not exist or is malformed. The address is dead on every channel that uses it.
    case invalidAddress = "invalid_address"
    /// The number cannot take text messages but may answer a call. The ladder escalates, and skips later text steps.
    case landline
    /// A carrier or the provider filtered this message. The ladder escalates; a repeat would be filtered again.
    case filtered
    /// The recipient, or a carrier for them, blocks texts of ours. No text of the job follows. Marketing takes it for a no
    /// on every phone channel.
    case blocked
    /// The recipient said stop on this channel alone, as WhatsApp's own list has it. The address is suppressed there, and
    /// the ladder goes on by other channels.
    case channelOptedOut = "channel_opted_out"
    /// The recipient said stop, or the provider holds a block for them. The address is suppressed, nothing more goes
    /// there, and an opted-out phone number is never called instead.
    case optedOut = "opted_out"
    /// Free-form WhatsApp outside the 24-hour window. The step needs an approved template, or it is skipped.
    case windowClosed = "window_closed"
    /// The message outlived its validity period before a carrier took it. The ladder escalates; it is not late news.
    case expired
    /// Too fast, or a queue is full; the message was not sent. The same step waits, by `Retry-After` if given. What is
    /// urgent goes on once the step's wait is over; nothing else does.
    case rateLimited = "rate_limited"
    /// It is night, or a pause, where the recipient is. The same step waits. No other channel may break that rest, however
    /// urgent the message.
    case quietHours = "quiet_hours"
    /// Our sender, its registration or our request is at fault, whoever the recipient is. The sender's breaker opens after
    /// a few of them in a row, and an operator is alerted; no ladder is used up for it.
    case configuration
    /// Our credentials or our whole account is refused: as `configuration`, but one refusal says it all.
    case credentials
    /// This sender may not reach this destination, and another sender of ours may. The job goes on by another sender of
    /// the channel, or else by the next step. It says nothing of other destinations.
    case wrongSender = "wrong_sender"
    /// The sender is not registered for the recipient's country or carrier. For the job it is as `wrongSender`. Many of
    /// them in a row, with nothing delivered between, open the sender's breaker: each may have cost money.
    case unregistered
    /// No sender of ours may reach this destination on this channel: a geographic permission, or a channel the number does
    /// not have. The ladder escalates.
    case unroutable
    /// A fraud guard blocked the destination. No channel of the same provider is tried; an operator is alerted.
    case fraudBlock = "fraud_block"
    /// Our message itself is refused, whatever the address: too long, empty, a bad template. The ladder escalates to a
    /// step with its own content, and the template is reported.
    case content
    /// A call was busy, unanswered, or reached voicemail where a person was wanted. The ladder escalates.
    case noAnswer = "no_answer"
    /// The reason is not known, or it is not known whether anything was sent. The attempt is reconciled, never blindly
    /// repeated.
    case unknown
}

extension FailureClass: Comparable {
    public static func < (weaker: FailureClass, stronger: FailureClass) -> Bool {
        weaker.rank < stronger.rank
    }

    /// The place in the documented order, 0 the weakest.
    private var rank: Int {
        switch self {
        case .unknown: 0
        case .transient: 1
        case .uncertain: 2
        case .rateLimited: 3
        case .quietHours: 4
        case .expired: 5
        case .noAnswer: 6
        case .unreachable: 7
        case .filtered: 8
        case .blocked: 9
        case .landline: 10
        case .invalidAddress: 11
        case .wrongSender: 12
        case .unregistered: 13
        case .unroutable: 14
        case .windowClosed: 15
        case .content: 16
        case .configuration: 17
        case .credentials: 18
        case .channelOptedOut: 19
        case .fraudBlock: 20
        case .optedOut: 21
        }
    }
}
