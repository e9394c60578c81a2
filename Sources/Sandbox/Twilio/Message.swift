import Delivery
import Foundation

/// The statuses a message goes through. `queued → sending → sent → delivered → read`, or out of that line by
/// `undelivered`, `failed` or `canceled`; a service's message starts `accepted`, a scheduled one `scheduled`.
enum MessageStatus: String, Sendable {
    case accepted, scheduled, canceled, queued, sending, sent, failed, delivered, undelivered, receiving, received, read

    /// Whether the message may be deleted: it is not on its way any more.
    var isSettled: Bool {
        switch self {
        case .canceled, .sent, .failed, .delivered, .undelivered, .received, .read: true
        case .accepted, .scheduled, .queued, .sending, .receiving: false
        }
    }
}

/// A message as the 2010 API shows it.
struct Message: Sendable {
    var sid: String
    var accountSid: String
    var to: String
    var from: String?
    var serviceSid: String?
    var body: String
    var mediaCount: Int
    var segments: Int
    var status: MessageStatus
    var errorCode: Int? = nil
    var direction = "outbound-api"
    var created: Date
    var updated: Date
    var sent: Date? = nil
    var statusCallback: String? = nil

    var uri: String { "/2010-04-01/Accounts/\(accountSid)/Messages/\(sid)" }

    var json: JSON {
        let isBilled = sent != nil && direction != "inbound"
        return [
            "account_sid": .string(accountSid),
            "api_version": "2010-04-01",
            "body": .string(body),
            "date_created": .string(DateForm.rfc2822(created)),
            "date_sent": .optional(sent.map(DateForm.rfc2822)),
            "date_updated": .string(DateForm.rfc2822(updated)),
            "direction": .string(direction),
            "error_code": .optional(errorCode),
            "error_message": .optional(errorCode.map(Message.text(of:))),
            "from": .optional(from),
            "messaging_service_sid": .optional(serviceSid),
            "num_media": .string(String(mediaCount)),
            // A service knows the segments only once it has chosen a sender.
            "num_segments": .string(String(serviceSid != nil && from == nil ? 0 : segments)),
            "price": isBilled ? "-0.00750" : .null,
            "price_unit": "USD",
            "sid": .string(sid),
            "status": .string(status.rawValue),
            "subresource_uris": ["media": .string(uri + "/Media.json")],
            "to": .string(to),
            "uri": .string(uri + ".json"),
        ]
    }

    /// The dictionary's text for the codes this sandbox puts on messages.
    private static func text(of code: Int) -> String {
        switch code {
        case 30003: "Unreachable destination handset"
        case 30006: "Landline or unreachable carrier"
        case 30007: "Message filtered"
        case 30036: "Validity Period Expired"
        case 63016: "Failed to send freeform message because you are outside the allowed window"
        case 63018: "Rate limit exceeded for Channel"
        case 63024: "Invalid message recipient"
        case 63033: "Recipient opted out to receive message"
        default: "Unknown error"
        }
    }
}

/// The fields of a message's status callback.
/// Source: https://www.twilio.com/docs/messaging/guides/track-outbound-message-status.
enum MessageCallback {
    static func parameters(_ message: Message) -> [(name: String, value: String)] {
        var parameters: [(name: String, value: String)] = [
            ("AccountSid", message.accountSid), ("ApiVersion", "2010-04-01"), ("From", message.from ?? ""),
            ("MessageSid", message.sid), ("MessageStatus", message.status.rawValue), ("SmsSid", message.sid),
            ("SmsStatus", message.status.rawValue), ("To", message.to),
        ]
        if let service = message.serviceSid { parameters.append(("MessagingServiceSid", service)) }
        if let code = message.errorCode { parameters.append(("ErrorCode", String(code))) }
        guard message.to.hasPrefix("whatsapp:") else {
            if message.status == .delivered || message.status == .undelivered {
                parameters.append(("RawDlrDoneDate", DateForm.carrier(message.updated)))
            }
            return parameters
        }
        parameters.append(("ChannelPrefix", "whatsapp"))
        parameters.append(("ChannelInstallSid", "XE" + message.accountSid.dropFirst(2)))
        if message.errorCode != nil {
            parameters.append(("ChannelStatusMessage", "The message could not be delivered"))
        }
        if message.status == .read { parameters.append(("EventType", "READ")) }
        return parameters
    }
}
