import Delivery
import Testing

@Suite("Waiting for receipts, and success levels")
struct ReceiptDecisionTests {
    @Test("the wait runs from the provider's acceptance, or from the intent when only that is known")
    func waitFromAcceptance() {
        var situation = Situation.first(.underway(.accepted))
        situation.attempts[0].acceptedAt = Situation.time(10)
        #expect(situation.action() == .wait(until: Situation.time(70), for: .receipt))
        situation.attempts[0].acceptedAt = nil
        #expect(situation.action() == .wait(until: Situation.time(60), for: .receipt))
    }

    @Test(
        "a step is through at its own level, not below: a call at an answer, a read step at a read",
        arguments: [
            (.voice, .answered, .arrived(.voicemail), .finish(.exhausted)),
            (.voice, .answered, .arrived(.answered), .finish(.delivered)),
            (.voice, .voicemail, .arrived(.voicemail), .finish(.delivered)),
            (.voice, .answered, .underway(.sent), .wait(.receipt)),
            (.whatsapp, .read, .arrived(.delivered), .wait(.receipt)),
            (.whatsapp, .read, .arrived(.read), .finish(.delivered)),
            (.whatsapp, .delivered, .arrived(.read), .finish(.delivered)),
            (.sms, .sent, .underway(.accepted), .wait(.receipt)),
            (.sms, .sent, .underway(.sent), .finish(.delivered)),
            (.email, .accepted, .underway(.accepted), .finish(.delivered)),
        ] as [(Channel, SuccessLevel, AttemptPhase, Verdict)])
    func levels(_ row: (channel: Channel, success: SuccessLevel, phase: AttemptPhase, expected: Verdict)) {
        var situation = Situation.single(row.channel, row.phase)
        situation.ladder.steps[0].success = row.success
        #expect(Verdict(situation.action()) == row.expected)
    }

    @Test(
        "where no callbacks come it is asked soon, then each time twice as long after acceptance, last at the wait's end"
    )
    func polls() {
        var situation = Situation.first(.underway(.accepted))
        situation.attempts[0].acceptedAt = Situation.time(10)
        situation.timing.firstPoll = .seconds(2)
        var asked: [Double] = []
        situation.now = Situation.time(10)
        while asked.count < 20, case .wait(let until, .receipt) = situation.action(.receipt) {
            asked.append(Double(Situation.start.duration(to: until).components.seconds))
            situation.now = until
        }
        #expect(asked == [12, 14, 18, 26, 42, 70])
        #expect(Verdict(situation.action(.receipt)) == .escalate(1))
        // A timer that rings a moment early counts: the acceptance was dated by another clock.
        situation.now = Situation.time(69.5)
        #expect(Verdict(situation.action(.receipt)) == .escalate(1))
        situation.now = Situation.time(68)
        #expect(situation.action(.receipt) == .wait(until: Situation.time(70), for: .receipt))
    }

    @Test("where mail cannot be asked about, its wait is not broken up")
    func mailIsNotPolled() {
        var situation = Situation.single(.email, .underway(.accepted))
        situation.timing.firstPoll = .seconds(2)
        #expect(situation.action() == .wait(until: Situation.time(36_000.5), for: .receipt))
        #expect(Verdict(situation.action(.receipt)) == .finish(.unconfirmed))
    }

    @Test(
        "a question without a readable answer is no news: it is asked again, each time after twice as long, five times")
    func unreadPolls() {
        var situation = Situation.single(.sms, .underway(.accepted))
        situation.now = Situation.time(40_000)
        situation.isUnread = true
        var pauses: [Int64] = []
        for _ in 0..<10 {
            situation.attempts[0].failedPolls += 1
            guard case .wait(let until, .receipt) = situation.action(.receipt) else { break }
            pauses.append(situation.now.duration(to: until).components.seconds)
            situation.now = until
        }
        #expect(pauses == [5, 10, 20, 40, 80])
        #expect(Verdict(situation.action(.receipt)) == .finish(.unconfirmed))
        situation.isUnread = false
        situation.attempts[0].failedPolls = 1
        #expect(Verdict(situation.action(.receipt)) == .finish(.unconfirmed))
    }

    @Test("where callbacks come, the next step does not wait for a provider that cannot be asked")
    func unreadPollBeforeNextStep() {
        var situation = Situation.first(.underway(.accepted))
        situation.now = Situation.time(40_000)
        situation.isUnread = true
        situation.attempts[0].failedPolls = 1
        #expect(Verdict(situation.action(.receipt)) == .escalate(1))
        situation.timing.firstPoll = .seconds(2)
        #expect(Verdict(situation.action(.receipt)) == .wait(.receipt))
    }

    @Test("voicemail is not an answer: the ladder goes on from the call at once")
    func voicemail() {
        var situation = Situation()
        situation.attempts = [
            Situation.attempt(1, step: 0, .failed(.unreachable), isContinued: true),
            Situation.attempt(2, step: 1, .arrived(.voicemail)),
        ]
        #expect(Verdict(situation.action()) == .escalate(2))
    }

    @Test("delivered but not read: the ladder goes on when the wait is over, and ends as delivered")
    func deliveredNotRead() {
        var situation = Situation.first(.arrived(.delivered))
        situation.ladder.steps[0].success = .read
        #expect(Verdict(situation.action(.decide)) == .wait(.receipt))
        #expect(Verdict(situation.action(.receipt)) == .escalate(1))
        situation.ladder.steps = [situation.ladder.steps[0]]
        #expect(Verdict(situation.action(.receipt)) == .finish(.delivered))
    }

    @Test(
        "a late delivery of an earlier step ends the job, whatever the later ones do", arguments: PhaseOracle.reachable)
    func lateDelivery(_ phase: AttemptPhase) {
        var situation = Situation.last(phase)
        situation.attempts[0].learn(.reached(.delivered), at: Situation.time(50))
        for reason in DueReason.allCases {
            for generation in 0...4 {
                #expect(Verdict(situation.action(reason, generation: generation)) == .finish(.delivered))
            }
        }
    }

    @Test("a level once reached counts, though a failure came after it")
    func reachedThenFailed() {
        var situation = Situation.first(.underway(.sent))
        situation.ladder.steps[0].success = .sent
        situation.attempts[0].learn(.failed(.unreachable), at: Situation.time(2))
        #expect(situation.attempts[0].phase == .failed(.unreachable))
        #expect(Verdict(situation.action()) == .finish(.delivered))
    }

    @Test(
        "the outcome at the end of the ladder tells the best that is known of any step",
        arguments: [
            ([.underway(.accepted), .failed(.noAnswer), .failed(.content)], .unconfirmed),
            ([.unanswered, .failed(.noAnswer), .failed(.content)], .unknown),
            ([.unanswered, .underway(.sent), .failed(.content)], .unconfirmed),
            ([.failed(.optedOut), .skipped(.optedOut), .failed(.content)], .optedOut),
            ([.failed(.unreachable), .arrived(.voicemail), .failed(.unreachable)], .exhausted),
            ([.skipped(.noAddress), .skipped(.noSender), .skipped(.noContent)], .exhausted),
        ] as [([AttemptPhase], Outcome)])
    func endOfLadder(_ row: (phases: [AttemptPhase], expected: Outcome)) {
        var situation = Situation()
        situation.attempts = row.phases.enumerated().map { index, phase in
            Situation.attempt(index + 1, step: index, phase, isContinued: index < 2)
        }
        #expect(Verdict(situation.action(.receipt)) == .finish(row.expected))
    }
}
