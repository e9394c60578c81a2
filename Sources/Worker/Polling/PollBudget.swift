/// How much one worker asks providers what became of messages.
public struct PollBudget: Sendable {
    /// Questions a second, 1–1,000; a page of a list is one. Twilio names no rate, only a concurrency that sends need too:
    /// at 20 a second, of a tenth of a second each, questions take two requests of it at a time.
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
