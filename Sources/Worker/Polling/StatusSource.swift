public import Delivery
public import HTTPTransport
public import Providers

/// Where a poll's answers come from.
public protocol StatusSource: Sendable {
    func status(of providerID: String, on channel: Channel) async -> (StatusReading, Pushback?)

    /// One page of the account's messages, the newest first.
    func statuses(page: String?) async -> (StatusPage, Pushback?)
}

/// The real providers, over libcurl.
public struct HTTPStatusSource: StatusSource {
    private let requests: ProviderRequests
    private let transport: HTTPTransport

    public init(requests: ProviderRequests, transport: HTTPTransport) {
        self.requests = requests
        self.transport = transport
    }

    public func status(of providerID: String, on channel: Channel) async -> (StatusReading, Pushback?) {
        guard let request = requests.status(of: providerID, channel: channel) else { return (.facts([]), nil) }
        let result = await transport.perform(request)
        return (requests.readStatus(result, channel: channel), requests.pushback(in: result))
    }

    public func statuses(page: String?) async -> (StatusPage, Pushback?) {
        guard let request = requests.statuses(page: page) else { return (.unavailable, nil) }
        let result = await transport.perform(request)
        return (requests.readStatuses(result), requests.pushback(in: result))
    }
}
