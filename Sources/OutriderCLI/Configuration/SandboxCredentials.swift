import Sandbox

/// What the sandbox demands of its callers: the environment's own credentials where there are some, so that one
/// environment serves the sandbox and everything that calls it.
struct SandboxCredentials: Sendable {
    private(set) var configuration = SandboxConfiguration()

    init(_ reader: inout SettingsReader) {
        if let account = reader.optional("TWILIO_ACCOUNT_SID", .identifier("AC")) { configuration.accountSid = account }
        if let token = reader.optional("TWILIO_AUTH_TOKEN", .token) { configuration.authToken = token.exposed }
        if let key = reader.optional("TWILIO_API_KEY_SID", .identifier("SK")) { configuration.apiKeySid = key }
        if let secret = reader.optional("TWILIO_API_KEY_SECRET", .token) { configuration.apiKeySecret = secret.exposed }
        if let key = reader.optional("SENDGRID_API_KEY", .sendGridKey) { configuration.sendGridAPIKey = key.exposed }
    }

    /// The settings with which a worker and a gateway use this sandbox.
    static func environment(
        _ configuration: SandboxConfiguration, port: Int, sendGridPublicKey: String
    ) -> [(name: String, value: String)] {
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        return [
            ("TWILIO_API_BASE_URL", "http://\(host):\(port)"), ("TWILIO_ACCOUNT_SID", configuration.accountSid),
            ("TWILIO_AUTH_TOKEN", configuration.authToken), ("TWILIO_API_KEY_SID", configuration.apiKeySid),
            ("TWILIO_API_KEY_SECRET", configuration.apiKeySecret), ("SENDGRID_API_BASE_URL", "http://\(host):\(port)"),
            ("SENDGRID_API_KEY", configuration.sendGridAPIKey), ("SENDGRID_WEBHOOK_PUBLIC_KEY", sendGridPublicKey),
        ]
    }
}
