/// Whether a webhook comes from the provider it names.
public enum WebhookVerdict: Sendable, Hashable {
    case genuine
    /// It carries no signature.
    case unsigned
    /// Its body cannot be what its content type says.
    case malformed
    /// Its signature is not that of these bytes.
    case forged

    public var isGenuine: Bool { self == .genuine }
}
