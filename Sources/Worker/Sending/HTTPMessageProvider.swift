public import Delivery
public import HTTPTransport
public import Providers

/// The real providers, over libcurl.
public struct HTTPMessageProvider: MessageProvider {
    private let requests: ProviderRequests
    private let transport: HTTPTransport

    public init(requests: ProviderRequests, transport: HTTPTransport) {
        self.requests = requests
        self.transport = transport
    }

    public func send(
        _ message: OutboundMessage, notAfter: ContinuousClock.Instant
    ) async throws(ContentError) -> SendReading {
        let request = try requests.send(message, notAfter: notAfter)
        return requests.readSend(await transport.perform(request), channel: message.channel)
    }

    public func receipts(of providerID: String, on channel: Channel) async -> StatusReading {
        guard let request = requests.status(of: providerID, channel: channel) else { return .facts([]) }
        return requests.readStatus(await transport.perform(request), channel: channel)
    }

    public func find(
        _ message: OutboundMessage, begunAt: Instant, notBefore: Instant?, now: Instant, excluding known: Set<String>
    ) async -> ListingReading {
        guard let request = requests.listing(for: message) else { return .notFound }
        let start = ContinuousClock.now
        let result = await transport.perform(request)
        return requests.readListing(
            result, matching: message, begunAt: begunAt, notBefore: notBefore,
            repliedAt: now.advanced(by: ContinuousClock.now - start), excluding: known)
    }

    public func end(_ providerID: String, on channel: Channel) async -> EndAnswer {
        guard channel == .voice else { return .tooLate("only a call can be ended") }
        guard let request = requests.cancelCall(providerID) else {
            return .unavailable(reason: "no_account", retryAfter: nil)
        }
        return requests.readEnd(await transport.perform(request))
    }

    public func stopSending() {
        transport.stopSending()
    }
}
