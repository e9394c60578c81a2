import Delivery
import Providers

/// The accounts a worker sends through: at least one.
struct ProviderSettings: Sendable {
    let twilio: TwilioSettings?
    let sendGrid: SendGridSettings?

    init(_ reader: inout SettingsReader) {
        let hasSendGrid = SendGridSettings.isGiven(reader)
        // With neither given, Twilio's settings are asked for by name.
        twilio = TwilioSettings.isGiven(reader) || !hasSendGrid ? TwilioSettings(&reader) : nil
        sendGrid = hasSendGrid ? SendGridSettings(&reader) : nil
    }

    /// The channels whose provider there is an account for.
    var channels: Set<Channel> {
        Set(
            Channel.allCases.filter { channel in
                switch channel.provider {
                case .twilio: twilio != nil
                case .sendgrid: sendGrid != nil
                }
            })
    }

    var requests: ProviderRequests { ProviderRequests(twilio: twilio?.account, sendGrid: sendGrid?.account) }
}
