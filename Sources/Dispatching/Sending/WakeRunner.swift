import Delivery
import JobQueue
import Providers

/// Looks at a job for any reason but a send: asks the provider what the reason needs to know, then decides.
struct WakeRunner: Sendable {
    let store: any WorkStore
    let provider: any MessageProvider
    let classes: ErrorClasses
    let maker: MessageMaker
    let configuration: WorkerConfiguration
    let clock: WorkClock

    /// How often a listing that cannot be had is tried before the attempt counts as one that nobody can account for.
    private static let failedListingLimit = 4
    /// How many messages of others, all like ours, one look goes past.
    private static let adoptionLimit = 10

    /// Never throws: what cannot be learnt now is looked at again later.
    func run(_ job: ClaimedJob, claimedAt: ContinuousClock.Instant) async -> Record {
        guard let attempt = job.facts.attempt(job.wake.generation), !job.facts.isEnded, !attempt.isContinued else {
            return await decide(Conclusion(job: job, timing: configuration.timing, now: job.claimedAt))
        }
        switch (job.wake.reason, attempt.phase) {
        case (.receipt, .underway), (.receipt, .arrived):
            return await poll(job, claimedAt: claimedAt)
        case (.reconcile, .unanswered) where !attempt.isHeld:
            return await look(for: job, attempt: attempt, claimedAt: claimedAt)
        case (.dispatch, _), (.decide, _), (.receipt, _), (.reconcile, _):
            return await decide(conclusion(job, claimedAt))
        }
    }

    /// Asks what became of it: once when the wait is over, and now and then before that where no callbacks come.
    private func poll(_ job: ClaimedJob, claimedAt: ContinuousClock.Instant) async -> Record {
        guard let id = job.history.providerIDs[job.wake.generation] else {
            return await decide(conclusion(job, claimedAt))
        }
        let takenAt = job.facts.attempt(job.wake.generation).map { $0.acceptedAt ?? $0.begunAt }
        let reading = await provider.receipts(
            for: PollQuestion(
                providerID: id, channel: job.channel, takenAt: takenAt, address: job.address,
                isLast: !isEarly(conclusion(job, claimedAt))))
        var conclusion = conclusion(job, claimedAt)
        conclusion.isPolled = true
        if isEarly(conclusion) { conclusion.job.wake.reason = .decide }
        var causes: [Consequences.Cause] = []
        switch reading {
        case .facts(let receipts):
            causes = learn(receipts, in: &conclusion)
        case .unavailable(let reason) where canBeAsked(job.channel) && !isEarly(conclusion):
            var event = conclusion.event(.reconciled, "unread \(conclusion.attempt.failedPolls + 1)")
            event.reason = "the provider could not be asked: \(reason)"
            conclusion.learnUnread(as: event)
        case .notFound, .unavailable:
            break
        }
        let record = await decide(conclusion)
        let goesOn = record.events.contains { $0.kind == .next || $0.kind == .outcome }
        if goesOn, job.channel == .voice, case .underway = conclusion.attempt.phase {
            // A call has no validity period: it must not ring after the ladder went on.
            await provider.cancel(id, on: .voice)
        }
        return adding(causes, of: job, to: record)
    }

    private func canBeAsked(_ channel: Channel) -> Bool { channel.isPhone || configuration.timing.pollsMail }

    /// Whether the wait is not over: a look that was brought forward, because receipts may have been missed, only asks. The
    /// timer was set by another clock than the one that dated the acceptance.
    private func isEarly(_ conclusion: Conclusion) -> Bool {
        let (attempt, steps) = (conclusion.attempt, conclusion.job.ladder.steps)
        guard steps.indices.contains(attempt.step) else { return false }
        let end = (attempt.acceptedAt ?? attempt.begunAt).advanced(by: steps[attempt.step].wait)
        return conclusion.now.advanced(by: .seconds(1)) < end
    }

    private func adding(_ causes: [Consequences.Cause], of job: ClaimedJob, to record: Record) -> Record {
        Consequences(job: job, pause: configuration.senderPause).adding(causes, to: record)
    }

    /// Nobody knows whether it was taken: list the provider's messages.
    private func look(
        for job: ClaimedJob, attempt: Attempt, claimedAt: ContinuousClock.Instant
    ) async -> Record {
        var conclusion = conclusion(job, claimedAt)
        let earliest = attempt.listedAt?.advanced(by: configuration.timing.listingSpacing)
        if let earliest, conclusion.now < earliest {
            // A listing so soon says nothing new.
            return conclusion.record(of: .wait(until: earliest, for: .reconcile))
        }
        let reading = await listing(of: job, attempt: attempt, claimedAt: claimedAt)
        conclusion = self.conclusion(job, claimedAt)
        var causes: [Consequences.Cause] = []
        switch reading {
        case .found(let id, let receipts):
            var event = conclusion.event(.answer, "accepted")
            event.providerID = id
            event.reason = "found in the provider's listing"
            conclusion.learn(.accepted, as: event)
            conclusion.isListed = true
            causes = learn(receipts, in: &conclusion)
            DispatchMetrics.reconciled("found")
        case .notFound:
            var event = conclusion.event(.reconciled, "listing \(attempt.listings + 1)")
            event.reason = "the provider's listing does not show it"
            conclusion.learnListing(as: event)
            DispatchMetrics.reconciled("not_found")
        case .unavailable(let reason) where attempt.failedListings < Self.failedListingLimit:
            var event = conclusion.event(.reconciled, "unavailable \(attempt.failedListings + 1)")
            event.reason = "the provider could not be asked: \(reason)"
            conclusion.note(event)
            DispatchMetrics.reconciled("unavailable")
            let again = conclusion.now.advanced(by: configuration.timing.listingSpacing)
            return conclusion.record(of: .wait(until: again, for: .reconcile))
        case .unavailable(let reason):
            // It will not be had. The policy for what cannot be known decides, as if it had shown nothing.
            var event = conclusion.event(.reconciled, "listing \(attempt.listings + 1)")
            event.reason = "the provider could not be asked for good: \(reason)"
            conclusion.learnListing(as: event)
            DispatchMetrics.reconciled("given_up")
        }
        return adding(causes, of: job, to: await decide(conclusion))
    }

    private func listing(
        of job: ClaimedJob, attempt: Attempt, claimedAt: ContinuousClock.Instant
    ) async -> ListingReading {
        guard let address = job.address, let sender = job.sender,
            let token = job.history.tokens[job.wake.generation]
        else { return .notFound }
        let approved = job.channel == .whatsapp && !job.isWindowOpen && job.content.contentSID != nil
        guard
            let message = try? maker.message(for: job, to: address, from: sender, token: token, approved: approved)
        else { return .notFound }  // It could not be rendered, so it was never sent.
        return await find(message, for: job, attempt: attempt, claimedAt: claimedAt)
    }

    /// A message that looks like ours may be another job's: what is found counts only once it is taken for this attempt.
    private func find(
        _ message: OutboundMessage, for job: ClaimedJob, attempt: Attempt, claimedAt: ContinuousClock.Instant
    ) async -> ListingReading {
        var others = Set(job.history.providerIDs.values)
        for _ in 0..<Self.adoptionLimit {
            let reading = await provider.find(
                message, begunAt: attempt.begunAt, notBefore: Self.earliest(of: attempt, in: job.facts),
                now: conclusion(job, claimedAt).now, excluding: others)
            guard case .found(let id, _) = reading else { return reading }
            do {
                if try await store.adopt(id, job: job.id, generation: attempt.generation) { return reading }
            } catch {
                return .unavailable(reason: "the database did not answer")
            }
            others.insert(id)
        }
        return .unavailable(reason: "too many messages of others look like it")
    }

    /// From when on a message that looks like the attempt's is its own. An attempt that nobody could account for may turn
    /// up in a listing long after it was given up and repeated: what is nearer to its intent than to this one is its.
    private static func earliest(of attempt: Attempt, in facts: JobFacts) -> Instant? {
        let channel = facts.ladder.steps[min(max(attempt.step, 0), facts.ladder.steps.count - 1)].channel
        let before = facts.attempts.last { earlier in
            earlier.generation < attempt.generation && earlier.phase == .unanswered
                && facts.ladder.steps.indices.contains(earlier.step)
                && facts.ladder.steps[earlier.step].channel == channel
        }
        return before.map { $0.begunAt.advanced(by: $0.begunAt.duration(to: attempt.begunAt) / 2) }
    }

    /// Takes in receipts, and returns what among them concerns more than the job.
    private func learn(_ receipts: [Receipt], in conclusion: inout Conclusion) -> [Consequences.Cause] {
        var causes: [Consequences.Cause] = []
        for receipt in receipts {
            let known = receipt.code.flatMap { classes.lookUp(provider: receipt.codeTable.rawValue, code: $0) }
            let fact = receipt.attemptFact(tableClass: known?.failure)
            var event = conclusion.event(.receipt, receipt.status)
            event.code = receipt.code
            event.providerID = receipt.providerID
            event.reason = "asked the provider"
            switch fact {
            case .failed(let failure):
                event.failure = failure
                causes.append(.failure(failure, code: receipt.code ?? receipt.status))
                if known == nil, receipt.failureClass == nil { DispatchMetrics.unknownCode(receipt.codeTable.rawValue) }
                event.retryAfterSeconds = known?.retryAfter.map { Int($0.components.seconds) }
            case .reached(let level): event.level = level
            case .accepted, .refused, .notSent, .unknown, .lost, .skipped, .ruled: break
            }
            conclusion.learn(fact, as: event, retryAfter: event.retryAfterSeconds.map { .seconds($0) })
            if let reason = receipt.suppression { causes.append(.suppression(reason)) }
        }
        return causes
    }

    private func conclusion(_ job: ClaimedJob, _ claimedAt: ContinuousClock.Instant) -> Conclusion {
        Conclusion(job: job, timing: configuration.timing, now: job.claimedAt.advanced(by: clock.now - claimedAt))
    }

    private func decide(_ conclusion: Conclusion) async -> Record {
        for call in conclusion.needlessCalls {
            await provider.cancel(call, on: .voice)
        }
        var random = clock.random
        return conclusion.record(using: &random)
    }
}
