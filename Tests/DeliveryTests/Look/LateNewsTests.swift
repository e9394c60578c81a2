import Delivery
import Testing

@Suite("News that comes too late")
struct LateNewsTests {
    @Test(
        "a delivery after the next step began came late, word of a message that was repeated tells of a duplicate",
        arguments: JobEvent.Continuation.allCases, SuccessLevel.allCases)
    func table(_ next: JobEvent.Continuation, _ level: SuccessLevel) {
        for answer in [accepted, .answered(.unknown()), .answered(.notSent(reason: nil))] {
            for isBegun in [true, false] {
                let first = (begun: 0, step: 0, events: [answer, .decided(next, step: 1)])
                let job = LookCase(isBegun ? [first, (begun: 30, step: 1, events: [])] : [first])
                let late = JobHistory(job.events).lateNews(in: receipt(level), of: 1)
                switch (next, isBegun) {
                case (.escalate, true) where level >= .delivered:
                    guard case .lateDelivery(.escalate, "SM1", _) = late else {
                        Issue.record("\(level) after \(next): \(String(describing: late))")
                        continue
                    }
                case (.retry, true) where answer != accepted, (.resend, true) where answer != accepted:
                    guard case .duplicate(next, "SM1", _) = late else {
                        Issue.record("\(level) after \(next): \(String(describing: late))")
                        continue
                    }
                default: #expect(late == nil)
                }
            }
        }
    }

    @Test("a failure, and word that the provider is at it, never come too late")
    func others() {
        let job = LookCase([
            (begun: 0, step: 0, events: [.answered(.unknown()), .decided(.resend, step: 0)]),
            (begun: 30, step: 0, events: []),
        ])
        let history = JobHistory(job.events)
        let words: [JobEvent] = [
            .receipt(.init(status: "queued", .progress)), .receipt(.init(status: "failed", .failed(.unreachable))),
            accepted,
        ]
        for word in words { #expect(history.lateNews(in: word, of: 1) == nil) }
    }

    @Test("is recorded beside what it is about, by whatever look learns it")
    func recorded() {
        let job = LookCase([
            (begun: 0, step: 0, events: [accepted, .decided(.escalate, step: 1)]), (begun: 30, step: 1, events: []),
        ])
        var look = job.look(.decide, 2, step: 1, at: 60)
        look.learn(receipt(.delivered), of: look.facts.attempt(1))
        #expect(look.events.map(\.columns.status) == ["delivered", "late delivery"])
        #expect(look.events.allSatisfy { $0.generation == 1 })
    }
}
