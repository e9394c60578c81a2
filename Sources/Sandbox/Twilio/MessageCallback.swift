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
                parameters.append(("RawDlrDoneDate", WireDate.carrier(message.updated)))
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
