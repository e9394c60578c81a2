/// The providers that are configured: at least one.
struct ProviderSettings: Sendable {
    let twilio: TwilioSettings?
    let sendGrid: SendGridSettings?

    init(_ reader: inout SettingsReader) {
        let hasSendGrid = SendGridSettings.isGiven(reader)
        // With none given, Twilio's settings are asked for by name.
        twilio = TwilioSettings.isGiven(reader) || !hasSendGrid ? TwilioSettings(&reader) : nil
        sendGrid = hasSendGrid ? SendGridSettings(&reader) : nil
    }
}
