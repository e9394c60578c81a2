/// A Twilio account, or something that speaks its API.
struct TwilioSettings: Sendable {
    let accountSID: String
    /// A restricted key that can be revoked alone; the account's own token is used when there is none.
    let apiKeySID: String?
    let apiKeySecret: Secret?
    /// Signs webhooks.
    let authToken: Secret
    /// The other token during a rotation: webhooks signed by either are taken.
    let secondaryAuthToken: Secret?
    let region: String?
    let edge: String?
    /// Replaces Twilio's own address: the sandbox, or a proxy.
    let baseURL: String?

    static func isGiven(_ reader: SettingsReader) -> Bool {
        ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET"].contains(
            where: reader.isGiven)
    }

    init?(_ reader: inout SettingsReader) {
        let console = "Copy it from the Twilio console, Account Info."
        let keys = "Copy it from the Twilio console, API keys."
        let account = reader.required("TWILIO_ACCOUNT_SID", .identifier("AC"), remedy: console)
        let token = reader.required("TWILIO_AUTH_TOKEN", .token, remedy: console)
        let hasKey = reader.isGiven("TWILIO_API_KEY_SID") || reader.isGiven("TWILIO_API_KEY_SECRET")
        apiKeySID = hasKey ? reader.required("TWILIO_API_KEY_SID", .identifier("SK"), remedy: keys) : nil
        apiKeySecret = hasKey ? reader.required("TWILIO_API_KEY_SECRET", .token, remedy: keys) : nil
        secondaryAuthToken = reader.optional("TWILIO_AUTH_TOKEN_SECONDARY", .token)
        let hasPlace = reader.isGiven("TWILIO_REGION") || reader.isGiven("TWILIO_EDGE")
        let both = "Region and edge go together, for example ie1 and dublin."
        region = hasPlace ? reader.required("TWILIO_REGION", .place, remedy: both) : nil
        edge = hasPlace ? reader.required("TWILIO_EDGE", .place, remedy: both) : nil
        baseURL = reader.optional("TWILIO_API_BASE_URL", .webAddress)
        guard let account, let token else { return nil }
        (accountSID, authToken) = (account, token)
    }
}
