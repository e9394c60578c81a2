/// Draws the life of a mail from its fate. Times are in unscaled seconds.
enum MailPlan {
    static func steps(fate: EmailFate, suppressedBy reason: String?, using generator: inout SeededGenerator) -> [Step] {
        func step(_ range: ClosedRange<Double>, _ event: MailNews) -> Step {
            Step(delay: .random(in: range, using: &generator), change: .mail(event))
        }
        if let reason { return [step(0.2...0.6, .dropped(reason: reason))] }
        let processed = step(0.2...0.6, .processed)
        func delivered() -> [Step] { [processed, step(0.5...2, .delivered)] }
        switch fate {
        case .dropped: return [step(0.2...0.6, .dropped(reason: "Invalid"))]
        case .silent: return [processed]
        case .bounce: return [processed, step(0.5...2, .bounce)]
        case .blocked: return [processed, step(0.5...2, .blocked)]
        case .deferred:
            return [
                processed, step(0.5...1, .deferred(attempt: 1)), step(2...4, .deferred(attempt: 2)),
                step(2...4, .delivered),
            ]
        case .open: return delivered() + [step(2...6, .open)]
        case .click: return delivered() + [step(2...6, .open), step(1...3, .click)]
        case .spam: return delivered() + [step(2...6, .spamReport)]
        case .unsubscribe: return delivered() + [step(2...6, .unsubscribe)]
        case .delivered, .throttled, .slow, .outcomeUnknown: return delivered()
        }
    }
}
