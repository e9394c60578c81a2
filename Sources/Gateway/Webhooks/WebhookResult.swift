import Hummingbird
import Inbox
import Providers

/// What became of a webhook.
enum WebhookResult: Sendable {
    /// Committed, or known before, or about nothing of ours: nothing to send again.
    /// - Parameter reply: what the person is told.
    case stored(reply: String?)
    case wrongType
    case tooLarge
    /// The body broke off.
    case cutOff
    /// Not proven to come from the provider.
    case refused(WebhookVerdict)
    /// Genuine, but not in a form we know.
    case unreadable(WebhookError)
    /// Not stored: the provider must send it again.
    case unavailable(ReceiptStoreError)

    var status: HTTPResponse.Status {
        switch self {
        case .stored: .noContent
        case .wrongType: .unsupportedMediaType
        case .tooLarge: .contentTooLarge
        case .cutOff, .unreadable: .badRequest
        case .refused: .forbidden
        case .unavailable: .serviceUnavailable
        }
    }

    /// All that `word` says.
    static let words = [
        "stored", "wrong_type", "too_large", "cut_off", "unsigned", "malformed", "forged", "stale", "unreadable",
        "unavailable",
    ]

    /// For the metric.
    var word: String {
        switch self {
        case .stored: "stored"
        case .wrongType: "wrong_type"
        case .tooLarge: "too_large"
        case .cutOff: "cut_off"
        case .refused(.unsigned): "unsigned"
        case .refused(.malformed): "malformed"
        case .refused(.stale): "stale"
        case .refused(.forged), .refused(.genuine): "forged"
        case .unreadable: "unreadable"
        case .unavailable: "unavailable"
        }
    }
}
