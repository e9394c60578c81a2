public import Delivery
public import HTTPTransport
public import Providers

/// Where it can be looked up what a number is.
public protocol NumberSource: Sendable {
    /// Asks once, and waits no longer than this.
    func lookUp(_ number: String, _ packages: Set<LookupPackage>, within time: Duration) async -> LookupReading
}

/// The real one, over libcurl.
public struct HTTPNumberSource: NumberSource {
    private let requests: ProviderRequests
    private let transport: HTTPTransport

    public init(requests: ProviderRequests, transport: HTTPTransport) {
        self.requests = requests
        self.transport = transport
    }

    public func lookUp(
        _ number: String, _ packages: Set<LookupPackage>, within time: Duration
    ) async -> LookupReading {
        guard let request = requests.lookup(number, packages, within: time) else {
            return .unavailable(code: "no_account", isRateLimited: false, retryAfter: nil)
        }
        return requests.readLookup(await transport.perform(request), packages)
    }
}
