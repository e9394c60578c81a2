public import Delivery
public import Providers

/// A provider whose polls keep to a budget; everything else goes straight through.
public struct BudgetedProvider: MessageProvider {
    private let base: any MessageProvider
    private let desk: PollDesk
    private let mailDesk: MailDesk?

    /// - Parameters:
    ///   - statuses: what the polls of texts and calls are answered from.
    ///   - mailLog: what those of mails are answered from; nil leaves them to `base`. It has a budget of its own: one
    ///     provider that wants to be left alone does not quiet the other.
    public init(
        _ base: any MessageProvider, statuses: any StatusSource, budget: PollBudget,
        mailLog: (any MailLogSource)? = nil, mailBudget: PollBudget = .mail, clock: WorkClock = .system
    ) {
        self.base = base
        desk = PollDesk(statuses, budget: budget, clock: clock)
        mailDesk = mailLog.map { MailDesk($0, budget: mailBudget, clock: clock) }
    }

    public func send(
        _ message: OutboundMessage, notAfter: ContinuousClock.Instant
    ) async throws(ContentError) -> SendReading {
        try await base.send(message, notAfter: notAfter)
    }

    public func receipts(of providerID: String, on channel: Channel) async -> StatusReading {
        await receipts(for: PollQuestion(providerID: providerID, channel: channel))
    }

    public func receipts(for question: PollQuestion) async -> StatusReading {
        if question.channel.isPhone { return await desk.reading(of: question.providerID, on: question.channel) }
        guard let mailDesk else { return await base.receipts(for: question) }
        return await mailDesk.reading(of: question)
    }

    public func find(
        _ message: OutboundMessage, begunAt: Instant, notBefore: Instant?, now: Instant, excluding known: Set<String>
    ) async -> ListingReading {
        await base.find(message, begunAt: begunAt, notBefore: notBefore, now: now, excluding: known)
    }

    public func end(_ providerID: String, on channel: Channel) async -> EndAnswer {
        await base.end(providerID, on: channel)
    }

    public func stopSending() {
        base.stopSending()
    }
}

/// How much one worker asks providers what became of messages.
public struct PollBudget: Sendable {
    /// Questions a second, 1–1,000; a page of a list is one. Twilio names no rate, only a concurrency that sends need too.
    /// At 20 a second, of a tenth of a second each, questions take two requests of it at a time.
    public var perSecond: Int
    /// From how many messages that wait for a question on a page of the list is asked for, which answers many at once.
    public var listFrom: Int

    /// For searches of the e-mail logs. SendGrid names no rate, only that it has a limit (HTTP 429); one search answers
    /// hundreds.
    public static let mail = PollBudget(perSecond: 2)

    public init(perSecond: Int = 20, listFrom: Int = 10) {
        precondition((1...1_000).contains(perSecond) && listFrom > 0)
        self.perSecond = perSecond
        self.listFrom = listFrom
    }
}
