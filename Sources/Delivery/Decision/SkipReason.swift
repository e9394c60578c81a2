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
        case .windowClosed: 1
        case .capped: 2
        case .noConsent: 3
        case .noSender: 4
        case .routeClosed: 5
        case .deadNumber: 6
        case .countryNotAllowed: 7
        case .prefixBlocked: 8
        case .invalidNumber: 9
        case .noAddress: 10
        case .optedOut: 11
        }
    }
}
