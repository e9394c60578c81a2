import Testing

@testable import Delivery

@Suite("What the provider is asked before a job is decided")
struct InquiryTests {
    @Test("nothing, where what is known decides", arguments: DueReason.allCases)
    func decided(_ reason: DueReason) {
        let sent = (begun: 0, step: 0, events: [accepted])
        let ended = RecordedEvent(jobID: 7, generation: 0, at: LookCase.start, .ended(.canceled))
        var over = LookCase([sent])
        over.events.append(ended)
        let unheard = LookCase()
        let moved = LookCase([(begun: 0, step: 0, events: [accepted, .decided(.escalate, step: 1)])])
        let through = LookCase([(begun: 0, step: 0, events: [accepted, receipt(.delivered)])])
        let held = LookCase([(begun: 0, step: 0, events: [.answered(.unknown()), .held()])])
        for job in [over, unheard, moved, through, held] { #expect(job.inquiry(reason, 1, at: 100) == .decide) }
    }

    @Test(
        "by reason and phase",
        arguments: [
            (DueReason.receipt, accepted, "poll"), (.receipt, receipt(.sent), "poll"),
            (.receipt, .answered(.notSent(reason: nil)), "poll"), (.receipt, .answered(.unknown()), "decide"),
            (.reconcile, .answered(.unknown()), "list"), (.reconcile, .answered(.lost()), "list"),
            (.reconcile, accepted, "decide"), (.decide, accepted, "decide"),
            (.decide, .answered(.unknown()), "decide"), (.dispatch, accepted, "decide"),
            (.receipt, .answered(.refused(.content)), "decide"), (.receipt, .answered(.skipped(.noContent)), "decide"),
        ] as [(DueReason, JobEvent, String)])
    func table(_ reason: DueReason, _ event: JobEvent, _ question: String) {
        let inquiry = LookCase([(begun: 0, step: 0, events: [event])]).inquiry(reason, 1, at: 100)
        #expect(inquiry.name == question)
    }

    @Test("a question counts as the last when the wait is over, or ends within ten seconds")
    func last() {
        let job = LookCase([(begun: 0, step: 0, events: [accepted])])
        #expect([5, 9, 10, 30].map { job.inquiry(.receipt, 1, at: $0).poll?.isLast } == [false, false, true, true])
    }

    @Test("earlier attempts that the provider still has are asked about too, where they can be")
    func others() {
        var job = LookCase([
            (begun: 0, step: 0, events: [accepted, .decided(.escalate, step: 1)]),
            (begun: 30, step: 1, events: [.answered(.refused(.noAnswer)), .decided(.escalate, step: 2)]),
            (begun: 60, step: 2, events: [accepted]),
        ])
        #expect(job.inquiry(.receipt, 3, step: 2, at: 4_000).poll?.others.map(\.generation) == [1])
        job = LookCase([
            (begun: 0, step: 2, events: [accepted, .decided(.retry, step: 2)]), (begun: 9, step: 2, events: [accepted]),
        ])
        #expect(job.inquiry(.receipt, 2, step: 2, at: 4_000).poll?.others == [])
        job.timing.pollsMail = true
        #expect(job.inquiry(.receipt, 2, step: 2, at: 4_000).poll?.others.map(\.generation) == [1])
    }

    @Test("when a repeat was stopped because the first message had been taken, that one is waited for")
    func awaited() {
        let job = LookCase([
            (begun: 0, step: 0, events: [.answered(.unknown()), .decided(.resend, step: 0), receipt(.sent)]),
            (begun: 90, step: 0, events: [.answered(.notSent(reason: nil))]),
        ])
        let poll = job.inquiry(.receipt, 2, at: 95).poll
        #expect(poll?.awaited.generation == 1 && poll?.others == [] && poll?.isLast == true)
    }

    @Test("a second list is asked for no sooner than listings may lag")
    func spacing() {
        let job = LookCase([(begun: 10, step: 0, events: [.answered(.unknown()), .reconciled(.listing(1))])])
        #expect(job.inquiry(.reconcile, 1, at: 84) == .later(LookCase.at(85)))
        #expect(job.inquiry(.reconcile, 1, at: 85).name == "list")
    }

    @Test("of two messages that look alike each belongs to the intent that is nearer, per channel")
    func nearer() {
        let doubt: [JobEvent] = [.answered(.unknown()), .decided(.resend, step: 0)]
        let again = (begun: 100, step: 0, events: [JobEvent.answered(.unknown())])
        #expect(LookCase([again]).inquiry(.reconcile, 1, at: 200).notBefore == nil)
        let two = LookCase([(begun: 0, step: 0, events: doubt), again])
        #expect(two.inquiry(.reconcile, 2, at: 200).notBefore == LookCase.at(50))
        let call = (begun: 100, step: 1, events: [JobEvent.answered(.unknown())])
        let other = LookCase([(begun: 0, step: 0, events: doubt), call])
        #expect(other.inquiry(.reconcile, 2, step: 1, at: 200).notBefore == nil)
    }

    @Test("a list that cannot be had is tried five times, then it counts as one that showed nothing")
    func givenUp() {
        var events: [JobEvent] = [.answered(.unknown())]
        for number in 1...4 {
            var look = LookCase([(begun: 0, step: 0, events: events)]).look(.reconcile, 1, at: 100)
            let isGivenUp = look.learnNoListing(because: "busy")
            #expect(!isGivenUp)
            #expect(look.events.map(\.columns.status) == ["unavailable \(number)"])
            let conclusion = look.conclusion
            #expect(conclusion.dueRow?.at == LookCase.at(175) && conclusion.dueRow?.reason == .reconcile)
            events.append(.reconciled(.unavailable(number)))
        }
        var look = LookCase([(begun: 0, step: 0, events: events)]).look(.reconcile, 1, at: 100)
        let isGivenUp = look.learnNoListing(because: "busy")
        #expect(isGivenUp)
        #expect(look.events.map(\.columns.status) == ["listing 1"])
    }

    @Test("a listed message that may be another send's counts as a list that did not show it")
    func contested() {
        var look = LookCase([(begun: 0, step: 0, events: [.answered(.unknown())])]).look(.reconcile, 1, at: 100)
        look.learnContested()
        #expect(look.events.map(\.columns.status) == ["listing 1"] && look.attempt.listings == 1)
        #expect(look.conclusion.settlement == nil)
    }

    @Test("silence of the provider counts only once the wait is over, and only of channels that can be asked")
    func unread() {
        func unread(_ job: LookCase, step: Int = 0, at seconds: Int) -> Int {
            var look = job.look(.receipt, 1, step: step, at: seconds)
            guard let poll = job.inquiry(.receipt, 1, step: step, at: seconds).poll else { return -1 }
            look.learnAsked(poll)
            look.learnUnread(poll, because: "busy")
            return look.attempt.failedPolls
        }
        let sms = LookCase([(begun: 0, step: 0, events: [accepted])])
        #expect(unread(sms, at: 18) == 0 && unread(sms, at: 19) == 1)
        var mail = LookCase([(begun: 0, step: 2, events: [accepted])])
        #expect(unread(mail, step: 2, at: 3_600) == 0)
        mail.timing.pollsMail = true
        #expect(unread(mail, step: 2, at: 3_600) == 1)
    }

    /// The seconds of the row that follows when an attempt of `step` finds a crowd, and how often it counts as unread.
    private func crowded(_ job: LookCase, step: Int, at seconds: Int) throws -> (wait: Double, unread: Int) {
        var (look, random) = (job.look(.receipt, 1, step: step, at: seconds), SplitMix64(seed: 1))
        look.learnCrowded(try #require(job.inquiry(.receipt, 1, step: step, at: seconds).poll), using: &random)
        let row = look.conclusion.dueRow
        return (row.map { LookCase.at(seconds).duration(to: $0.at) / .seconds(1) } ?? 0, look.attempt.failedPolls)
    }

    @Test("in a crowd the last step is asked about later, and later again the longer it waits, for an hour")
    func crowd() throws {
        var job = LookCase([(begun: 0, step: 2, events: [accepted])])
        job.timing.pollsMail = true
        for (overdue, range) in [(0, 10.0...20.0), (15, 15.0...30.0), (600, 600.0...1_200.0)] {
            let (wait, unread) = try crowded(job, step: 2, at: 3_600 + overdue)
            #expect(range.contains(wait) && unread == 0)
        }
        #expect(try crowded(job, step: 2, at: 7_200).unread == 1)
    }

    @Test("in a crowd a step with another behind it, or one that nobody can be asked about, goes on")
    func crowdGoesOn() throws {
        #expect(try crowded(LookCase([(begun: 0, step: 0, events: [accepted])]), step: 0, at: 20).unread == 1)
        let mail = LookCase([(begun: 0, step: 2, events: [accepted])])
        #expect(try crowded(mail, step: 2, at: 3_600).wait == 0)
    }

    @Test("a question before the end of the wait decides nothing by silence")
    func early() throws {
        let job = LookCase([(begun: 0, step: 0, events: [accepted])])
        func next(at seconds: Int) throws -> NewDueRow? {
            var look = job.look(.receipt, 1, at: seconds)
            look.learnAsked(try #require(job.inquiry(.receipt, 1, at: seconds).poll))
            return look.conclusion.dueRow
        }
        #expect(try next(at: 10)?.reason == .receipt)
        #expect(try next(at: 20)?.reason == .dispatch)
    }
}

extension Inquiry {
    fileprivate var name: String {
        switch self {
        case .decide: "decide"
        case .later: "later"
        case .poll: "poll"
        case .list: "list"
        }
    }

    fileprivate var poll: Poll? {
        if case .poll(let poll) = self { poll } else { nil }
    }

    fileprivate var notBefore: Instant? {
        if case .list(_, let instant) = self { instant } else { nil }
    }
}
