import Testing

@testable import Delivery

@Suite("A call that nobody wants any more")
struct CallEndingTests {
    private func attempt(_ phase: AttemptPhase, toEnd: EndReason? = nil) -> Attempt {
        var attempt = Attempt(generation: 2, step: 1, begunAt: LookCase.start, phase: phase)
        attempt.toEnd = toEnd
        return attempt
    }

    @Test("is asked for as soon as its id is known, and waited for as long as it is not")
    func asks() {
        for phase in [AttemptPhase.open, .unanswered, .underway(.accepted), .underway(.sent)] {
            let known = CallEnding(of: attempt(phase), providerID: "CA1", waited: .zero)
            #expect(known == .ask(providerID: "CA1"))
            func pause(_ waited: Duration) -> CallEnding {
                CallEnding(of: attempt(phase), providerID: nil, waited: waited)
            }
            #expect(pause(.zero) == .wait(.milliseconds(250)))
            #expect(pause(.seconds(40)) == .wait(.seconds(10)))
            #expect(pause(.seconds(80_000)) == .wait(.seconds(60)))
        }
        #expect(CallEnding(of: nil, providerID: nil, waited: .zero) == .wait(.milliseconds(250)))
    }

    @Test("is left alone when it was never made, is over, or a day has gone by")
    func over() {
        func stage(_ phase: AttemptPhase, _ id: String?, _ waited: Duration = .zero) -> JobEvent.EndStage? {
            guard case .over(let stage, _) = CallEnding(of: attempt(phase), providerID: id, waited: waited) else {
                return nil
            }
            return stage
        }
        #expect(stage(.notSent, nil) == .ended)
        #expect(stage(.skipped(.noSender), nil) == .ended)
        #expect(stage(.failed(.invalidAddress), nil) == .ended)
        #expect(stage(.failed(.noAnswer), "CA1") == .tooLate)
        #expect(stage(.arrived(.answered), "CA1") == .tooLate)
        #expect(stage(.underway(.accepted), "CA1", .seconds(86_401)) == .tooLate)
        #expect(stage(.unanswered, nil, .seconds(86_401)) == .tooLate)
    }

    @Test("the provider's answer ends it, or it is asked again, ever later, and never earlier than the provider wants")
    func answers() {
        func after(_ answer: EndAnswer, _ tries: Int = 1) -> CallEnding { CallEnding(after: answer, tries: tries) }
        guard case .over(.ended, _) = after(.ended), case .over(.tooLate, let why) = after(.tooLate("in-progress"))
        else {
            Issue.record("an answer is not taken in")
            return
        }
        #expect(why == "the provider says in-progress")
        let pauses = (1...12).map { after(.held("queued"), $0) }
        #expect(pauses.prefix(3) == [.wait(.milliseconds(500)), .wait(.seconds(1)), .wait(.seconds(2))])
        #expect(pauses.last == .wait(.seconds(60)))
        #expect(after(.unavailable(reason: "http_503", retryAfter: nil)) == .wait(.milliseconds(500)))
        #expect(after(.unavailable(reason: "http_429", retryAfter: .seconds(9))) == .wait(.seconds(9)))
    }

    @Test(
        "ends its job for an opt-out and a cancel, whatever the ladder has; for what is not needed it decides nothing")
    func noClimb() {
        for (reason, outcome) in [(EndReason.optedOut, Outcome.optedOut), (.canceled, .canceled)] {
            for phase in [AttemptPhase.failed(.noAnswer), .failed(.expired), .notSent] {
                for action in [
                    Action.escalate(to: 2, reason: "r"), .retry(at: LookCase.start, reason: "r", isResend: false),
                    .finish(.exhausted, reason: "r"), .finish(.unconfirmed, reason: "r"),
                ] {
                    #expect(action.ending(attempt(phase, toEnd: reason)) == .finish(outcome, reason: reason.words))
                    #expect(action.ending(attempt(phase, toEnd: .notNeeded)) == action)
                    #expect(action.ending(attempt(phase)) == action)
                }
            }
            let onward = Action.escalate(to: 2, reason: "r")
            #expect(onward.ending(attempt(.unanswered, toEnd: reason)) == .finish(.unknown, reason: reason.words))
            let ringing = attempt(.underway(.accepted), toEnd: reason)
            #expect(onward.ending(ringing) == .finish(.unconfirmed, reason: reason.words))
            for action in [
                Action.nothing, .wait(until: LookCase.start, for: .receipt), .hold(reason: "r"),
                .finish(.delivered, reason: "r"),
            ] { #expect(action.ending(attempt(.failed(.noAnswer), toEnd: reason)) == action) }
        }
    }

    @Test("a job whose call was ended for a STOP is decided as opted out, in whatever order the news comes")
    func decided() {
        let news: [JobEvent] = [
            .answered(.accepted(providerID: "CA1")), .reconciled(.ending(.asked, .optedOut)),
            .reconciled(.ending(.ended, .optedOut)),
            .receipt(.init(status: "canceled", .failed(.expired), code: "canceled", providerID: "CA1")),
        ]
        for events in [news, news.reversed(), [news[0], news[1], news[3]], [news[3], news[1]]] {
            let look = LookCase([(begun: 0, step: 1, events: events)]).look(.decide, 1, step: 1, at: 5)
            #expect(look.conclusion.events.last?.event == .ended(.optedOut, reason: EndReason.optedOut.words))
            #expect(look.conclusion.dueRow == nil)
        }
        let answered = LookCase([(begun: 0, step: 1, events: Array(news.prefix(2)) + [receipt(.answered)])])
        #expect(
            answered.look(.decide, 1, step: 1, at: 5).conclusion.events.last?.event
                == .ended(.delivered, reason: "voice got through"))
    }

    @Test(
        "one whose answer is not known is ended where the ladder goes on or the job is over, not where it is tried again"
    )
    func unanswered() {
        let job = LookCase([
            (begun: 0, step: 1, events: [.answered(.unknown()), .decided(.escalate, step: 2)]),
            (begun: 30, step: 2, events: [accepted]),
        ])
        var delivered = job.look(.decide, 2, step: 2, at: 40)
        delivered.learn(receipt(.delivered))
        #expect(delivered.callsToEnd(by: delivered.conclusion) == [CallEnd(jobID: 7, generation: 1)])
        // Listed twice in vain: an alert is called once more.
        let listed = LookCase([
            (begun: 0, step: 1, events: [.answered(.unknown()), .reconciled(.listing(1)), .reconciled(.listing(2))])
        ])
        let again = listed.look(.reconcile, 1, step: 1, at: 300)
        #expect(again.conclusion.events.contains { $0.event.endsAttempt })
        #expect(again.callsToEnd(by: again.conclusion) == [])
    }
}
