import Delivery
import JobQueue
import Providers

/// Looks at a job for any reason but a send: asks the provider what `Inquiry` wants to know, then decides.
struct LookRunner: Sendable {
    let store: any WorkStore
    let provider: any MessageProvider
    let classes: ErrorClasses
    let maker: MessageMaker
    let configuration: WorkerConfiguration
    let clock: WorkClock

    /// How many messages of others, all like ours, one look goes past.
    private static let adoptionLimit = 10

    /// Never throws: what cannot be learnt now is looked at again later.
    func run(_ job: TakenJob, readAt: ContinuousClock.Instant) async -> Record {
        let view = job.view
        var look = look(at: view, readAt)
        switch Inquiry(about: view, timing: configuration.timing, now: look.now) {
        case .decide:
            return await conclude(look, of: job)
        case .later(let instant):
            look.postpone(until: instant)
            return await conclude(look, of: job)
        case .poll(let poll):
            return await self.poll(poll, of: job, view, readAt)
        case .list(let attempt, let notBefore):
            let search = await listing(of: job, attempt: attempt, notBefore: notBefore, readAt)
            return await conclude(from: search, of: job, view, readAt)
        }
    }

    func look(at view: JobView, _ readAt: ContinuousClock.Instant) -> Look {
        // The database's clock at the take, carried on by a monotonic clock: no wall clock of this host decides.
        Look(at: view, timing: configuration.timing, now: view.seenAt.advanced(by: clock.now - readAt))
    }

    func conclude(_ look: Look, of job: TakenJob, _ told: [Record.Suppression] = []) async -> Record {
        var random = clock.random
        let conclusion = look.conclude(using: &random)
        var record = Record(conclusion, of: job, ends: look.callsToEnd(by: conclusion))
        // A suppression by its reason says more than one by the class of a failure.
        record.suppressions = told + record.suppressions
        return record
    }

    // MARK: Listing

    private enum Search {
        case reading(ListingReading)
        /// The list shows a message that may be another open send's as well.
        case contested
    }

    private func conclude(
        from search: Search, of job: TakenJob, _ view: JobView, _ readAt: ContinuousClock.Instant
    ) async -> Record {
        var look = look(at: view, readAt)
        var told: [Record.Suppression] = []
        switch search {
        case .reading(.found(let id, let receipts, _)):
            look.learnListed(id)
            told = learn(receipts, of: nil, in: &look)
            WorkerMetrics.reconciled("found")
        case .reading(.notFound):
            look.learnNotListed()
            WorkerMetrics.reconciled("not_found")
        case .contested:
            look.learnContested()
            WorkerMetrics.reconciled("contested")
        case .reading(.unavailable(let reason)):
            let isGivenUp = look.learnNoListing(because: reason)
            WorkerMetrics.reconciled(isGivenUp ? "given_up" : "unavailable")
        }
        return await conclude(look, of: job, told)
    }

    private func listing(
        of job: TakenJob, attempt: Attempt, notBefore: Instant?, _ readAt: ContinuousClock.Instant
    ) async -> Search {
        guard let address = job.address, let sender = job.sender,
            let token = job.history.tokens[job.generation]
        else { return .reading(.notFound) }
        switch job.content.seal {
        case .none, .opened: break
        case .closed, .keyMissing, .broken:
            // It may have been sent by a worker that can open it.
            return .reading(.unavailable(reason: "its content is sealed, and this worker cannot open it"))
        }
        guard
            let message = try? maker.message(
                for: job, to: address, from: sender, token: token, approved: job.sentTemplate, now: job.takenAt)
        else { return .reading(.notFound) }  // It could not be rendered, so it was never sent.
        return await find(message, for: job, attempt: attempt, notBefore: notBefore, readAt)
    }

    /// A message that looks like ours may be another job's: what is found counts only once it is taken for this attempt.
    private func find(
        _ message: OutboundMessage, for job: TakenJob, attempt: Attempt, notBefore: Instant?,
        _ readAt: ContinuousClock.Instant
    ) async -> Search {
        var others = Set(job.history.providerIDs.values)
        for _ in 0..<Self.adoptionLimit {
            let reading = await provider.find(
                message, begunAt: attempt.begunAt, notBefore: notBefore, now: look(at: job.view, readAt).now,
                excluding: others)
            guard case .found(let id, _, let sighting) = reading else { return .reading(reading) }
            let alike = LookAlikes(of: job.sendKey, begunAt: attempt.begunAt, in: sighting)
            do {
                switch try await store.adopt(
                    id, job: job.id, generation: attempt.generation, tenant: job.tenant, unlessOpen: alike)
                {
                case .ours: return .reading(reading)
                case .contested: return .contested
                case .anothers: others.insert(id)
                }
            } catch {
                return .reading(.unavailable(reason: "the database did not answer"))
            }
        }
        return .reading(.unavailable(reason: "too many messages of others look like it"))
    }

    // MARK: Polling

    private func poll(
        _ poll: Inquiry.Poll, of job: TakenJob, _ view: JobView, _ readAt: ContinuousClock.Instant
    ) async -> Record {
        let reading = await reading(of: poll.awaited, in: job, view, isLast: poll.isLast)
        var others: [(Attempt, StatusReading)] = []
        for attempt in poll.others {
            if let reading = await self.reading(of: attempt, in: job, view, isLast: poll.isLast) {
                others.append((attempt, reading))
            }
        }
        var look = look(at: view, readAt)
        look.learnAsked(poll)
        var told: [Record.Suppression] = []
        switch reading {
        case .facts(let receipts):
            let isNewest = poll.awaited.generation == view.generation
            told = learn(receipts, of: isNewest ? nil : poll.awaited, in: &look)
        case .unavailable(let reason):
            look.learnUnread(poll, because: reason)
        case nil, .notFound:
            break
        }
        for case (let attempt, .facts(let receipts)) in others {
            told += learn(receipts, of: attempt, in: &look)
        }
        return await conclude(look, of: job, told)
    }

    /// Nil when the provider has never named the message.
    private func reading(
        of attempt: Attempt, in job: TakenJob, _ view: JobView, isLast: Bool
    ) async -> StatusReading? {
        guard let id = job.history.providerIDs[attempt.generation] else { return nil }
        let channel = view.channel(of: attempt)
        // By the intent: the acceptance may have been learnt long after it, and the body left within seconds of this.
        return await provider.receipts(
            for: PollQuestion(
                providerID: id, channel: channel, takenAt: attempt.begunAt,
                address: channel == job.channel ? job.address : nil, isLast: isLast))
    }

    /// Takes in receipts of the attempt that is looked at, or of an earlier one, and returns what they say of the address.
    private func learn(_ receipts: [Receipt], of earlier: Attempt?, in look: inout Look) -> [Record.Suppression] {
        receipts.compactMap { receipt in
            let known = receipt.code.flatMap { classes.lookUp(provider: receipt.codeTable.rawValue, code: $0) }
            let event = receipt.event(
                tableClass: known?.failure, retryAfter: known?.retryAfter, reason: "asked the provider")
            if case .failed = event.finding, known == nil, receipt.failureClass == nil {
                WorkerMetrics.unknownCode(receipt.codeTable.rawValue)
            }
            look.learn(.receipt(event), of: earlier)
            guard let reason = receipt.suppression else { return nil }
            // The logs do not say when: a mail may be asked about long after an operator allowed its address again.
            let source = (["sendgrid"] + [receipt.providerID].compactMap(\.self)).joined(separator: " ")
            let attempt = earlier ?? look.attempt
            return Record.Suppression(
                jobID: look.job.id, generation: attempt.generation, channels: [.email], reach: reason.reach,
                reason: reason.word, source: source, at: attempt.begunAt)
        }
    }
}

extension TakenJob {
    /// Whether the attempt that is looked at went by the provider's approved template on WhatsApp, as far as is known: it
    /// was decided by the facts of that moment.
    fileprivate var sentTemplate: Bool {
        guard channel == .whatsapp else { return false }
        var facts = admissionFacts
        facts.job.attempts.removeAll { $0.generation >= generation }
        return Admission(contentOf: facts) == .sendTemplate
    }
}
