/// Why a step was passed over without a provider call.
public enum SkipReason: String, Sendable, CaseIterable, Codable {
    /// The job names no address for the channel.
    case noAddress = "no_address"
    /// The address is suppressed on the channel.
    case optedOut = "opted_out"
    /// WhatsApp's 24 hours are over and there is no approved template.
    case windowClosed = "window_closed"
    /// Marketing may use the channel only with a consent on record, and there is none.
    case noConsent = "no_consent"
    /// Its number begins with a prefix that is blocked.
    case prefixBlocked = "prefix_blocked"
    /// There is no such number.
    case invalidNumber = "invalid_number"
    /// Its number is in a country to which nothing of the category may go.
    case countryNotAllowed = "country_not_allowed"
    /// As much as may be sent to it, or by its tenant, was sent.
    case capped
    /// The channel brings nothing of the category to the country of its number.
    case routeClosed = "route_closed"
    /// A provider called its number dead on the channel, not long ago.
    case deadNumber = "dead_number"
    /// Its number is of a line that takes no texts, as a look-up told.
    case noTextLine = "no_text_line"
    /// Its number is too likely one that pumps texts, as a look-up told.
    case riskyNumber = "risky_number"
    /// What it says is sealed, and does not open with its key.
    case sealBroken = "seal_broken"
    /// No enabled sender serves the channel.
    case noSender = "no_sender"
    /// There is no text for the channel, or its data lacks a key it names.
    case noContent = "no_content"
}

/// Ordered by how much they rule out, so that an opt-out is never hidden by another reason.
extension SkipReason: Comparable {
    public static func < (weaker: SkipReason, stronger: SkipReason) -> Bool {
        weaker.rank < stronger.rank
    }

    private var rank: Int {
        switch self {
        case .noContent: 0
        case .sealBroken: 1
        case .windowClosed: 2
        case .capped: 3
        case .noConsent: 4
        case .noSender: 5
        case .routeClosed: 6
        case .noTextLine: 7
        case .deadNumber: 8
        case .riskyNumber: 9
        case .countryNotAllowed: 10
        case .prefixBlocked: 11
        case .invalidNumber: 12
        case .noAddress: 13
        case .optedOut: 14
        }
    }
}
