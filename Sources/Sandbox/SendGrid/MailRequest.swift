import Delivery
import Foundation

/// A `POST /v3/mail/send`, read and judged by the rules of the real API.
struct MailRequest: Sendable {
    /// One address the message goes to, with what its events must repeat.
    struct Recipient: Sendable {
        var address: String
        var subject: String
        var customArgs: [JSON.Member]
    }

    var from: String
    var recipients: [Recipient]
    var content: String
    var templateID: String?
    var categories: [String]
    var groupID: Int?
    /// Unix seconds; `nil` sends at once.
    var sendAt: Int?
    /// Validates only: nothing is sent, no event follows.
    var isSandboxed: Bool

    init(_ json: JSON, now: Date) throws(SendGridError) {
        guard json.members != nil else { throw .notJSON }
        from = try MailRequest.sender(json["from"])
        templateID = json["template_id"]?.string
        let subject = json["subject"]?.string ?? ""
        recipients = try MailRequest.recipients(json, subject: subject, needsSubject: templateID == nil)
        content = try MailRequest.content(json["content"], isOptional: templateID != nil)
        categories = try MailRequest.categories(json["categories"])
        groupID = json["asm"]?["group_id"]?.integer
        sendAt = try MailRequest.sendTime(json["send_at"], now: now)
        isSandboxed = try MailRequest.sandboxMode(json["mail_settings"])
    }

    private static func sender(_ value: JSON?) throws(SendGridError) -> String {
        guard let value, value.members != nil else {
            throw SendGridError(
                "The from object must be provided for every email send. It is an object that requires the email"
                    + " parameter, but may also contain a name parameter.  e.g. {\"email\" : \"example@example.com\"}  or"
                    + " {\"email\" : \"example@example.com\", \"name\" : \"Example Recipient\"}.", field: "from.email")
        }
        guard let email = value["email"]?.string, MailAddress.isValid(email) else {
            throw SendGridError("The from email does not contain a valid address.", field: "from.email")
        }
        return email
    }

    private static func recipients(
        _ json: JSON, subject: String, needsSubject: Bool
    ) throws(SendGridError) -> [Recipient] {
        guard let personalizations = json["personalizations"]?.array, !personalizations.isEmpty else {
            throw SendGridError(
                "The personalizations field is required and must have at least one personalization.",
                field: "personalizations")
        }
        guard personalizations.count <= 1000 else {
            throw SendGridError("There are too many personalizations.", field: "personalizations")
        }
        let common = try customArgs(json["custom_args"], field: "custom_args")
        var recipients: [Recipient] = []
        for (index, entry) in personalizations.enumerated() {
            let field = "personalizations.\(index)"
            let line = entry["subject"]?.string ?? subject
            guard !needsSubject || !line.isEmpty else {
                throw SendGridError(
                    "The subject is required. You can get around this requirement if you use a template with a subject"
                        + " defined or if every personalization has a subject defined.", field: "subject")
            }
            let own = try customArgs(entry["custom_args"], field: field + ".custom_args")
            let args = common.filter { member in !own.contains { $0.name == member.name } } + own
            let addresses = try addresses(entry, field: field)
            recipients += addresses.map { Recipient(address: $0, subject: line, customArgs: args) }
        }
        guard recipients.count <= 1000 else {
            throw SendGridError("The total number of recipients must be no more than 1000.", field: "personalizations")
        }
        return recipients
    }

    private static func addresses(_ entry: JSON, field: String) throws(SendGridError) -> [String] {
        guard let to = entry["to"]?.array, !to.isEmpty else {
            throw SendGridError(
                "The to array is required for all personalization objects, and must have at least one email object"
                    + " with a valid email address.", field: field + ".to")
        }
        var addresses: [String] = []
        for (kind, list) in [("to", to), ("cc", entry["cc"]?.array ?? []), ("bcc", entry["bcc"]?.array ?? [])] {
            for (index, item) in list.enumerated() {
                guard let email = item["email"]?.string, MailAddress.isValid(email) else {
                    throw SendGridError("Does not contain a valid address.", field: "\(field).\(kind).\(index).email")
                }
                guard !addresses.contains(email.lowercased()) else {
                    throw SendGridError(
                        "Each email address in the personalization block should be unique between to, cc, and bcc.",
                        field: field)
                }
                addresses.append(email.lowercased())
            }
        }
        return addresses
    }

    private static func customArgs(_ value: JSON?, field: String) throws(SendGridError) -> [JSON.Member] {
        guard let value else { return [] }
        guard let members = value.members, members.allSatisfy({ $0.value.string != nil }) else {
            throw SendGridError("Custom arguments must be an object of strings.", field: field)
        }
        guard value.text.utf8.count <= 10_000 else {
            throw SendGridError("Custom arguments cannot exceed 10000 bytes.", field: field)
        }
        return members
    }

    private static func content(_ value: JSON?, isOptional: Bool) throws(SendGridError) -> String {
        guard let parts = value?.array, !parts.isEmpty else {
            guard !isOptional else { return "" }
            throw SendGridError(
                "Unless a valid template_id is provided, the content parameter is required. There must be at least one"
                    + " defined content block. We typically suggest both text/plain and text/html blocks are included,"
                    + " but only one block is required.", field: "content")
        }
        let types = parts.map { $0["type"]?.string ?? "" }
        for (index, part) in parts.enumerated() {
            guard !types[index].isEmpty, let text = part["value"]?.string, !text.isEmpty else {
                throw SendGridError(
                    "The content value must be a string at least one character in length.",
                    field: "content.\(index).value")
            }
        }
        if let plain = types.firstIndex(of: "text/plain"), let html = types.firstIndex(of: "text/html"), plain > html {
            throw SendGridError(
                "If present, text/plain must be first, followed by text/html, followed by any other content.",
                field: "content")
        }
        return parts[0]["value"]?.string ?? ""
    }

    private static func categories(_ value: JSON?) throws(SendGridError) -> [String] {
        guard let value else { return [] }
        let names = value.array?.compactMap(\.string) ?? []
        guard names.count == value.array?.count, names.count <= 10, names.allSatisfy({ $0.utf8.count <= 255 }) else {
            throw SendGridError("Categories must be at most 10 strings of at most 255 characters.", field: "categories")
        }
        guard Set(names).count == names.count else {
            throw SendGridError("Categories must be unique.", field: "categories")
        }
        return names
    }

    private static func sendTime(_ value: JSON?, now: Date) throws(SendGridError) -> Int? {
        guard let value else { return nil }
        guard let seconds = value.integer else {
            throw SendGridError("The send_at parameter must be a unix timestamp.", field: "send_at")
        }
        guard Double(seconds) - now.timeIntervalSince1970 <= 259_200 else {
            throw SendGridError("The send_at parameter cannot be more than 72 hours in the future.", field: "send_at")
        }
        return seconds
    }

    private static func sandboxMode(_ settings: JSON?) throws(SendGridError) -> Bool {
        guard let mode = settings?["sandbox_mode"], let enable = mode["enable"] else { return false }
        guard let flag = enable.bool else {
            throw SendGridError(
                "The sandbox_mode enable parameter must be a boolean.", field: "mail_settings.sandbox_mode.enable")
        }
        return flag
    }
}
