import Delivery

/// A request the sandbox took: what to write down, what to answer, and how.
struct Acceptance: Sendable {
    var entry: LedgerEntry
    /// The body of the success reply; SendGrid's has none.
    var reply: JSON?
    /// `X-Message-Id` of a mail.
    var messageID: String?
    var journeys: [Journey]
    var manner: ReplyManner
}

/// How a reply is given, as fates and faults decide.
struct ReplyManner: Sendable, Equatable {
    enum Mishap: Sendable, Equatable {
        case serverError, hangUp, halfReply, garbage
    }
    var delay = Duration.zero
    var mishap: Mishap?
    /// The first callback is delivered before the reply is.
    var isLate = false
    var disturbance = Disturbance()
}

/// Thrown to close the connection without a word.
struct HangUp: Error {}
