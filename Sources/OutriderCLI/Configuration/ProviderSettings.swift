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

/// A Twilio account as a worker uses it, or something that speaks its API.
struct TwilioSettings: Sendable {
    let accountSID: String
    /// A restricted key that can be revoked alone; the account's own id and token where there is none.
    let user: String
    let password: Secret
    let region: String?
    let edge: String?
    /// Replaces Twilio's own address: the sandbox, or a proxy.
    let baseURL: String?
    /// The same for Lookup alone.
    let lookupsURL: String?

    static func isGiven(_ reader: SettingsReader) -> Bool {
        ["TWILIO_ACCOUNT_SID", "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET"].contains(where: reader.isGiven)
    }

    init?(_ reader: inout SettingsReader) {
        let account = reader.required(
            "TWILIO_ACCOUNT_SID", .identifier("AC"), remedy: "Copy it from the Twilio console, Account Info.")
        let user: String?
        let password: Secret?
        if reader.isGiven("TWILIO_AUTH_TOKEN"), !reader.isGiven("TWILIO_API_KEY_SID"),
            !reader.isGiven("TWILIO_API_KEY_SECRET")
        {
            user = account
            password = reader.optional("TWILIO_AUTH_TOKEN", .token)
        } else {
            let remedy = "Make a key in the Twilio console, API keys; or give TWILIO_AUTH_TOKEN instead of a key."
            user = reader.required("TWILIO_API_KEY_SID", .identifier("SK"), remedy: remedy)
            password = reader.required("TWILIO_API_KEY_SECRET", .token, remedy: remedy)
        }
        region = reader.optional("TWILIO_REGION", .place)
        edge = reader.optional("TWILIO_EDGE", .place)
        baseURL = reader.optional("TWILIO_API_BASE_URL", .webAddress)
        lookupsURL = reader.optional("TWILIO_LOOKUPS_BASE_URL", .webAddress)
        guard let account, let user, let password else { return nil }
        (accountSID, self.user, self.password) = (account, user, password)
    }

    var account: TwilioAccount {
        TwilioAccount(
            accountSID: accountSID, apiKeySID: user, apiKeySecret: password.exposed, region: region, edge: edge,
            apiBaseURL: baseURL, lookupsURL: lookupsURL)
    }
}

/// A SendGrid account as a worker uses it, or something that speaks its API.
struct SendGridSettings: Sendable {
    let apiKey: Secret
    /// Replaces SendGrid's own address: the European region, the sandbox, or a proxy.
    let baseURL: String?

    static func isGiven(_ reader: SettingsReader) -> Bool { reader.isGiven("SENDGRID_API_KEY") }

    init?(_ reader: inout SettingsReader) {
        let key = reader.required(
            "SENDGRID_API_KEY", .sendGridKey, remedy: "Make one with Mail Send access in SendGrid's settings, API keys."
        )
        baseURL = reader.optional("SENDGRID_API_BASE_URL", .webAddress)
        guard let key else { return nil }
        apiKey = key
    }

    var account: SendGridAccount { SendGridAccount(apiKey: apiKey.exposed, apiBaseURL: baseURL) }
}
