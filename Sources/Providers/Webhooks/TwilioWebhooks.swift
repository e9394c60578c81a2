import Delivery
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
        return try callback(query, receipt)
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
        return try callback(query, receipt)
    }

    /// A message from a person.
    public static func readInbound(form: FormParameters) throws(WebhookError) -> InboundMessage {
        let sid = try identifier("MessageSid", in: form)
        let (channel, from) = try person("From", in: form)
        let to = String(try value("To", in: form).drop(prefix: whatsAppPrefix))
        guard !to.isEmpty else { throw .malformedField("To") }
        let body = form["Body"] ?? ""
        let recognised = form["OptOutType"].flatMap(OptOutKeyword.init(optOutType:))
        return InboundMessage(
            providerID: sid, channel: channel, from: from, to: to,
            keyword: recognised ?? OptOutKeyword(message: body), isAnswered: recognised != nil,
            bodyLength: body.unicodeScalars.count)
    }

    private static let whatsAppPrefix = "whatsapp:"

    private static func callback(
        _ query: FormParameters, _ receipt: Receipt
    ) throws(WebhookError) -> StatusCallback {
        StatusCallback(
            jobID: try number("job", in: query), generation: try number("generation", in: query),
            token: try value("token", in: query), receipt: receipt)
    }

    /// Short codes and other channels' users are no addresses that messages go to.
    private static func person(
        _ name: String, in form: FormParameters
    ) throws(WebhookError) -> (Channel, String) {
        let text = try value(name, in: form)
        let number = text.drop(prefix: whatsAppPrefix)
        guard let phone = try? PhoneNumber(String(number)) else { throw .malformedField(name) }
        return (number.count < text.count ? .whatsapp : .sms, phone.e164)
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
    public var receipt: Receipt

    public init(jobID: Int, generation: Int, token: String, receipt: Receipt) {
        self.jobID = jobID
        self.generation = generation
        self.token = token
        self.receipt = receipt
    }
}
