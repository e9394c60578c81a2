import Signing

/// What proves that a webhook comes from a provider: for at least one of them.
struct WebhookSettings: Sendable {
    /// The account's token, and during a rotation the other one. Empty: every Twilio webhook is refused.
    let twilioTokens: [Secret]
    /// Without it every SendGrid webhook is refused.
    let sendGridPublicKey: String?

    init(_ reader: inout SettingsReader) {
        let hasSendGrid = reader.isGiven("SENDGRID_WEBHOOK_PUBLIC_KEY")
        let isTwilioWanted = reader.isGiven("TWILIO_AUTH_TOKEN") || TwilioSettings.isGiven(reader) || !hasSendGrid
        let token =
            isTwilioWanted
            ? reader.required("TWILIO_AUTH_TOKEN", .token, remedy: "Copy it from the Twilio console, Account Info.")
            : nil
        let secondary = reader.optional("TWILIO_AUTH_TOKEN_SECONDARY", .token)
        twilioTokens = [token, secondary].compactMap(\.self)
        sendGridPublicKey = reader.optional(
            "SENDGRID_WEBHOOK_PUBLIC_KEY", .publicKey,
            remedy: "Copy it from SendGrid's settings, Mail settings, Event Webhook, Signature verification.")
    }
}
