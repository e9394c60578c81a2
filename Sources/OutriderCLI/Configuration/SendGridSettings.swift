import Providers

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
