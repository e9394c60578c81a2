public import HTTPTransport

extension ProviderRequests {
    /// Asks for what people wrote to us; nil without a Twilio account, and for a page that no list of its names.
    public func inbound(_ query: InboundQuery) -> OutgoingRequest? {
        twilio.flatMap { TwilioAPI(account: $0).listInbound(query) }
    }

    /// Reads the reply to `inbound(_:)`.
    public func readInbound(_ result: HTTPResult, of query: InboundQuery) -> InboundReading {
        TwilioInbound.read(result, isContinued: query.page != nil)
    }
}
