import Testing

@testable import Delivery

@Suite("What a look at a job comes to")
struct ConclusionTests {
    @Test("a wait hangs on the event that led to it")
    func wait() {
        var look = LookCase().look(.dispatch, 1, isBegun: true, at: 1)
        look.learn(accepted)
        let conclusion = look.conclusion
        #expect(conclusion.events.map(\.event) == [accepted] && conclusion.settlement == .known)
        #expect(conclusion.dueRow?.reason == .receipt && conclusion.dueRow?.at == LookCase.at(21))
        #expect(conclusion.dueRow?.generation == 1 && conclusion.fence == conclusion.events[0].key)
        #expect(conclusion.events[0].senderID == 5 && conclusion.events[0].ladderID == 3)
    }

    @Test("a wait after a question hangs on nothing: the provider says the same again until something happens")
    func polled() throws {
        var job = LookCase([(begun: 0, step: 0, events: [accepted])])
        job.timing.firstPoll = .seconds(1)
        var look = job.look(.receipt, 1, at: 5)
        look.learnAsked(
            try #require({ if case .poll(let poll) = job.inquiry(.receipt, 1, at: 5) { poll } else { nil } }()))
        look.learn(receipt(.sent))
        let conclusion = look.conclusion
        #expect(conclusion.dueRow?.reason == .receipt && conclusion.fence == nil)
    }

    @Test("what follows an attempt hangs on its own event, and is the next attempt's")
    func next() {
        var look = LookCase().look(.dispatch, 1, isBegun: true, at: 1)
        look.learn(.answered(.refused(code: "30003", .unreachable)))
        let conclusion = look.conclusion
        #expect(conclusion.events.last?.event == .decided(.escalate, step: 1, reason: "sms failed: unreachable"))
        #expect(conclusion.fence == conclusion.events.last?.key)
        let row = conclusion.dueRow
        #expect(row?.reason == .dispatch && row?.generation == 2 && row?.step == 1 && row?.channel == .voice)
    }

    @Test("an end is about the whole job, by the channel that got through")
    func end() {
        let job = LookCase([
            (begun: 0, step: 0, events: [accepted, .decided(.escalate, step: 1)]),
            (begun: 30, step: 1, events: [accepted]),
        ])
        var look = job.look(.decide, 2, step: 1, at: 40)
        look.learn(receipt(.delivered), of: look.facts.attempt(1))
        let conclusion = look.conclusion
        let ended = conclusion.events.last
        #expect(ended?.event == .ended(.delivered, reason: "sms got through"))
        #expect(ended?.generation == 0 && ended?.channel == .sms && conclusion.dueRow == nil)
        #expect(look.callsToEnd(by: conclusion).map(\.generation) == [2])
    }

    @Test("an event of an earlier attempt has its step and channel, and no sender, as nobody knows it")
    func earlier() {
        let job = LookCase([
            (begun: 0, step: 0, events: [accepted, .decided(.escalate, step: 1)]),
            (begun: 30, step: 1, events: [accepted]),
        ])
        var look = job.look(.decide, 2, step: 1, at: 40)
        look.learn(receipt(.sent), of: look.facts.attempt(1))
        let event = look.events[0]
        #expect(event.generation == 1 && event.step == 0 && event.channel == .sms && event.senderID == nil)
    }

    @Test("what is recorded already is not recorded again, and counts")
    func recorded() {
        var look = LookCase().look(.dispatch, 1, at: 1)
        look.learn(.answered(.skipped(.optedOut)), isRecorded: true)
        #expect(look.events.isEmpty && look.attempt.phase == .skipped(.optedOut))
    }

    @Test("a receipt that is recorded counts when it is said again, and is not recorded again")
    func saidAgain() {
        let failure = JobEvent.receipt(.init(status: "failed 1", .failed(.optedOut), code: "1"))
        var look = LookCase([(begun: 0, step: 0, events: [accepted, failure])]).look(.receipt, 1, at: 20)
        look.learn(failure)
        #expect(look.events.isEmpty && look.attempt.phase == .failed(.optedOut))
        look.learn(receipt(.sent))
        #expect(look.events.map(\.event) == [receipt(.sent)])
    }

    @Test("a call that nobody waits for any more is ended, one that counts is not")
    func calls() {
        let ringing = LookCase([(begun: 0, step: 1, events: [accepted])])
        let silent = ringing.look(.receipt, 1, step: 1, at: 70)
        #expect(silent.callsToEnd(by: silent.conclusion).map(\.generation) == [1])
        let waiting = ringing.look(.decide, 1, step: 1, at: 5)
        #expect(waiting.callsToEnd(by: waiting.conclusion) == [])
    }

    @Test(
        "a doubt ends by the news or by the policy, and with it the send that others waited for",
        arguments: [
            (1, nil, nil, nil), (2, nil, .resend, .givenUp), (0, accepted, .callback, .known),
            (0, .receipt(.init(status: "sent", .reached(.sent))), .callback, .givenUp),
            (0, receipt(.sent), .callback, .known),
        ] as [(Int, JobEvent?, JobEvent.Resolution?, Settlement?)])
    func doubt(_ listings: Int, _ news: JobEvent?, _ way: JobEvent.Resolution?, _ settlement: Settlement?) {
        let told = (0..<listings).map { JobEvent.reconciled(.listing($0 + 1)) }
        var look = LookCase([(begun: 0, step: 0, events: [.answered(.unknown())] + told)]).look(.decide, 1, at: 200)
        if let news { look.learn(news) }
        let conclusion = look.conclusion
        let resolved = conclusion.events.compactMap { event -> JobEvent.Resolution? in
            if case .reconciled(.resolved(let way, _)) = event.event { way } else { nil }
        }
        #expect(resolved.first == way && conclusion.settlement == settlement)
    }

    @Test("a doubt that a list ended is said to be, and a worker's own late answer too")
    func ways() {
        var listed = LookCase([(begun: 0, step: 0, events: [.answered(.unknown())])]).look(.reconcile, 1, at: 50)
        listed.learnListed("SM1")
        #expect(listed.conclusion.events.map(\.event).contains(.reconciled(.resolved(.listing))))
        let late = LookCase([(begun: 0, step: 0, events: [.answered(.lost()), accepted])]).look(.decide, 1, at: 50)
        #expect(late.conclusion.events.map(\.event).contains(.reconciled(.resolved(.answer, providerID: "SM1"))))
    }

    @Test("an attempt whose job's time was over ends it")
    func expired() {
        var look = LookCase().look(.dispatch, 1, isBegun: true, at: 1)
        look.learn(.answered(.notSent(reason: "expired before it could be sent")))
        guard case .ended(.expired, _) = look.expire().events.last?.event else {
            Issue.record("it goes on")
            return
        }
    }

    @Test("an attempt is withdrawn when word of an earlier one came between the decision and its intent")
    func withdrawn() {
        func reason(_ news: JobEvent, step: Int = 0) -> String? {
            LookCase([(begun: 0, step: 0, events: [.answered(.unknown()), news, .decided(.resend, step: step)])])
                .view(.dispatch, 2, step: step).facts.reasonToWithdraw(2, of: step)
        }
        #expect(reason(receipt(.delivered)) == "an earlier attempt got through meanwhile")
        #expect(reason(receipt(.sent)) == "the message that it repeats had been taken after all")
        #expect(reason(receipt(.sent), step: 1) == nil)
        #expect(reason(.reconciled(.listing(1))) == nil)
    }
}
