import Signing

/// A SendGrid account, or something that speaks its API.
struct SendGridSettings: Sendable {
    let apiKey: Secret
    /// Verifies event webhooks; without it the gateway refuses them all.
    let webhookPublicKey: ECDSAPublicKey?
    /// Replaces SendGrid's own address: the EU region, the sandbox, or a proxy.
    let baseURL: String?

    static func isGiven(_ reader: SettingsReader) -> Bool {
        ["SENDGRID_API_KEY", "SENDGRID_WEBHOOK_PUBLIC_KEY"].contains(where: reader.isGiven)
    }

    init?(_ reader: inout SettingsReader) {
        let key = reader.required(
            "SENDGRID_API_KEY", .sendGridKey, remedy: "Make one with Mail Send access in SendGrid's settings, API keys."
        )
        webhookPublicKey = reader.optional(
            "SENDGRID_WEBHOOK_PUBLIC_KEY", .publicKey,
            remedy: "Copy it from SendGrid's settings, Mail settings, Event Webhook, Signature verification.")
        baseURL = reader.optional("SENDGRID_API_BASE_URL", .webAddress)
        guard let key else { return nil }
        apiKey = key
    }
}
