public import Delivery
public import Signing

/// Reads Twilio's webhooks, once their signature is verified. Unknown parameters are passed over: Twilio adds some
/// without notice.
public enum TwilioWebhooks {
    /// A report on a message.
    /// - Parameters:
    ///   - form: the decoded body.
    ///   - query: the decoded query of the callback URL, as `ProviderRequests` made it.
    public static func readStatus(
        form: FormParameters, query: FormParameters
    ) throws(WebhookError) -> StatusCallback {
        let sid = try identifier("MessageSid", in: form)
        let status = try value("MessageStatus", in: form)
        let receipt = TwilioReceipts.message(status: status, errorCode: form["ErrorCode"], sid: sid)
        let isWhatsApp = (form["To"] ?? "").hasPrefix(whatsAppPrefix)
        return try callback(query, receipt, on: isWhatsApp ? .whatsapp : .sms)
    }

    /// A report on a call.
    public static func readVoice(
        form: FormParameters, query: FormParameters
    ) throws(WebhookError) -> StatusCallback {
        let sid = try identifier("CallSid", in: form)
        let status = try value("CallStatus", in: form)
        let receipt = TwilioReceipts.call(
            status: status, answeredBy: form["AnsweredBy"], errorCode: form["ErrorCode"],
            seconds: form["CallDuration"].flatMap { Int($0) }, isAsked: false, sid: sid)
        return try callback(query, receipt, on: .voice)
    }

    /// A message from a person, by whatever kind of address: a number, a WhatsApp or RCS user, a short code, a name.
    public static func readInbound(form: FormParameters) throws(WebhookError) -> InboundMessage {
        let sid = try identifier("MessageSid", in: form)
        let (channel, from) = try party("From", in: form)
        let (_, to) = try party("To", in: form)
        let body = form["Body"] ?? ""
        let recognised = form["OptOutType"].flatMap(OptOutKeyword.init(optOutType:))
        // Of a button's press: what its template has for it, and what the person saw on it.
        let texts = [form["ButtonPayload"], form["ButtonText"], body].compactMap(\.self)
        let keyword = recognised ?? texts.lazy.compactMap(OptOutKeyword.init(message:)).first
        return InboundMessage(
            providerID: sid, channel: channel, from: from, to: to, keyword: keyword,
            wish: keyword == nil ? OptOutWish(message: body) : nil,
            isAnswered: recognised != nil || keyword != nil && isAnsweredByTwilio(body, channel: channel, to: to),
            bodyLength: body.unicodeScalars.count)
    }

    /// Whether Twilio answers the word and keeps the opt-out by itself: its default words, alone in a text to a number. It does
    /// neither on WhatsApp and on short codes. Source: https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out.
    private static func isAnsweredByTwilio(_ body: String, channel: Channel, to: String) -> Bool {
        guard channel == .sms, to.hasPrefix("+") else { return false }
        let word = body.split(whereSeparator: \.isWhitespace)
        return word.count == 1 && defaultWords.contains(word[0].uppercased())
    }

    private static let defaultWords: Set<String> = [
        "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "START", "YES", "UNSTOP", "HELP",
        "INFO",
    ]

    private static let whatsAppPrefix = "whatsapp:"
    /// RCS shares the opt-outs of text messages.
    private static let rcsPrefix = "rcs:"

    private static func callback(
        _ query: FormParameters, _ receipt: Receipt, on channel: Channel
    ) throws(WebhookError) -> StatusCallback {
        StatusCallback(
            jobID: try number("job", in: query), generation: try number("generation", in: query),
            token: try value("token", in: query), channel: channel, receipt: receipt)
    }

    /// Who wrote, or whom to. A number is given in E.164; what is none is given as the provider writes it.
    private static func party(
        _ name: String, in form: FormParameters
    ) throws(WebhookError) -> (Channel, String) {
        let text = try value(name, in: form)
        let isWhatsApp = text.hasPrefix(whatsAppPrefix)
        let address = String(text.drop(prefix: isWhatsApp ? whatsAppPrefix : rcsPrefix))
        guard !address.isEmpty else { throw .malformedField(name) }
        return (isWhatsApp ? .whatsapp : .sms, (try? PhoneNumber(address))?.e164 ?? address)
    }

    private static func value(_ name: String, in form: FormParameters) throws(WebhookError) -> String {
        guard let value = form[name], !value.isEmpty else { throw .missingField(name) }
        // PostgreSQL cannot hold a zero byte, and no field of Twilio's has one.
        guard value.utf8.count <= 256, !value.utf8.contains(0) else { throw .malformedField(name) }
        return value
    }

    private static func identifier(_ name: String, in form: FormParameters) throws(WebhookError) -> String {
        let value = try value(name, in: form)
        guard TwilioSID.isPlausible(value) else { throw .malformedField(name) }
        return value
    }

    private static func number(_ name: String, in query: FormParameters) throws(WebhookError) -> Int {
        let text = try value(name, in: query)
        guard let number = Int(text), number > 0 else { throw .malformedField(name) }
        return number
    }
}

extension String {
    fileprivate func drop(prefix: String) -> Substring {
        hasPrefix(prefix) ? dropFirst(prefix.count) : self[...]
    }
}

/// What Twilio reports on one attempt of ours.
public struct StatusCallback: Sendable, Hashable {
    public var jobID: Int
    public var generation: Int
    /// To be compared with the attempt's own, in constant time.
    public var token: String
    public var channel: Channel
    public var receipt: Receipt

    public init(jobID: Int, generation: Int, token: String, channel: Channel, receipt: Receipt) {
        self.jobID = jobID
        self.generation = generation
        self.token = token
        self.channel = channel
        self.receipt = receipt
    }
}
