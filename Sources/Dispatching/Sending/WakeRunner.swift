import Delivery
import JobQueue
import Providers

/// Looks at a job for any reason but a send: asks the provider what the reason needs to know, then decides.
struct WakeRunner: Sendable {
    let provider: any MessageProvider
    let classes: ErrorClasses
    let maker: MessageMaker
    let configuration: WorkerConfiguration
    let clock: WorkClock

    /// How often a listing that cannot be had is tried before the attempt counts as one that nobody can account for.
    private static let failedListingLimit = 4

    /// Never throws: what cannot be learnt now is looked at again later.
    func run(_ job: ClaimedJob, claimedAt: ContinuousClock.Instant) async -> Record {
        guard let attempt = job.facts.attempt(job.wake.generation), !job.facts.isEnded, !attempt.isContinued else {
            return decide(Conclusion(job: job, timing: configuration.timing, now: job.claimedAt))
        }
        switch (job.wake.reason, attempt.phase) {
        case (.receipt, .underway), (.receipt, .arrived):
            return await poll(job, claimedAt: claimedAt)
        case (.reconcile, .unanswered) where !attempt.isHeld:
            return await look(for: job, attempt: attempt, claimedAt: claimedAt)
        case (.dispatch, _), (.decide, _), (.receipt, _), (.reconcile, _):
            return decide(conclusion(job, claimedAt))
        }
    }

    /// The wait is over: ask once, then decide without a receipt if there is none.
    private func poll(_ job: ClaimedJob, claimedAt: ContinuousClock.Instant) async -> Record {
        guard let id = job.history.providerIDs[job.wake.generation] else { return decide(conclusion(job, claimedAt)) }
        let reading = await provider.receipts(of: id, on: job.channel)
        var conclusion = conclusion(job, claimedAt)
        var failures: [(FailureClass, code: String)] = []
        if case .facts(let receipts) = reading {
            failures = learn(receipts, in: &conclusion)
        }
        if job.channel == .voice, case .underway = conclusion.attempt.phase {
            // A call has no validity period: it must not ring after the ladder went on.
            await provider.cancel(id, on: .voice)
        }
        let consequences = Consequences(job: job, pause: configuration.senderPause)
        return failures.reduce(decide(conclusion)) { consequences.adding($1.0, code: $1.code, to: $0) }
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
        let reading = await listing(of: job, attempt: attempt)
        conclusion = self.conclusion(job, claimedAt)
        switch reading {
        case .found(let id, let receipts):
            var event = conclusion.event(.answer, "accepted")
            event.providerID = id
            event.reason = "found in the provider's listing"
            conclusion.learn(.accepted, as: event)
            _ = learn(receipts, in: &conclusion)
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
        return decide(conclusion)
    }

    private func listing(of job: ClaimedJob, attempt: Attempt) async -> ListingReading {
        guard let address = job.address, let sender = job.sender,
            let token = job.history.tokens[job.wake.generation]
        else { return .notFound }
        let approved = job.channel == .whatsapp && !job.isWindowOpen && job.content.contentSID != nil
        guard
            let message = try? maker.message(for: job, to: address, from: sender, token: token, approved: approved)
        else { return .notFound }  // It could not be rendered, so it was never sent.
        let known = Set(job.history.providerIDs.values)
        return await provider.find(message, begunAt: attempt.begunAt, excluding: known)
    }

    /// Takes in receipts, and returns the failures among them.
    private func learn(
        _ receipts: [Receipt], in conclusion: inout Conclusion
    ) -> [(FailureClass, code: String)] {
        var failures: [(FailureClass, code: String)] = []
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
                failures.append((failure, receipt.code ?? receipt.status))
                if known == nil, receipt.failureClass == nil { DispatchMetrics.unknownCode(receipt.codeTable.rawValue) }
                event.retryAfterSeconds = known?.retryAfter.map { Int($0.components.seconds) }
            case .reached(let level): event.level = level
            case .accepted, .refused, .notSent, .unknown, .lost, .skipped, .ruled: break
            }
            conclusion.learn(fact, as: event, retryAfter: event.retryAfterSeconds.map { .seconds($0) })
        }
        return failures
    }

    private func conclusion(_ job: ClaimedJob, _ claimedAt: ContinuousClock.Instant) -> Conclusion {
        Conclusion(job: job, timing: configuration.timing, now: job.claimedAt.advanced(by: clock.now - claimedAt))
    }

    private func decide(_ conclusion: Conclusion) -> Record {
        var random = clock.random
        return conclusion.record(using: &random)
    }
}
