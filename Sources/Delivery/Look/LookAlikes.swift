/// How well a listing tells the message that it shows from others that look like it.
public struct Sighting: Sendable, Hashable {
    /// Whether it showed the text of the message, so that a message of other words was told apart.
    public var showsText: Bool
    /// From one intent to another at least, when the message can only be of one of them. Nil: the listing does not say when
    /// the message was made.
    public var reach: Duration?

    public init(showsText: Bool = false, reach: Duration? = nil) {
        self.showsText = showsText
        self.reach = reach
    }
}

/// The sends of other jobs that a listed message may be of as well as of the attempt it was found for.
///
/// While one of them is open, nobody can say whose the message is, so nobody takes it. A callback carries its attempt's
/// token and settles it; else the category's policy decides, for both. An open send is no look-alike once it is answered, or
/// a receipt has named its message: then the message has another id.
///
/// Attempts of one job are told apart by `JobFacts.beginningOfMessages`.
public struct LookAlikes: Sendable, Hashable {
    /// `SendKey.likeness`.
    public let likeness: Int
    /// When they were begun; nil is whenever.
    public let begun: ClosedRange<Instant>?
    /// What they say, where the listing told texts apart: those that say something else are none. One whose words nobody
    /// knows may say this.
    public let content: Int?

    /// - Parameters:
    ///   - message: what the attempt sends.
    ///   - begunAt: when its intent was taken.
    public init(of message: SendKey, begunAt: Instant, in sighting: Sighting) {
        likeness = message.likeness
        begun = sighting.reach.map { begunAt.advanced(by: .zero - $0)...begunAt.advanced(by: $0) }
        content = sighting.showsText ? message.content : nil
    }

    /// Whether another job's open send is one of them.
    public func contains(_ message: SendKey, begunAt: Instant) -> Bool {
        guard message.likeness == likeness, begun?.contains(begunAt) ?? true else { return false }
        guard let content, let theirs = message.content else { return true }
        return content == theirs
    }
}

/// Whose a listed message is.
public enum Ownership: String, Sendable {
    /// That of the attempt that asked, from now on.
    case ours
    /// Another attempt's, or the attempt was given up: it takes none.
    case anothers
    /// Nobody can say: another send that looks like it is open.
    case contested
}
