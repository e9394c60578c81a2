/// What happens to an e-mail. The tag is the local part up to its first `+`, `-`, `.` or digit: `bounce+17@example.com` bounces.
enum EmailFate: String, Sendable, CaseIterable, Codable {
    case delivered
    case open
    case click
    case bounce
    case blocked
    case dropped
    case spam
    case unsubscribe
    case deferred
    case silent
    case throttled
    case slow
    case outcomeUnknown = "unknown"

    /// The fate the local part of `address` names; `delivered` when it names none.
    init(address: String) {
        let local = address.prefix { $0 != "@" }.lowercased()
        self = EmailFate(rawValue: String(local.prefix { $0.isLetter })) ?? .delivered
    }
}
