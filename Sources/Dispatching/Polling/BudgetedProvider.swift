public import Delivery
public import Providers

/// A provider whose polls keep to a budget; everything else goes straight through.
public struct BudgetedProvider: MessageProvider {
    private let base: any MessageProvider
    private let desk: PollDesk

    /// - Parameter statuses: what the polls are answered from.
    public init(
        _ base: any MessageProvider, statuses: any StatusSource, budget: PollBudget, clock: WorkClock = .system
    ) {
        self.base = base
        desk = PollDesk(statuses, budget: budget, clock: clock)
    }

    public func send(
        _ message: OutboundMessage, notAfter: ContinuousClock.Instant
    ) async throws(ContentError) -> Answer {
        try await base.send(message, notAfter: notAfter)
    }

    public func receipts(of providerID: String, on channel: Channel) async -> StatusReading {
        // A mail cannot be asked about, so it costs nothing.
        guard channel.isPhone else { return await base.receipts(of: providerID, on: channel) }
        return await desk.reading(of: providerID, on: channel)
    }

    public func find(
        _ message: OutboundMessage, begunAt: Instant, notBefore: Instant?, now: Instant, excluding known: Set<String>
    ) async -> ListingReading {
        await base.find(message, begunAt: begunAt, notBefore: notBefore, now: now, excluding: known)
    }

    public func cancel(_ providerID: String, on channel: Channel) async {
        await base.cancel(providerID, on: channel)
    }

    public func stopSending() {
        base.stopSending()
    }
}
