public import Delivery

/// Who carries a channel.
public enum Provider: String, Sendable, CaseIterable, Codable {
    case twilio
    case sendgrid
}

extension Channel {
    public var provider: Provider {
        switch self {
        case .sms, .voice, .whatsapp: .twilio
        case .email: .sendgrid
        }
    }
}
