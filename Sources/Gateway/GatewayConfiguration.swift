public import Delivery
public import HTTPServing
public import Providers

/// What the gateway listens on and whom it believes.
public struct GatewayConfiguration: Sendable {
    /// A sign-in to the operator page and the metrics, which are not for the public.
    public struct OperatorAccess: Sendable {
        public var user: String
        public var password: String

        /// Basic authentication: put TLS in front of it.
        public init(user: String, password: String) {
            self.user = user
            self.password = password
        }
    }

    /// The address to listen on.
    public var host: String
    /// The port to listen on; 0 takes any free one.
    public var port: Int
    /// The address at which providers call, such as `https://hooks.example.com`. Signatures are checked against it, never
    /// against `Host`.
    public var publicURL: String
    /// The account's primary auth token, and during a rotation the other one. Without any, every Twilio webhook is refused.
    public var twilioAuthTokens: [String]
    /// SendGrid's verification key, base64 of DER. Without it every SendGrid webhook is refused.
    public var sendGridPublicKey: String?
    /// Who may see the operator page and the metrics.
    public var operatorAccess: OperatorAccess?
    /// People with a sign-in of their own. Where there are any, they alone may act, in their names, and `operatorAccess` reads.
    public var people: [OperatorAccess]
    /// Without any sign-in: whether everybody who reaches the port may see them, or nobody.
    public var isOpenWithoutPassword: Bool
    /// What reads the links by which people leave offers by e-mail. Without a key every link is refused.
    public var links: UnsubscribeLinks
    /// How people are called on the page.
    public var names: AddressNames
    /// What it takes at most.
    public var limits: ServerLimits

    public init(
        host: String = "127.0.0.1", port: Int = 8080, publicURL: String, twilioAuthTokens: [String],
        sendGridPublicKey: String? = nil, operatorAccess: OperatorAccess? = nil, people: [OperatorAccess] = [],
        isOpenWithoutPassword: Bool = false, links: UnsubscribeLinks = UnsubscribeLinks(secrets: []),
        names: AddressNames = AddressNames(), limits: ServerLimits = ServerLimits()
    ) {
        precondition((0...65_535).contains(port), "a port is 0 to 65535")
        self.host = host
        self.port = port
        self.publicURL = publicURL
        self.twilioAuthTokens = twilioAuthTokens
        self.sendGridPublicKey = sendGridPublicKey
        self.operatorAccess = operatorAccess
        self.people = people
        self.isOpenWithoutPassword = isOpenWithoutPassword
        self.links = links
        self.names = names
        self.limits = limits
    }
}

extension GatewayConfiguration: CustomStringConvertible, CustomReflectable {
    /// Leaves the secrets out.
    public var description: String { "GatewayConfiguration(\(host):\(port))" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension GatewayConfiguration.OperatorAccess: CustomStringConvertible, CustomReflectable {
    public var description: String { "OperatorAccess" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
