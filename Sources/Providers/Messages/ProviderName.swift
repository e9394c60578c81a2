public import Delivery

/// Who carries a channel. Its raw value is the name in metrics.
public enum ProviderName: String, Sendable, CaseIterable, Codable {
    case twilio
    case sendgrid
}

extension Channel {
    public var provider: ProviderName {
        switch self {
        case .sms, .voice, .whatsapp: .twilio
        case .email: .sendgrid
        }
    }
}

/// The part of the table of error codes in which a code is found; its raw value is the table's `provider`.
public enum CodeTable: String, Sendable, CaseIterable, Codable {
    case twilio
    /// Call statuses, such as `busy`.
    case twilioVoice = "twilio-voice"
    case sendgrid
}
