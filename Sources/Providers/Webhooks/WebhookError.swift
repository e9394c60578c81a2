/// Why a webhook cannot be read. It names fields, never values.
public enum WebhookError: Error, Sendable, Hashable {
    case missingField(String)
    case malformedField(String)
    /// The body is not a JSON array of objects.
    case malformedBody
    /// More events in one batch than are taken.
    case tooManyEvents(limit: Int)
}

extension WebhookError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missingField(let name): "the field \(name) is missing"
        case .malformedField(let name): "the field \(name) is malformed"
        case .malformedBody: "the body is not a JSON array of objects"
        case .tooManyEvents(let limit): "the batch has more than \(limit) events"
        }
    }
}

/// Whether a webhook comes from the provider it names.
public enum WebhookVerdict: Sendable, Hashable {
    case genuine
    /// It carries no signature.
    case unsigned
    /// Its body cannot be what its content type says.
    case malformed
    /// Its signature is not that of these bytes.
    case forged
    /// It was signed so long ago that the provider no longer sends it.
    case stale

    public var isGenuine: Bool { self == .genuine }
}
