public import HTTPTransport
public import Providers

/// Where what people wrote can be looked up when no webhook brought it.
public protocol InboundSource: Sendable {
    /// The provider's id of the account whose messages are listed; nil when there is none to list.
    var account: String? { get }

    /// One page of the list.
    func inbound(_ query: InboundQuery) async -> InboundReading
}

/// The real list, over libcurl.
public struct HTTPInboundSource: InboundSource {
    private let requests: ProviderRequests
    private let transport: HTTPTransport

    public init(requests: ProviderRequests, transport: HTTPTransport) {
        self.requests = requests
        self.transport = transport
    }

    public var account: String? { requests.twilio?.accountSID }

    public func inbound(_ query: InboundQuery) async -> InboundReading {
        guard let request = requests.inbound(query) else {
            return query.page == nil ? .unavailable(reason: "no_account", retryAfter: nil) : .lost
        }
        return requests.readInbound(await transport.perform(request), of: query)
    }
}
