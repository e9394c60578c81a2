import Delivery
import HTTPTransport
import Signing

/// Requests to SendGrid's v3 API.
struct SendGridAPI {
    var account: SendGridAccount

    /// SendGrid takes messages under 30 MB.
    private static let maximumBytes = 30_000_000

    /// One recipient to a request: those of one personalization see each other, and one answer then means one message.
    func sendMail(_ message: OutboundMessage) throws(ContentError) -> OutgoingRequest {
        var personalization: [String: JSON] = [
            "to": [["email": .string(message.to)]],
            "custom_args": [
                MailArguments.generation: .string(String(message.generation)),
                MailArguments.job: .string(String(message.jobID)),
                MailArguments.token: .string(message.token),
            ],
        ]
        if let way = message.unsubscribe {
            personalization["headers"] = JSON(
                members: Dictionary(uniqueKeysWithValues: way.headers.map { ($0.name, .string($0.value)) }))
        }
        var mail: [String: JSON] = [
            "from": Self.from(message.sender),
            // Kept for long and shown to staff: no personal data here.
            "categories": [.string(MailArguments.category), .string(message.category.rawValue)],
        ]
        switch message.content {
        case .email(let subject, let text, let html):
            guard !subject.isEmpty else { throw .noSubject }
            mail["subject"] = .string(subject)
            mail["content"] = .array(try Self.content(text: text, html: html))
        case .dynamicTemplate(let id, let subject, let dataJSON):
            guard let data = JSON(parsing: Array(dataJSON.utf8)), case .object = data else {
                throw .malformedTemplateData
            }
            mail["template_id"] = .string(id)
            if let subject { mail["subject"] = .string(subject) }
            personalization["dynamic_template_data"] = data
        case .text, .contentTemplate, .spoken:
            throw .unsuitable(message.content.kind, channel: message.channel)
        }
        mail["personalizations"] = [JSON(members: personalization)]
        return try post("/v3/mail/send", JSON(members: mail))
    }

    /// A bound for one search of the e-mail logs; SendGrid allows 1 to 1,000.
    static let logLimit = 100

    /// Searches the e-mail logs, which not every account has, for our mail to the address.
    func searchLogs(_ message: OutboundMessage) -> OutgoingRequest? {
        searchLogs(nil, to: message.to, limit: Self.logLimit)
    }

    /// A bound for what one search shows of many mails; SendGrid allows 1,000, and a reply is held in memory.
    static let logPageSize = 500

    /// Searches the e-mail logs for what became of our mails. The fields and operators are those that the API's document
    /// names, joined by `AND`; neither pages nor an order are.
    ///
    /// Nil for an address with a quotation mark: how the query language escapes one is not documented.
    func searchLogs(_ span: MailLogSpan?, to address: String?, limit: Int = logPageSize) -> OutgoingRequest? {
        var conditions = ["categories IN ('\(MailArguments.category)')"]
        if let address {
            guard !address.utf8.contains(UInt8(ascii: "'")) else { return nil }
            conditions.insert("to_email = '\(address)'", at: 0)
        }
        if let span {
            conditions.append("sg_message_id_created_at >= TIMESTAMP \"\(WireDate.iso8601(span.from))\"")
            conditions.append("sg_message_id_created_at <= TIMESTAMP \"\(WireDate.iso8601(span.to))\"")
        }
        let query = conditions.joined(separator: " AND ")
        return try? post("/v3/logs", ["limit": .integer(limit), "query": .string(query)])
    }

    func fetchLog(_ logID: String) -> OutgoingRequest {
        OutgoingRequest(
            method: .get, url: "\(account.baseURL)/v3/logs/\(logID.percentEncoded)",
            headers: [("Accept", "application/json")], credentials: account.credentials)
    }

    /// What the key may do.
    func scopes() -> OutgoingRequest {
        OutgoingRequest(
            method: .get, url: account.baseURL + "/v3/scopes", headers: [("Accept", "application/json")],
            credentials: account.credentials)
    }

    private static func from(_ sender: MessageSender) -> JSON {
        // SendGrid refuses a name with one of these, whatever mark stands behind it.
        var kept = String.UnicodeScalarView()
        kept.append(contentsOf: (sender.displayName ?? "").unicodeScalars.lazy.filter { $0 != ";" && $0 != "," })
        let name = String(kept)
        return name.isEmpty
            ? ["email": .string(sender.address)] : ["email": .string(sender.address), "name": .string(name)]
    }

    /// SendGrid wants text/plain before text/html.
    private static func content(text: String, html: String?) throws(ContentError) -> [JSON] {
        let parts = [("text/plain", text), ("text/html", html ?? "")].filter { !$0.1.isBlank }
        guard !parts.isEmpty else { throw .empty }
        return parts.map { ["type": .string($0.0), "value": .string($0.1)] }
    }

    private func post(_ path: String, _ json: JSON) throws(ContentError) -> OutgoingRequest {
        let body = json.encoded
        guard body.count < Self.maximumBytes else { throw .mailTooLarge(bytes: body.count) }
        return OutgoingRequest(
            method: .post, url: account.baseURL + path,
            headers: [("Content-Type", "application/json"), ("Accept", "application/json")], body: body,
            credentials: account.credentials)
    }
}

/// The names under which an attempt travels through SendGrid. Events bring them back at the top level of their object,
/// so a prefix keeps them apart from SendGrid's own.
enum MailArguments {
    static let job = "outrider_job"
    static let generation = "outrider_generation"
    static let token = "outrider_token"
    /// Every mail's first category.
    static let category = "outrider"
}

/// Words that SendGrid gives or brings back: message ids, and the token of an attempt.
enum SendGridID {
    /// Whether the text may be one: visible ASCII, fit for a column and a log line. SendGrid documents no form; PostgreSQL
    /// refuses a zero byte, and one event that cannot be stored must not cost its batch.
    static func isPlausible(_ text: some StringProtocol) -> Bool {
        (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}
