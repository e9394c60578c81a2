import Delivery
import Testing

/// A person's word moves a held job, however long it was held: a job is held at most once per attempt.
@Suite("Release of held jobs")
struct ReleaseDecisionTests {
    private func released(_ phase: AttemptPhase, sent: Bool, after seconds: Double) -> Situation {
        var situation = Situation.single(.sms, phase, category: .transactional)
        situation.attempts[0].learn(.ruled(sent: sent), at: Situation.time(seconds))
        situation.now = Situation.time(seconds)
        return situation
    }

    @Test("released as not sent: the step is tried again at once", arguments: [20, 86_400, 1_000_000] as [Double])
    func notSent(seconds: Double) {
        for phase in [.unanswered, .failed(.configuration)] as [AttemptPhase] {
            let situation = released(phase, sent: false, after: seconds)
            guard case .retry(let at, _, false) = situation.action() else {
                Issue.record("\(phase) is not tried again: \(situation.action())")
                continue
            }
            #expect(at == situation.now)
        }
    }

    @Test("the attempt after a release has a budget of its own")
    func freshBudget() {
        for phase in [.unanswered, .failed(.configuration)] as [AttemptPhase] {
            var situation = released(phase, sent: false, after: 90_000)
            situation.attempts[0].isContinued = true
            for next in [.notSent, .failed(.transient), .failed(.configuration)] as [AttemptPhase] {
                situation.attempts = [
                    situation.attempts[0], Situation.attempt(2, step: 0, next, begunAt: 90_001),
                ]
                situation.now = Situation.time(90_002)
                #expect(Verdict(situation.action()) == .retry)
            }
            situation.now = Situation.time(90_001 + 86_400)
            #expect(Verdict(situation.action()) == .hold)
        }
    }

    @Test("released as sent: a receipt is waited for, and nothing is sent again")
    func sent() {
        for phase in [.unanswered, .failed(.configuration)] as [AttemptPhase] {
            let situation = released(phase, sent: true, after: 90_000)
            #expect(situation.action(.decide) == .wait(until: Situation.time(93_600), for: .receipt))
            #expect(Verdict(situation.action(.receipt)) == .finish(.unconfirmed))
        }
    }

    @Test("two people who rule against each other send nothing twice")
    func contradiction() {
        for phase in [.unanswered, .failed(.configuration)] as [AttemptPhase] {
            var situation = released(phase, sent: true, after: 90_000)
            situation.attempts[0].learn(.ruled(sent: false), at: situation.now)
            #expect(Verdict(situation.action()) == .wait(.receipt))
        }
    }

    @Test("a receipt outranks the person: what failed after all is retried by the provider's word")
    func outranked() {
        var situation = released(.unanswered, sent: true, after: 100)
        situation.attempts[0].learn(.failed(.transient), at: Situation.time(101))
        #expect(Verdict(situation.action()) == .retry)
        situation.attempts[0].learn(.reached(.delivered), at: Situation.time(102))
        #expect(Verdict(situation.action()) == .finish(.delivered))
    }
}
