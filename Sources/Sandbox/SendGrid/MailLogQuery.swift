import Delivery
import Foundation

/// The e-mail log's query language but for `reason`: `to_email`, `subject`, `sg_message_id`, `categories`,
/// `status`, `sg_message_id_created_at`, joined by `AND`.
struct MailLogQuery: Sendable {
    private enum Condition: Sendable {
        case subject(String)
        case messageID(String)
        case status([String])
        case categories([String])
        case created(String, Date)
    }
    var to: String?
    /// At most this many mails, 1…1000.
    var limit: Int
    private var conditions: [Condition] = []

    init(_ json: JSON) throws(SendGridError) {
        limit = json["limit"]?.integer ?? 10
        guard (1...1000).contains(limit) else {
            throw SendGridError("limit must be between 1 and 1000", field: "limit")
        }
        guard let query = json["query"]?.string else { throw SendGridError("query is required", field: "query") }
        for part in query.split(separator: " AND ") {
            let words = part.split(separator: " ", maxSplits: 2)
            guard words.count == 3 else { throw SendGridError("invalid query", field: "query") }
            let value = words[2].replacing("TIMESTAMP", with: "").trimmingCharacters(
                in: CharacterSet(charactersIn: " '\""))
            switch (words[0], words[1]) {
            case ("to_email", "="): to = value.lowercased()
            case ("subject", "="): conditions.append(.subject(value))
            case ("sg_message_id", "="): conditions.append(.messageID(value))
            case ("status", "IN"): conditions.append(.status(Self.list(words[2])))
            case ("categories", "IN"): conditions.append(.categories(Self.list(words[2])))
            case ("sg_message_id_created_at", ">"), ("sg_message_id_created_at", ">="),
                ("sg_message_id_created_at", "<"), ("sg_message_id_created_at", "<="):
                guard let date = DateForm.parse(value) else { throw SendGridError("invalid timestamp", field: "query") }
                conditions.append(.created(String(words[1]), date))
            default: throw SendGridError("unknown field or operator in query", field: "query")
            }
        }
    }

    /// The values of `('one', 'two')`.
    private static func list(_ text: Substring) -> [String] {
        text.split(separator: ",").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " ()'\"")) }
    }

    func matches(_ mail: Mail) -> Bool {
        conditions.allSatisfy { condition in
            switch condition {
            case .subject(let text): mail.subject == text
            case .messageID(let id): mail.sid == id || mail.messageID == id
            case .status(let names): names.contains(mail.status)
            case .categories(let names): names.contains { mail.categories.contains($0) }
            case .created(">", let date): mail.created > date
            case .created(">=", let date): mail.created >= date
            case .created("<", let date): mail.created < date
            case .created(_, let date): mail.created <= date
            }
        }
    }
}
