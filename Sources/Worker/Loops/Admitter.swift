import Delivery
import JobQueue
import Providers

/// Says what is to be done with each row of a take: the rules of `Delivery`, asked row by row, within the room there is.
///
/// It waits for nothing, as the rows are locked meanwhile. Rows that send nothing cost neither room nor rate.
struct Admitter: Sendable {
    let lane: LaneState
    /// How many sends, or looks that ask a provider, may begin now.
    let room: Int
    let configuration: WorkerConfiguration
    let gate: AskGate
    let clock: WorkClock
    /// Where and when a message may go.
    var rules = ContactRules()
    /// Opens what is sealed.
    var opener = ContentOpener()
    /// What the rules say of a send.
    var rule: @Sendable (Admission.Facts) -> Admission = { Admission($0) }

    /// From how long after the end of its wait on a message counts as one that was put off before.
    private static let late = Duration.seconds(5)

    /// What is to be done, and what the loop learns on the way.
    struct Judgement: Sendable {
        var verdict = Verdict()
        /// The last of the rows that are done without one before it that stays.
        var last: DueKey?
        /// Rows that stay, because there is no room for them, or the window of their rate pays for no more.
        var left = 0
        /// Whether it was room that some of them lacked.
        var lacksRoom = false
        /// Rows that send nothing and ask nobody.
        var dead = 0
        /// Rows that this version cannot read.
        var unreadable = 0
        /// The attempts seen: two due rows for one of them count once.
        private var seen: Set<Sight> = []
        /// Whether a send found no room: those behind it wait too, or a long message would wait for ever.
        fileprivate var isFull = false

        var rows: Int { left + dead + verdict.sends.count + verdict.looks.count }

        private struct Sight: Hashable {
            var job: Int
            var generation: Int
            var reason: DueReason
        }

        /// False for a second due row of the same attempt and reason.
        fileprivate mutating func sees(_ job: TakenJob) -> Bool {
            seen.insert(Sight(job: job.id, generation: job.generation, reason: job.reason)).inserted
        }

        fileprivate mutating func done(_ due: DueRow) {
            verdict.done.append(due)
            if left == 0 { last = due.key }
        }

        fileprivate mutating func held(_ due: DueRow, because reason: String) {
            verdict.holds.append(Verdict.Hold(due, because: reason))
            dead += 1
            if left == 0 { last = due.key }
        }

        fileprivate mutating func settled(_ due: DueRow, _ record: Record? = nil) {
            if let record { verdict.records.append(record) }
            dead += 1
            done(due)
        }
    }

    func judge(_ take: Take, paying purse: inout some Paying) -> Judgement {
        var judgement = Judgement()
        for row in take.rows.lazy.map(opener.opened) {
            switch row.state {
            case .gone:
                judgement.settled(row.due)
            case .unreadable(let what):
                judgement.unreadable += 1
                judgement.held(row.due, because: "its row cannot be read: \(what)")
            case .job(let job) where !judgement.sees(job):
                judgement.settled(row.due)
            case .job(let job) where job.isEnded:
                judgement.settled(job.due)  // A job that has ended sends nothing more.
            case .job(let job):
                switch job.reason {
                case .dispatch, .resume: admit(job, paying: &purse, &judgement)
                case .decide, .receipt, .reconcile: ask(about: job, &judgement)
                }
            }
        }
        return judgement
    }

    // MARK: Sends

    private func admit(_ job: TakenJob, paying purse: inout some Paying, _ judgement: inout Judgement) {
        guard !job.isBegun else { return judgement.settled(job.due) }
        let facts = facts(of: job)
        switch rule(facts) {
        case .sendText: begin(job, approved: false, paying: &purse, &judgement)
        case .sendTemplate: begin(job, approved: true, paying: &purse, &judgement)
        case .withdraw(let reason): settle(job, .answered(.notSent(reason: reason)), &judgement)
        case .skip(let reason):
            settle(job, .answered(.skipped(reason, detail: facts.words(on: reason))), &judgement)
        case .hold(let reason): judgement.held(job.due, because: reason)
        case .expire: expire(job, "expired before it could be sent", &judgement)
        case .expireWaiting(let reason):
            expire(job, "it expires before the end of \(facts.ruling.words ?? reason.rawValue)", &judgement)
        case .defer(let until, let reason):
            judgement.settled(
                job.due,
                deferral(
                    of: job, until: reason == .campaignWindow ? until.advanced(by: spread) : until, reason,
                    detail: words(on: reason, job, facts)))
        }
    }

    /// Beside a deferral: what holds the job back, where the reason alone does not say it.
    private func words(on reason: DeferReason, _ job: TakenJob, _ facts: Admission.Facts) -> String? {
        switch reason {
        case .quietHours: return facts.ruling.words
        case .sealKeyMissing:
            guard case .keyMissing(let key) = job.content.seal else { return nil }
            opener.watch.lacks(key, at: clock.now)
            return "its content is sealed with the key \(key), which the worker does not have"
        case .openSend, .campaignWindow, .cap: return nil
        }
    }

    private func facts(of job: TakenJob) -> Admission.Facts {
        var facts = job.admissionFacts
        facts.dead = job.dead
        (facts.lookupRule, facts.lookup) = (rules.lookups[job.category], job.lookup)
        facts.reading = Admission.Facts.Reading(
            job.content.seal, deferrals: job.history.deferrals[job.generation] ?? 0, now: job.takenAt)
        if let contact = job.contact { facts.ruling = rules.ruling(on: contact, at: job.takenAt) }
        return facts
    }

    private func expire(_ job: TakenJob, _ reason: String, _ judgement: inout Judgement) {
        judgement.settled(job.due, expired(job, reason))
    }

    private func begin(
        _ job: TakenJob, approved: Bool, paying purse: inout some Paying, _ judgement: inout Judgement
    ) {
        let hasRoom = judgement.verdict.sends.count < room
        guard !judgement.isFull, hasRoom, purse.pay(job.due.cost) else {
            judgement.isFull = true
            if !hasRoom { judgement.lacksRoom = true }
            judgement.left += 1
            return
        }
        var job = job
        job.sendsTemplate = approved
        job.lookupRule = rules.lookups[job.category]
        judgement.verdict.sends.append(Verdict.Send(job, patience: job.category.openSendPatience))
        judgement.done(job.due)
    }

    private func settle(_ job: TakenJob, _ event: JobEvent, _ judgement: inout Judgement) {
        judgement.settled(job.due, conclude(job, learning: event))
    }

    // MARK: Looks

    private func ask(about job: TakenJob, _ judgement: inout Judgement) {
        var look = look(at: job)
        switch Inquiry(about: job.view, timing: configuration.timing, now: look.now) {
        case .decide:
            return judgement.settled(job.due, conclude(look, of: job))
        case .later(let instant):
            look.postpone(until: instant)
            return judgement.settled(job.due, conclude(look, of: job))
        case .poll(let poll) where mayGoOnUnasked(job) && !mayAsk(about: job, poll, judgement):
            var random = clock.random
            look.learnCrowded(poll, using: &random)
            return judgement.settled(job.due, conclude(look, of: job))
        case .poll, .list:
            guard judgement.verdict.looks.count < room else {
                judgement.left += 1
                judgement.lacksRoom = true
                return
            }
            judgement.verdict.looks.append(job)
            judgement.done(job.due)
        }
    }

    /// Whether an urgent question finds room in the queue, and is one of those that are answered in time.
    private func mayAsk(about job: TakenJob, _ poll: Inquiry.Poll, _ judgement: Judgement) -> Bool {
        judgement.verdict.looks.count < room
            && gate.passes(job.channel.provider, isLate: poll.overdue > Self.late, at: clock.now)
    }

    /// Where callbacks come, their silence is news: an urgent message does not queue for a question.
    private func mayGoOnUnasked(_ job: TakenJob) -> Bool {
        job.reason == .receipt && Urgency.priorities.contains(job.priority) && configuration.timing.firstPoll == nil
    }

    /// What is put off together does not come back in one instant. Less than any window is open.
    private var spread: Duration {
        var random = clock.random
        return .milliseconds(Int.random(in: 0..<Self.longestSpread, using: &random))
    }

    private static let longestSpread = 60_000

    // MARK: Records

    /// What follows for a job of which one more thing is known.
    func conclude(_ job: TakenJob, learning event: JobEvent) -> Record {
        var look = look(at: job)
        look.learn(event)
        return conclude(look, of: job)
    }

    func expired(_ job: TakenJob, _ reason: String) -> Record {
        var look = look(at: job)
        look.learn(.answered(.notSent(reason: reason)))
        return Record(look.expire(), of: job)
    }

    private func look(at job: TakenJob) -> Look {
        Look(at: job.view, timing: configuration.timing, now: job.takenAt)
    }

    private func conclude(_ look: Look, of job: TakenJob) -> Record {
        var random = clock.random
        let conclusion = look.conclude(using: &random)
        return Record(conclusion, of: job, ends: look.callsToEnd(by: conclusion))
    }

    func deferral(
        of job: TakenJob, until: Instant, _ reason: DeferReason, detail: String? = nil
    ) -> Record {
        let number = (job.history.deferrals[job.generation] ?? 0) + 1
        let event = RecordedEvent(
            jobID: job.id, generation: job.generation, step: job.step, ladderID: job.ladderID,
            channel: job.channel, at: job.takenAt,
            .deferred(number: number, reason, until: until, detail: detail))
        let dueRow = NewDueRow(
            jobID: job.id, at: until, reason: .resume, step: job.step, generation: job.generation,
            ladderID: job.ladderID, channel: job.channel, priority: job.priority)
        return Record(events: [event], dueRow: dueRow, fence: event.key)
    }
}

extension TakenJob {
    /// Whether a send may begin at `now`.
    func hasTimeLeft(at now: Instant) -> Bool {
        expiresAt.map { $0 >= now.advanced(by: channel.leastTime) } ?? true
    }

    /// What the rules of admission ask.
    var admissionFacts: Admission.Facts {
        Admission.Facts(
            channel: channel, hasAddress: address != nil, hasSender: sender != nil, isSuppressed: isSuppressed,
            isWindowOpen: isWindowOpen, hasText: content.body != nil,
            hasTemplate: content.contentSID != nil || content.dynamicTemplate != nil,
            isExpired: !hasTimeLeft(at: takenAt), hasConsent: hasConsent,
            lacksTemplate: lacksTemplate, windowOpens: windowOpens.flatMap { $0 > takenAt ? $0 : nil }, job: view.facts,
            generation: generation, step: step)
    }
}
