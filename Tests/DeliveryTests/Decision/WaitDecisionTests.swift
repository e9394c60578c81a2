import Delivery
import Testing

/// What follows when a provider asks for patience, or cannot take the message from this sender.
@Suite("Refusals that say wait")
struct WaitDecisionTests {
    private static let urgent: Set<Delivery.Category> = [.otp, .alert]

    /// A text that was refused with a wait, a second ago.
    private static func refused(
        _ failure: FailureClass, _ category: Delivery.Category, wait: Duration?, now: Double = 1
    ) -> Situation {
        var situation = Situation.first(.failed(failure), category: category)
        situation.attempts[0].retryAfter = wait
        situation.now = Situation.time(now)
        return situation
    }

    @Test("a wait longer than the step keeps the job where it is", arguments: Delivery.Category.allCases)
    func longWait(_ category: Delivery.Category) {
        for failure in [FailureClass.rateLimited, .quietHours] {
            let action = Self.refused(failure, category, wait: .seconds(900)).action()
            if failure == .rateLimited, Self.urgent.contains(category) {
                // Looked at again when the step's wait is over.
                #expect(action == .wait(until: Situation.time(60), for: .receipt))
            } else if case .retry(let at, _, false) = action {
                #expect(at >= Situation.time(901))
            } else {
                Issue.record("\(failure) of \(category): \(action)")
            }
        }
    }

    @Test("once the step's wait is over, only what is urgent climbs", arguments: Delivery.Category.allCases)
    func climbing(_ category: Delivery.Category) {
        for wake in DueReason.allCases {
            let late = Self.refused(.rateLimited, category, wait: .seconds(900), now: 60).action(wake)
            #expect(Verdict(late) == (Self.urgent.contains(category) ? .escalate(1) : .retry))
        }
    }

    @Test("the recipient's own quiet hours never lead to a call, however urgent and however late")
    func quietHours() {
        for category in Delivery.Category.allCases {
            for now in [1, 60, 3_600, 86_399] as [Double] {
                let action = Self.refused(.quietHours, category, wait: nil, now: now).action(.receipt)
                #expect(Verdict(action) == .retry || Verdict(action) == .finish(.expired), "\(category) at \(now)")
            }
            #expect(Verdict(Self.refused(.quietHours, category, wait: nil, now: 86_401).action()) == .finish(.expired))
        }
    }

    @Test("no wait goes past the job's deadline: then it ends as expired")
    func deadline() {
        for failure in [FailureClass.rateLimited, .quietHours] {
            var situation = Self.refused(failure, .marketing, wait: .seconds(900))
            situation.expiresAt = Situation.time(600)
            #expect(Verdict(situation.action()) == .finish(.expired))
        }
    }

    @Test("a request of which the provider wants fewer waits as well, and climbs only when it is urgent")
    func tooManyRequests() {
        for category in Delivery.Category.allCases {
            var situation = Situation.first(.notSent, category: category)
            situation.attempts[0].learn(
                .answered(.notSent(reason: "HTTP 429", isRateLimited: true, retryAfter: .seconds(90))),
                at: Situation.time(0))
            let isUrgent = Self.urgent.contains(category)
            #expect(Verdict(situation.action()) == (isUrgent ? .wait(.receipt) : .retry))
            situation.now = Situation.time(60)
            #expect(Verdict(situation.action(.receipt)) == (isUrgent ? .escalate(1) : .retry))
        }
    }

    @Test("after a long time of too many requests a message waits some seconds for its next try, not minutes")
    func nextTry() {
        var situation = Situation()
        situation.now = Situation.time(900)
        situation.category = .otp
        for generation in 1...40 {
            situation.attempts.append(
                Situation.attempt(generation, step: 0, .notSent, begunAt: 899, isContinued: generation < 40))
        }
        situation.attempts[39].isRateLimited = true
        guard case .retry(let at, _, false) = situation.action() else {
            Issue.record("\(situation.action())")
            return
        }
        #expect(at <= Situation.time(915))
    }

    @Test("what may have arrived is repeated once, then the ladder goes on")
    func uncertain() {
        var situation = Situation.first(.failed(.uncertain))
        #expect(Verdict(situation.action()) == .retry)
        situation.attempts[0].isContinued = true
        situation.attempts.append(Situation.attempt(2, step: 0, .failed(.uncertain), begunAt: 2))
        situation.now = Situation.time(3)
        #expect(Verdict(situation.action()) == .escalate(1))
    }

    @Test("a sender that may not reach the recipient is left for another at once, at most twenty times a step")
    func wrongSender() {
        for failure in [FailureClass.wrongSender, .unregistered] {
            var situation = Situation()
            situation.now = Situation.time(5)
            for generation in 1...19 {
                situation.attempts.append(
                    Situation.attempt(generation, step: 0, .failed(failure), isContinued: generation < 19))
            }
            guard case .retry(situation.now, _, false) = situation.action() else {
                Issue.record("\(situation.action())")
                continue
            }
            situation.attempts[18].isContinued = true
            situation.attempts.append(Situation.attempt(20, step: 0, .failed(failure)))
            #expect(Verdict(situation.action()) == .escalate(1))
        }
    }

    @Test("where no other sender serves the recipient, the step is passed over and nobody is called in")
    func noOtherSender() {
        var situation = Situation.single(.sms, .failed(.wrongSender))
        situation.attempts[0].isContinued = true
        situation.attempts.append(Situation.attempt(2, step: 0, .skipped(.noSender)))
        #expect(Verdict(situation.action()) == .finish(.exhausted))
    }

    @Test("a free text that WhatsApp refuses outside the window is tried by the template once")
    func template() {
        let ladder = Ladder(steps: [.single(.whatsapp), .single(.sms)])
        var situation = Situation(ladder: ladder)
        situation.attempts = [Situation.attempt(1, step: 0, .failed(.windowClosed))]
        #expect(Verdict(situation.action()) == .retry)
        situation.attempts[0].isContinued = true
        for phase in [.failed(.windowClosed), .skipped(.windowClosed)] as [AttemptPhase] {
            situation.attempts = [situation.attempts[0], Situation.attempt(2, step: 0, phase)]
            #expect(Verdict(situation.action()) == .escalate(1))
        }
    }

    @Test("a call is not waited for past the job's deadline")
    func callDeadline() {
        var situation = Situation.single(.voice, .underway(.accepted))
        situation.expiresAt = Situation.time(20)
        #expect(situation.action() == .wait(until: Situation.time(20), for: .receipt))
    }
}
