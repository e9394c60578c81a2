import Delivery
public import Signing

/// How a simulated Twilio and SendGrid is reached, what credentials it demands, and where it reports.
public struct SandboxConfiguration: Sendable {
    /// The address to listen on. Credentials and message bodies cross it in clear text: keep it on loopback.
    public var host: String
    /// The port to listen on; 0 takes a free one (see `SandboxServer.init`'s `onReady`).
    public var port: Int
    /// `AC` and 32 hexadecimal digits.
    public var accountSid: String
    /// The secret of Basic authentication, and the key that signs webhooks.
    public var authToken: String
    /// `SK` and 32 hexadecimal digits: an API key that may be used in place of the account's own credentials.
    public var apiKeySid: String
    public var apiKeySecret: String
    /// The Bearer token of SendGrid's API.
    public var sendGridAPIKey: String
    /// Signs event batches; a fresh key is made when it is `nil`.
    public var sendGridSigningKey: ECDSAPrivateKey?
    /// Where inbound messages are posted, `nil` for nowhere. A fragment sets connection overrides (`#rc=5&rp=all`).
    public var inboundURL: String?
    /// Where event batches are posted, `nil` for nowhere.
    public var sendGridEventsURL: String?
    /// Decides every draw: timings, verification codes, which request a fault of some probability strikes. Identifiers
    /// are always fresh.
    public var seed: UInt64
    /// All durations of the simulated life are divided by this; must be above 0.
    public var timeScale: Double
    /// A file to which each accepted request is appended as one line of JSON, synced before the reply is sent.
    public var ledgerPath: String?

    public init(
        host: String = "127.0.0.1",
        port: Int = 0,
        accountSid: String = "AC" + String(repeating: "0", count: 31) + "1",
        authToken: String = "sandbox-auth-token",
        apiKeySid: String = "SK" + String(repeating: "0", count: 31) + "1",
        apiKeySecret: String = "sandbox-api-key-secret",
        sendGridAPIKey: String = "SG.sandbox.key",
        sendGridSigningKey: ECDSAPrivateKey? = nil,
        inboundURL: String? = nil,
        sendGridEventsURL: String? = nil,
        seed: UInt64 = 1,
        timeScale: Double = 1,
        ledgerPath: String? = nil
    ) {
        self.host = host
        self.port = port
        self.accountSid = accountSid
        self.authToken = authToken
        self.apiKeySid = apiKeySid
        self.apiKeySecret = apiKeySecret
        self.sendGridAPIKey = sendGridAPIKey
        self.sendGridSigningKey = sendGridSigningKey
        self.inboundURL = inboundURL
        self.sendGridEventsURL = sendGridEventsURL
        self.seed = seed
        self.timeScale = timeScale
        self.ledgerPath = ledgerPath
    }
}
