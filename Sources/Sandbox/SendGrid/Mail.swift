import Delivery
import Foundation

/// One e-mail to one recipient, and what became of it.
struct Mail: Sendable {
    /// `X-Message-Id`, the recipient's place in the request appended: unique per recipient.
    var sid: String
    var messageID: String
    var to: String
    var from: String
    var subject: String
    var customArgs: [JSON.Member]
    var categories: [String]
    var groupID: Int?
    var status = "processed"
    var reason: String? = nil
    var created: Date
    /// What happened so far, for the log; a life has fewer than ten events.
    var events: [JSON] = []

    /// The id events carry: `X-Message-Id`, a dot, and the path the mail took.
    var eventMessageID: String { sid }

    /// What the log remembers of an event.
    func event(_ event: MailNews, at date: Date) -> JSON {
        var members: [JSON.Member] = [
            .init(name: "email", value: .string(to)),
            .init(name: "timestamp", value: .integer(Int(date.timeIntervalSince1970))),
            .init(name: "smtp-id", value: .string("<\(messageID)@geopod-ismtpd-1>")),
            .init(name: "event", value: .string(event.name)),
            .init(name: "sg_event_id", value: .string(Identifier.token(22))),
            .init(name: "sg_message_id", value: .string(eventMessageID)),
        ]
        if !categories.isEmpty {
            members.append(.init(name: "category", value: .array(categories.map(JSON.string))))
        }
        if let groupID { members.append(.init(name: "asm_group_id", value: .integer(groupID))) }
        members += event.details
        return .object(members)
    }

    /// `event` as the Event Webhook posts it: with `custom_args` at top level, where they hide nothing.
    func merged(_ event: JSON) -> JSON {
        var members = event.members ?? []
        members += customArgs.filter { argument in !members.contains { $0.name == argument.name } }
        return .object(members)
    }

    /// The answer of `GET /v3/logs/{sg_message_id}`.
    var detailJSON: JSON {
        [
            "from_email": .string(from), "sg_message_id": .string(eventMessageID), "subject": .string(subject),
            "to_email": .string(to), "status": .string(status), "api_key_id": "sandbox", "client_ip": "127.0.0.1",
            "category": .array(categories.map(JSON.string)), "custom_args": .object(customArgs),
            "events": .array(events),
        ]
    }

    /// The summary `POST /v3/logs` answers.
    var logJSON: JSON {
        [
            "from_email": .string(from),
            "sg_message_id": .string(eventMessageID),
            "subject": .string(subject),
            "to_email": .string(to),
            "reason": .optional(reason),
            "status": .string(status),
            "sg_message_id_created_at": .string(DateForm.iso8601(created)),
        ]
    }
}
