/// Which messages an opt-out stops, of those that go by the channels it closes.
///
/// A person who wants no offers still wants the code that they wait for. So what is said of offers stops offers, and what
/// is said to mail in general leaves one-time passwords alone: each of them was asked for a moment ago.
public enum OptOutReach: Sendable, Hashable, CaseIterable {
    /// The address is dead, or the person wants nothing at all.
    case everything
    case everythingButPasswords
    /// Offers alone.
    case marketing

    /// The categories it stops, each a row of `suppressions`; nil is every category.
    public var categories: [Category?] {
        switch self {
        case .everything: [nil]
        case .everythingButPasswords: [.alert, .transactional, .marketing]
        case .marketing: [.marketing]
        }
    }

    /// As `suppressions.category` has them: empty is every category.
    public var words: [String] { categories.map { $0?.rawValue ?? "" } }

    public func stops(_ category: Category) -> Bool { categories.contains { $0 == nil || $0 == category } }
}

extension OptOutReach {
    /// What a provider's word stops that the person has opted out on a channel.
    ///
    /// - Parameter code: the provider's own, or its word where it gave none.
    static func of(code: String, on channel: Channel) -> OptOutReach {
        switch code {
        // The person left one group of mails, or WhatsApp's offers.
        case "group_unsubscribe", "63033": .marketing
        // SendGrid's lists are for mail in general. A phone's block is for all that its sender sends.
        default: channel == .email ? .everythingButPasswords : .everything
        }
    }
}
