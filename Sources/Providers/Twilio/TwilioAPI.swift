import Delivery
import HTTPTransport
import Signing

/// Requests to Twilio's 2010 API: forms in, JSON out.
struct TwilioAPI {
    var account: TwilioAccount

    /// A bound for one page of a listing; Twilio allows 1 to 1,000.
    static let pageSize = 100

    /// The longest validity period of an SMS, in seconds, and its default.
    private static let longestValidity = 36_000
    /// How long a telephone may ring, in seconds.
    private static let longestRinging = 60

    func createMessage(_ message: OutboundMessage) throws(ContentError) -> OutgoingRequest {
        var form = FormParameters()
        form.append("To", Self.address(message.to, on: message.channel))
        if message.sender.isMessagingService {
            form.append("MessagingServiceSid", message.sender.address)
        } else {
            form.append("From", Self.address(message.sender.address, on: message.channel))
        }
        try Self.append(message.content, on: message.channel, to: &form)
        if message.channel == .sms {
            // So that an SMS does not arrive after the call that replaced it, or after the deadline.
            form.append("ValidityPeriod", String(Self.seconds(message.validity, in: 1...Self.longestValidity)))
        } else if let left = message.timeLeft {
            // Twilio's queue for WhatsApp holds messages for hours.
            form.append("ValidityPeriod", String(Self.seconds(left, in: 1...Self.longestValidity)))
        }
        if let callback = CallbackURL.status(of: message) { form.append("StatusCallback", callback) }
        return post("Messages.json", form)
    }

    func createCall(_ message: OutboundMessage) throws(ContentError) -> OutgoingRequest {
        guard case .spoken(let text) = message.content else {
            throw .unsuitable(message.content.kind, channel: message.channel)
        }
        var form = FormParameters()
        form.append("To", message.to)
        form.append("From", message.sender.address)
        form.append("Twiml", try Self.twiml(saying: text, locale: message.locale))
        form.append("Timeout", String(Self.ringing(message)))
        form.append("MachineDetection", "Enable")
        if let callback = CallbackURL.voice(of: message) {
            form.append("StatusCallback", callback)
            for event in ["initiated", "ringing", "answered", "completed"] { form.append("StatusCallbackEvent", event) }
        }
        return post("Calls.json", form)
    }

    func fetch(_ sid: String, channel: Channel) -> OutgoingRequest {
        get("\(Self.collection(of: channel))/\(sid.percentEncoded).json")
    }

    func list(_ message: OutboundMessage) -> OutgoingRequest {
        var query = FormParameters()
        query.append("To", Self.address(message.to, on: message.channel))
        if !message.sender.isMessagingService {
            query.append("From", Self.address(message.sender.address, on: message.channel))
        }
        query.append("PageSize", String(Self.pageSize))
        return get("\(Self.collection(of: message.channel)).json?\(query.encoded(space: .percent))")
    }

    func fetchAccount() -> OutgoingRequest { getWhole("\(account.accountSID.percentEncoded).json") }

    func listOne() -> OutgoingRequest { get("Messages.json?PageSize=1") }

    func listInbound(_ query: InboundQuery) -> OutgoingRequest? {
        if let page = query.page { return furtherPage(page) }
        var form = FormParameters()
        if let recipient = query.recipient {
            form.append("To", Self.address(recipient.address, on: recipient.channel))
        }
        form.append("DateSent>", WireDate.iso8601(query.since))
        form.append("PageSize", String(Self.pageSize))
        return get("Messages.json?\(form.encoded(space: .percent))")
    }

    func listStatuses(page: String?) -> OutgoingRequest? {
        if let page { return furtherPage(page) }
        return get("Messages.json?PageSize=\(Self.pageSize)")
    }

    /// - Parameter collection: `Messages` or `Calls`.
    func listSent(_ collection: String, page: String?) -> OutgoingRequest? {
        if let page { return furtherPage(page, of: collection) }
        return get("\(collection).json?PageSize=\(Self.longPage)")
    }

    /// Longer than a page of a single look, and still far below the size that a reply may have.
    private static let longPage = 200

    /// Nil for a page that is not one of the account's: it is a path in the provider's own words.
    private func furtherPage(_ page: String, of collection: String = "Messages") -> OutgoingRequest? {
        let list = "/2010-04-01/Accounts/\(account.accountSID.percentEncoded)/\(collection).json?"
        guard page.hasPrefix(list), page.utf8.count <= 2_048, page.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return get("\(collection).json?\(page.dropFirst(list.count))")
    }

    func cancelCall(_ sid: String) -> OutgoingRequest {
        post("\(Self.collection(of: .voice))/\(sid.percentEncoded).json", ["Status": "canceled"])
    }

    // MARK: Fields

    /// WhatsApp addresses carry their channel in front.
    static func address(_ address: String, on channel: Channel) -> String {
        channel == .whatsapp && !address.hasPrefix("whatsapp:") ? "whatsapp:\(address)" : address
    }

    private static func append(
        _ content: MessageContent, on channel: Channel, to form: inout FormParameters
    ) throws(ContentError) {
        switch content {
        case .text(let text, let mediaURLs):
            // No text has more characters than bytes, and those are counted already.
            if text.utf8.count > SMSSegments.maximumCharacters {
                let characters = text.unicodeScalars.count
                guard characters <= SMSSegments.maximumCharacters else { throw .textTooLong(characters: characters) }
            }
            guard mediaURLs.count <= 10 else { throw .tooManyMedia(count: mediaURLs.count) }
            guard !text.isBlank || !mediaURLs.isEmpty else { throw .empty }
            if !text.isBlank { form.append("Body", text) }
            for url in mediaURLs { form.append("MediaUrl", url) }
        case .contentTemplate(let sid, let variables):
            form.append("ContentSid", sid)
            guard !variables.isEmpty else { return }
            let json = JSON(members: variables.mapValues { .string(channel == .whatsapp ? Self.variable($0) : $0) })
            form.append("ContentVariables", String(decoding: json.encoded, as: UTF8.self))
        case .spoken, .email, .dynamicTemplate:
            throw .unsuitable(content.kind, channel: channel)
        }
    }

    /// A value as WhatsApp takes it: on one line, without tabs, and with at most four spaces in a row. It refuses the message
    /// otherwise (63013), after it has accepted it; what the text says is the same.
    private static func variable(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        var spaces = 0
        for scalar in text.unicodeScalars {
            let isSpace = scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
            spaces = isSpace ? spaces + 1 : 0
            if spaces <= 4 { line.append(isSpace ? " " : scalar) }
        }
        return String(line)
    }

    /// Said twice, because people listen late; once when twice does not fit.
    private static func twiml(saying text: String, locale: String) throws(ContentError) -> String {
        guard let language = SpokenLanguage(locale: locale) else { throw .notSpeakable(.noVoice) }
        if let twice = try? TwiML(saying: text, in: language, times: 2) { return twice.document }
        do throws(TwiMLError) {
            return try TwiML(saying: text, in: language).document
        } catch {
            throw .notSpeakable(error)
        }
    }

    /// Ten seconds less than the wait, so that "no answer" is told before the wait is over; and five less than until the
    /// deadline, because the provider may add five.
    private static func ringing(_ message: OutboundMessage) -> Int {
        let left = message.timeLeft.map { $0 - .seconds(5) } ?? .seconds(longestRinging)
        return seconds(min(max(message.validity - .seconds(10), .seconds(5)), left), in: 1...longestRinging)
    }

    private static func seconds(_ duration: Duration, in range: ClosedRange<Int>) -> Int {
        Int(min(max(duration.components.seconds, Int64(range.lowerBound)), Int64(range.upperBound)))
    }

    private static func collection(of channel: Channel) -> String {
        channel == .voice ? "Calls" : "Messages"
    }

    // MARK: Requests

    private func post(_ path: String, _ form: FormParameters) -> OutgoingRequest {
        OutgoingRequest(
            method: .post, url: url(path),
            headers: [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")],
            body: Array(form.encoded().utf8), credentials: account.credentials)
    }

    private func get(_ path: String) -> OutgoingRequest {
        OutgoingRequest(
            method: .get, url: url(path), headers: [("Accept", "application/json")], credentials: account.credentials)
    }

    private func getWhole(_ path: String) -> OutgoingRequest {
        OutgoingRequest(
            method: .get, url: "\(account.baseURL)/2010-04-01/Accounts/\(path)",
            headers: [("Accept", "application/json")], credentials: account.credentials)
    }

    private func url(_ path: String) -> String {
        "\(account.baseURL)/2010-04-01/Accounts/\(account.accountSID.percentEncoded)/\(path)"
    }
}

/// The ids of Twilio's resources: two capital letters for the kind, then 32 hexadecimal digits.
enum TwilioSID {
    /// Whether the text may be an id. Looser than the documented pattern, strict enough for a path and a log line.
    static func isPlausible(_ text: String) -> Bool {
        (3...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
    }
}

/// Where Twilio reports on one attempt. The query names the attempt, so a report finds it even when the reply to the
/// send was lost; Twilio signs the query and sends it back as it is.
enum CallbackURL {
    /// Retries after every kind of failure, five times; by default Twilio retries once and only a failed connection
    /// (docs: usage/webhooks/webhooks-connection-overrides). The fragment stays at Twilio.
    private static let overrides = "#rc=5&rp=all"

    /// Nil when the message wants no callbacks.
    static func status(of message: OutboundMessage) -> String? { url("status", message) }
    static func voice(of message: OutboundMessage) -> String? { url("voice", message) }

    private static func url(_ kind: String, _ message: OutboundMessage) -> String? {
        guard let base = message.callbackBaseURL else { return nil }
        let query: FormParameters = [
            "job": String(message.jobID), "generation": String(message.generation), "token": message.token,
        ]
        return "\(base.withoutTrailingSlashes)/webhooks/twilio/\(kind)?\(query.encoded(space: .percent))\(overrides)"
    }
}
