import HTTPTransport

/// A SendGrid account or subuser. Its description shows nothing of the key.
public struct SendGridAccount: Sendable {
    public var apiKey: String
    /// `eu` for a subuser in the European region; nil for the global one.
    public var region: String?
    /// Used instead of SendGrid's own host, such as that of a simulated provider.
    public var apiBaseURL: String?

    public init(apiKey: String, region: String? = nil, apiBaseURL: String? = nil) {
        self.apiKey = apiKey
        self.region = region
        self.apiBaseURL = apiBaseURL
    }

    /// The base URL of the v3 API, without a slash at its end.
    public var baseURL: String {
        if let apiBaseURL { return apiBaseURL.withoutTrailingSlashes }
        guard let region, region != "global" else { return "https://api.sendgrid.com" }
        return "https://api.\(region).sendgrid.com"
    }

    var credentials: OutgoingRequest.Credentials { .bearer(apiKey) }
}

extension SendGridAccount: CustomStringConvertible, CustomReflectable {
    public var description: String { "SendGrid account" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
