import Delivery

/// Which webhook it is.
enum WebhookSource: String, Sendable, CaseIterable {
    case status
    case voice
    case inbound
    case mail

    var path: String {
        switch self {
        case .status: "/webhooks/twilio/status"
        case .voice: "/webhooks/twilio/voice"
        case .inbound: "/webhooks/twilio/inbound"
        case .mail: "/webhooks/sendgrid/events"
        }
    }

    /// The most bytes a body may have.
    var bodyLimit: Int {
        switch self {
        case .status, .voice, .inbound: 64 * 1024
        case .mail: 1024 * 1024
        }
    }

    func accepts(_ mediaType: MediaType) -> Bool {
        switch self {
        case .status, .voice, .inbound: mediaType == .form || mediaType == .json
        case .mail: mediaType == .json
        }
    }
}

/// What a body's `Content-Type` says it is.
enum MediaType: Sendable, Hashable {
    case form
    case json
    case other

    /// Reads a header's value; what follows a semicolon does not matter.
    init(_ contentType: String?) {
        let type = contentType?.unicodeScalars.split(separator: ";").first?.filter { !$0.properties.isWhitespace }
        switch type.map({ String(String.UnicodeScalarView($0)).asciiLowercased }) {
        case "application/x-www-form-urlencoded": self = .form
        case "application/json": self = .json
        default: self = .other
        }
    }
}
