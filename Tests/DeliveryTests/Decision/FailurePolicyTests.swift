import Delivery
import Testing

/// What a ladder's author may say of a failure, and what then follows.
@Suite("What a step says of failures")
struct FailurePolicyTests {
    private static func failed(
        _ failure: FailureClass, _ policies: [FailureClass: FailurePolicy], category: Delivery.Category = .transactional
    ) -> Situation {
        var situation = Situation.first(.failed(failure), category: category)
        situation.ladder.steps[0].onFailure = policies
        return situation
    }

    @Test("of each class a step decides as it says, where the class allows it; else what follows by itself does")
    func everyClass() {
        for failure in FailureClass.allCases {
            for policy in FailurePolicy.allCases {
                let verdict = Verdict(Self.failed(failure, [failure: policy]).action())
                guard failure.policies.contains(policy) else {
                    #expect(verdict == Verdict(Self.failed(failure, [:]).action()), "\(failure) \(policy)")
                    continue
                }
                switch policy {
                case .retry, .wait: #expect(verdict == .retry, "\(failure) \(policy)")
                case .next: #expect(verdict == .escalate(1), "\(failure) \(policy)")
                case .end: #expect(verdict == .finish(.exhausted), "\(failure) \(policy)")
                }
            }
        }
    }

    @Test("what a step says of one class changes no other")
    func otherClasses() {
        for failure in FailureClass.allCases where failure != .noAnswer {
            let verdict = Verdict(Self.failed(failure, [.noAnswer: .end]).action())
            #expect(verdict == Verdict(Self.failed(failure, [:]).action()), "\(failure)")
        }
    }

    @Test("no step may decide where contact is forbidden, where the fault is ours, or to climb in the person's rest")
    func whatIsNotForALadder() {
        for failure in [FailureClass.optedOut, .channelOptedOut, .fraudBlock, .configuration, .credentials, .unknown] {
            #expect(failure.policies.isEmpty, "\(failure)")
        }
        #expect(FailureClass.quietHours.policies.isDisjoint(with: [.next, .retry]))
    }

    @Test("a repeat has the step's attempts and no more; then the ladder goes on")
    func attempts() {
        var situation = Self.failed(.unreachable, [.unreachable: .retry])
        situation.attempts = (1...3).map {
            Situation.attempt($0, step: 0, .failed(.unreachable), begunAt: Double($0), isContinued: $0 < 3)
        }
        situation.now = Situation.time(4)
        #expect(Verdict(situation.action()) == .escalate(1))
        situation.attempts.removeLast()
        situation.attempts[1].isContinued = false
        #expect(Verdict(situation.action()) == .retry)
    }

    @Test("what is urgent stays at a step that says wait, also when its wait is over")
    func urgent() {
        var situation = Self.failed(.rateLimited, [.rateLimited: .wait], category: .otp)
        situation.now = Situation.time(3_600)
        #expect(Verdict(situation.action(.receipt)) == .retry)
        situation.ladder.steps[0].onFailure = [:]
        #expect(Verdict(situation.action(.receipt)) == .escalate(1))
    }

    @Test("a call that reached a machine where a person was wanted is tried again where its step says so")
    func voicemail() {
        var situation = Situation.single(.voice, .arrived(.voicemail))
        situation.now = Situation.time(30)
        let plain = Verdict(situation.action(.receipt))
        situation.ladder.steps[0].onFailure = [.noAnswer: .retry]
        #expect(Verdict(situation.action(.receipt)) == .retry)
        #expect(plain != .retry)
    }
}
