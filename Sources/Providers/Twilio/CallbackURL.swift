import Signing

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
