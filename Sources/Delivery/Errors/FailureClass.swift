/// Why a message did not get through, and so what the ladder does next.
///
/// Many provider codes map to one class. The mapping is data, the table `outrider.error_codes`; a code that is not in it
/// gets `FailureClass.default(for:)`.
///
/// Classes are ordered by how much they forbid. When one attempt reports two failures, the greater one counts, whatever
/// the order of arrival. From greatest to least: `optedOut`, `fraudBlock`, `configuration`, `content`, `windowClosed`,
/// `unroutable`, `invalidAddress`, `landline`, `filtered`, `unreachable`, `noAnswer`, `expired`, `rateLimited`,
/// `transient`, `unknown`. What forbids contact comes first, then what no other attempt can mend, then what another
/// channel can, then what time can; a failure that says nothing yields to every failure that says something.
public enum FailureClass: String, Sendable, CaseIterable, Codable {
    /// A passing fault of the provider or a carrier; nothing was delivered. The same step is retried with backoff.
    case transient
    /// The handset is off, out of coverage, or its carrier does not know it now. The ladder escalates at once.
    case unreachable
    /// The number or address does not exist or is malformed. The address is dead on every channel that uses it.
    case invalidAddress = "invalid_address"
    /// The number cannot take text messages but may answer a call. The ladder escalates, and skips later text steps.
    case landline
    /// A carrier or the provider filtered this message. The ladder escalates; a repeat would be filtered again.
    case filtered
    /// The recipient said stop, or the provider holds a block for them. The address is suppressed, nothing more goes
    /// there, and an opted-out phone number is never called instead.
    case optedOut = "opted_out"
    /// Free-form WhatsApp outside the 24-hour window. The step needs an approved template, or it is skipped.
    case windowClosed = "window_closed"
    /// The message outlived its validity period before a carrier took it. The ladder escalates; it is not late news.
    case expired
    /// Too fast, or a queue is full; the message was not accepted. The same step waits, by `Retry-After` if given.
    case rateLimited = "rate_limited"
    /// Our account, credentials, sender or registration is at fault. The sender's breaker opens and an operator is
    /// alerted; no ladder is used up for it.
    case configuration
    /// This sender may not reach this destination: a geographic permission, or a channel the number does not have. The
    /// ladder escalates; another sender or channel may reach it.
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
        case .rateLimited: 2
        case .expired: 3
        case .noAnswer: 4
        case .unreachable: 5
        case .filtered: 6
        case .landline: 7
        case .invalidAddress: 8
        case .unroutable: 9
        case .windowClosed: 10
        case .content: 11
        case .configuration: 12
        case .fraudBlock: 13
        case .optedOut: 14
        }
    }
}
