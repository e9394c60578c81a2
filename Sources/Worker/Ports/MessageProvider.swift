public import Delivery
public import Providers

/// What the worker needs of the providers. The real one goes through libcurl; a simulation has its own.
public protocol MessageProvider: Sendable {
    /// Makes one provider call, at most once on the wire, and not after `notAfter`.
    func send(_ message: OutboundMessage, notAfter: ContinuousClock.Instant) async throws(ContentError) -> SendReading

    /// Asks what became of a message. An empty list: nothing new is known.
    func receipts(of providerID: String, on channel: Channel) async -> StatusReading

    /// The same, with what helps to find it.
    func receipts(for question: PollQuestion) async -> StatusReading

    /// Looks for a message that may or may not have been taken. What is older than `notBefore` is another attempt's.
    ///
    /// - Parameter now: by the clock of `begunAt`; a few seconds too late do no harm, the span that is looked at is earlier by them.
    func find(
        _ message: OutboundMessage, begunAt: Instant, notBefore: Instant?, now: Instant, excluding known: Set<String>
    ) async -> ListingReading

    /// Ends a call that waits to ring, or rings. To ask twice does no harm.
    func end(_ providerID: String, on channel: Channel) async -> EndAnswer

    /// From now on nothing new leaves.
    func stopSending()
}

extension MessageProvider {
    public func receipts(for question: PollQuestion) async -> StatusReading {
        await receipts(of: question.providerID, on: question.channel)
    }
}
