import HTTPTransport

/// A Twilio account, used through an API key so that the auth token stays out of the workers.
///
/// Its description shows the beginning of its id only.
public struct TwilioAccount: Sendable {
    /// `AC…`; it stands in every path.
    public var accountSID: String
    /// `SK…`, or the account's own id beside its auth token.
    public var apiKeySID: String
    public var apiKeySecret: String
    /// Such as `ie1`; nil for `us1`. A region has credentials of its own.
    public var region: String?
    /// Such as `dublin`: where requests enter Twilio's network.
    public var edge: String?
    /// Used instead of the host rule, such as `http://127.0.0.1:8080` of a simulated provider.
    public var apiBaseURL: String?
    /// The same for Lookup, which has a host of its own; nil goes where `apiBaseURL` does, or by the host rule.
    public var lookupsURL: String?

    public init(
        accountSID: String, apiKeySID: String, apiKeySecret: String, region: String? = nil, edge: String? = nil,
        apiBaseURL: String? = nil, lookupsURL: String? = nil
    ) {
        self.accountSID = accountSID
        self.apiKeySID = apiKeySID
        self.apiKeySecret = apiKeySecret
        self.region = region
        self.edge = edge
        self.apiBaseURL = apiBaseURL
        self.lookupsURL = lookupsURL
    }

    /// The base URL of the 2010 API, without a slash at its end.
    ///
    /// Twilio's host names carry both edge and region or neither: `api.<region>.twilio.com` stopped working on
    /// 2026-04-28 (docs: global-infrastructure/understanding-edge-locations). An edge alone means region `us1`, as in the
    /// official libraries; a region alone is entered through the edge beside it.
    public var baseURL: String { apiBaseURL?.withoutTrailingSlashes ?? url(of: "api") }

    /// The base URL of Lookup, by the same rule.
    public var lookupsBaseURL: String { (lookupsURL ?? apiBaseURL)?.withoutTrailingSlashes ?? url(of: "lookups") }

    private func url(of product: String) -> String {
        switch (edge, region) {
        case (nil, nil): "https://\(product).twilio.com"
        case (let edge?, let region): "https://\(product).\(edge).\(region ?? "us1").twilio.com"
        case (nil, let region?): "https://\(product).\(Self.edge(of: region)).\(region).twilio.com"
        }
    }

    var credentials: OutgoingRequest.Credentials { .basic(user: apiKeySID, password: apiKeySecret) }

    private static func edge(of region: String) -> String {
        switch region {
        case "ie1": "dublin"
        case "au1": "sydney"
        case "de1": "frankfurt"
        case "jp1": "tokyo"
        case "sg1": "singapore"
        case "br1": "sao-paulo"
        // Any edge reaches any region.
        default: "ashburn"
        }
    }
}

extension TwilioAccount: CustomStringConvertible, CustomReflectable {
    public var description: String { "Twilio account \(accountSID.prefix(4))…" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
