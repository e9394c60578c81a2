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
        case (.receipt, .underway), (.receipt, .arrived), (.receipt, .notSent):
            return await poll(job, claimedAt: claimedAt)
        case (.reconcile, .unanswered) where !attempt.isHeld:
            return await look(for: job, attempt: attempt, claimedAt: claimedAt)
        case (.dispatch, _), (.decide, _), (.receipt, _), (.reconcile, _):
            return await decide(conclusion(job, claimedAt))
        }
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
            conclusion.learn(.answered(.accepted(providerID: id, note: "found in the provider's listing")))
            conclusion.isListed = true
            causes = learn(receipts, in: &conclusion)
            DispatchMetrics.reconciled("found")
        case .notFound:
            let reason = "the provider's listing does not show it"
            conclusion.learn(.reconciled(.listing(attempt.listings + 1, reason: reason)))
            DispatchMetrics.reconciled("not_found")
        case .unavailable(let reason) where attempt.failedListings < Self.failedListingLimit:
            let reason = "the provider could not be asked: \(reason)"
            conclusion.learn(.reconciled(.unavailable(attempt.failedListings + 1, reason: reason)))
            DispatchMetrics.reconciled("unavailable")
            let again = conclusion.now.advanced(by: configuration.timing.listingSpacing)
            return conclusion.record(of: .wait(until: again, for: .reconcile))
        case .unavailable(let reason):
            // It will not be had. The policy for what cannot be known decides, as if it had shown nothing.
            let reason = "the provider could not be asked for good: \(reason)"
            conclusion.learn(.reconciled(.listing(attempt.listings + 1, reason: reason)))
            DispatchMetrics.reconciled("given_up")
        }
        return Consequences(job: job, pause: configuration.senderPause).adding(causes, to: await decide(conclusion))
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

    func conclusion(_ job: ClaimedJob, _ claimedAt: ContinuousClock.Instant) -> Conclusion {
        Conclusion(job: job, timing: configuration.timing, now: job.claimedAt.advanced(by: clock.now - claimedAt))
    }

    func decide(_ conclusion: Conclusion) async -> Record {
        for call in conclusion.needlessCalls {
            await provider.cancel(call, on: .voice)
        }
        var random = clock.random
        return conclusion.record(using: &random)
    }
}
