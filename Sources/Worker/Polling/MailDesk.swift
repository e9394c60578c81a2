import Delivery
import Providers

/// Where a worker's polls of mail queue. Each search of the e-mail logs answers all whose mail it shows. There are so many
/// searches a second, and none while the provider wants to be left alone.
///
/// Logs lag behind: a mail that is not there is no news, nor is anything where the account has no logs. Its callers each
/// hold one of the worker's slots, which bounds the queue.
actor MailDesk {
    private struct Caller {
        var question: PollQuestion
        var answer: CheckedContinuation<StatusReading, Never>
    }

    /// What is asked for one caller alone.
    private enum Errand {
        /// The mail failed, and only its events say why.
        case events(MailLogEntry)
        /// It may be where no page showed it: those to its address are searched for.
        case address(String)
    }

    private static let noNews = StatusReading.facts([])
    private static let refused = StatusReading.unavailable(reason: "asked_too_much")
    /// An account may be given logs, or its key access to them.
    private static let absence = Duration.seconds(600)
    /// Errands are run one at a time, and who waits for one holds a slot that others want: more are refused, to ask again.
    private static let maximumErrands = 8
    /// A page with no more than this has room for those of a wider span.
    private static let roomyPage = 100

    private let source: any MailLogSource
    private let pause: Duration
    private let clock: WorkClock
    private var callers: [Caller] = []
    private var errands: [(caller: Caller, Errand)] = []
    private var hasRunErrand = false
    private var isServing = false
    private var reach = MailLogReach()
    private var quiet: PollPause
    private var absentUntil: ContinuousClock.Instant?

    init(_ source: any MailLogSource, budget: PollBudget, clock: WorkClock) {
        self.source = source
        pause = .seconds(1) / budget.perSecond
        self.clock = clock
        quiet = PollPause(clock: clock)
    }

    /// How many wait for their answer.
    var waiting: Int { callers.count + errands.count }

    /// What became of a mail; unavailable at once while the provider wants to be left alone. Ends by the source's own
    /// deadline after the queue, also when its task is cancelled.
    func reading(of question: PollQuestion) async -> StatusReading {
        guard absentUntil.map({ $0 <= clock.now }) ?? true else { return Self.noNews }
        guard !quiet.isOn else { return Self.refused }
        return await withCheckedContinuation { answer in
            callers.append(Caller(question: question, answer: answer))
            guard !isServing else { return }
            isServing = true
            // Not awaited by anybody: it belongs to all callers, and ends when none is left.
            Task { await serve() }
        }
    }

    private func serve() async {
        while waiting > 0 {
            if quiet.isOn {
                WorkerMetrics.polled("given_up", count: waiting)
                answerAll(Self.refused)
                break
            }
            // In turn, so that neither keeps the other from its answers.
            if callers.isEmpty || !errands.isEmpty && !hasRunErrand { await runErrand() } else { await search() }
            try? await clock.sleep(for: pause)
        }
        isServing = false
    }

    // MARK: Many at once

    private func search() async {
        hasRunErrand = false
        let (asked, span) = (callers, callers[0].question.takenAt.map(reach.span))
        WorkerMetrics.polled("mails")
        let (page, pushback) = await source.page(span, to: nil)
        quiet.note(pushback)
        switch page {
        case .absent:
            absentUntil = clock.now + Self.absence
            answerAll(Self.noNews)
        case .unavailable(let reason):
            answerAll(.unavailable(reason: reason))
        case .page(let entries, let isWhole):
            settle { question in entries[question.providerID].map(Self.verdict) }
            let covered = Set(asked.map(\.question).filter { isCovered($0, by: span, isWhole: isWhole) })
            // A page that is cut off hides some: the next search is for less.
            guard isWhole || span == nil || !reach.narrow() else { return }
            let isSure = isWhole && (span == nil || reach.isSure)
            settle { question in covered.contains(question) ? verdict(onUnseen: question, isSure: isSure) : nil }
            if isWhole, entries.count <= Self.roomyPage { reach.widen() }
        }
    }

    /// Whether the span is where the mail must be.
    private func isCovered(_ question: PollQuestion, by span: MailLogSpan?, isWhole: Bool) -> Bool {
        switch (span, question.takenAt) {
        case (nil, nil): true
        case (nil, _?): isWhole
        case (_?, nil): false
        case (let span?, let instant?): reach.holds(instant, in: span)
        }
    }

    private enum Verdict {
        case answer(StatusReading)
        case errand(Errand)
    }

    private static func verdict(on entry: MailLogEntry) -> Verdict {
        entry.lacksReason ? .errand(.events(entry)) : .answer(.facts([entry.receipt]))
    }

    /// What a page that is cut off or narrow hides is asked for alone only when it decides: there may be many.
    private func verdict(onUnseen question: PollQuestion, isSure: Bool) -> Verdict {
        guard !isSure, question.isLast, let address = question.address else { return .answer(Self.noNews) }
        return .errand(.address(address))
    }

    private func settle(_ verdict: (PollQuestion) -> Verdict?) {
        let waiting = callers
        callers = []
        for caller in waiting {
            if let verdict = verdict(caller.question) { hand(verdict, to: caller) } else { callers.append(caller) }
        }
    }

    private func hand(_ verdict: Verdict, to caller: Caller) {
        switch verdict {
        case .answer(let reading): caller.answer.resume(returning: reading)
        case .errand where errands.count >= Self.maximumErrands: caller.answer.resume(returning: Self.refused)
        case .errand(let errand): errands.append((caller, errand))
        }
    }

    // MARK: One

    private func runErrand() async {
        hasRunErrand = true
        let (caller, errand) = errands.removeFirst()
        WorkerMetrics.polled("mail")
        switch errand {
        case .events(let entry): hand(await events(of: entry), to: caller)
        case .address(let address): hand(await mail(of: caller.question, to: address), to: caller)
        }
    }

    private func events(of entry: MailLogEntry) async -> Verdict {
        let (reading, pushback) = await source.events(of: entry.logID)
        quiet.note(pushback)
        switch reading {
        case .facts(let receipts) where !receipts.isEmpty: return .answer(.facts(receipts))
        case .facts, .notFound: return .answer(.facts([entry.receipt]))
        case .unavailable: return .answer(reading)
        }
    }

    private func mail(of question: PollQuestion, to address: String) async -> Verdict {
        let (page, pushback) = await source.page(question.takenAt.map(MailLogReach.around), to: address)
        quiet.note(pushback)
        switch page {
        case .page(let entries, _): return entries[question.providerID].map(Self.verdict) ?? .answer(Self.noNews)
        case .absent: return .answer(Self.noNews)
        case .unavailable(let reason): return .answer(.unavailable(reason: reason))
        }
    }

    private func answerAll(_ reading: StatusReading) {
        let all = callers + errands.map(\.caller)
        (callers, errands) = ([], [])
        for caller in all { caller.answer.resume(returning: reading) }
    }
}
