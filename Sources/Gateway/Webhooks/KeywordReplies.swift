import Delivery
import Inbox
import Logging
import Postgres
import Schema

/// Answers a person who wrote a word, in the reply to the webhook, where Twilio does not answer by itself.
///
/// Without a row in `outrider.keyword_replies` nothing is said. A webhook that is repeated gets no second answer: the person would
/// read it twice. So a reply may be lost with its connection; the word itself is not.
struct KeywordReplies: Sendable {
    let database: PostgresPool
    let logger: Logger

    /// Twilio waits 15 s for a webhook, and the word is stored already.
    private static let patience = Duration.seconds(1)

    /// - Parameter fates: what storing the arrivals did, one for each.
    /// - Returns: what to say; nil for nothing.
    func reply(to arrivals: [Arrival], _ fates: [Arrival.Fate]) async -> String? {
        guard case .inbound(let message) = arrivals.first, fates.first == .new, let keyword = message.keyword,
            !message.isAnswered
        else { return nil }
        do throws(PostgresError) {
            let parameters: [Parameter] = [.text(message.to), .text(keyword.rawValue)]
            return try await database.fetch(.keywordReply, parameters, deadline: Self.patience).first?.string("reply")
        } catch {
            logger.warning("A word was stored, but not answered", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// The document that has Twilio say it.
    static func document(_ reply: String?) -> String {
        let message = reply.map { "<Response><Message>\(Markup.xml($0))</Message></Response>" }
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + (message ?? "<Response/>")
    }
}

extension Statement {
    fileprivate static let keywordReply = Schema.statement("keyword_reply")
}
