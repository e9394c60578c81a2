import Delivery
import JobQueue
import Providers

/// Carries out one claimed send: admit, render, one provider call, and what its answer means.
struct SendRunner: Sendable {
    let provider: any MessageProvider
    let classes: ErrorClasses
    let maker: MessageMaker
    let debts: RateDebts
    let configuration: WorkerConfiguration
    let clock: WorkClock

    /// Never throws: whatever happens becomes a record. The body leaves within the fence of `claimedAt`, or not at all.
    func run(_ job: ClaimedJob, claimedAt: ContinuousClock.Instant) async -> Record {
        guard job.facts.through == nil else {
            // A receipt came between the decision to go on and this claim, which saw it.
            return withdraw(job, because: "an earlier attempt got through meanwhile", claimedAt: claimedAt)
        }
        guard job.facts.taken(before: job.wake.generation, of: job.step) == nil else {
            return withdraw(job, because: "the message that it repeats had been taken after all", claimedAt: claimedAt)
        }
        switch Admission(admissionFacts(job)) {
        case .sendText:
            return await send(job, approved: false, claimedAt: claimedAt)
        case .sendTemplate:
            return await send(job, approved: true, claimedAt: claimedAt)
        case .skip(let reason):
            return skip(job, reason, because: nil, claimedAt: claimedAt)
        case .expire:
            return expire(job, claimedAt: claimedAt)
        }
    }

    private func admissionFacts(_ job: ClaimedJob) -> Admission.Facts {
        Admission.Facts(
            channel: job.channel, hasAddress: job.address != nil, hasSender: job.sender != nil,
            isSuppressed: job.isSuppressed, isWindowOpen: job.isWindowOpen, hasText: job.content.body != nil,
            hasTemplate: job.content.contentSID != nil || job.content.dynamicTemplate != nil,
            isExpired: job.expiresAt.map { $0 <= job.claimedAt } ?? false)
    }

    // MARK: Sending

    private func send(_ job: ClaimedJob, approved: Bool, claimedAt: ContinuousClock.Instant) async -> Record {
        guard let address = job.address, let sender = job.sender, let token = job.token else {
            return skip(job, .noAddress, because: nil, claimedAt: claimedAt)
        }
        do {
            let message = try maker.message(for: job, to: address, from: sender, token: token, approved: approved)
            debts.owe(Self.cost(of: message) - job.cost, sender: sender.id)
            let answer = try await provider.send(message, notAfter: claimedAt + configuration.sendFence)
            DispatchMetrics.answered(job.channel, answer)
            return conclude(job, answer: answer, claimedAt: claimedAt)
        } catch let error as RenderError {
            return skip(job, .noContent, because: error.description, claimedAt: claimedAt)
        } catch let error as ContentError {
            return skip(job, .noContent, because: error.description, claimedAt: claimedAt)
        } catch {
            return skip(job, .noContent, because: nil, claimedAt: claimedAt)
        }
    }

    /// What a rendered message costs of its sender's rate: segments for SMS, 1 for all else.
    private static func cost(of message: OutboundMessage) -> Int {
        guard message.channel == .sms, case .text(let text, _) = message.content else { return 1 }
        return SMSSegments(text).count
    }

    private func conclude(_ job: ClaimedJob, answer: Answer, claimedAt: ContinuousClock.Instant) -> Record {
        var conclusion = conclusion(job, claimedAt)
        switch answer {
        case .accepted(let id, let status):
            conclusion.learn(.answered(.accepted(providerID: id, note: status)))
        case .notSent(let reason, let retryAfter, let isRateLimited):
            conclusion.learn(
                .answered(.notSent(reason: reason, isRateLimited: isRateLimited, retryAfter: retryAfter)))
        case .unknown(let reason):
            conclusion.learn(.answered(.unknown(reason: reason)))
        case .refused(let code, let failure, let defaultFailure, let httpStatus, let retryAfter):
            let known = classes.lookUp(provider: job.channel.provider.rawValue, code: code)
            if known == nil { DispatchMetrics.unknownCode(job.channel.provider.rawValue) }
            let failure = failure ?? known?.failure ?? defaultFailure
            let reason = "HTTP \(httpStatus)" + (known == nil ? "; a code that is not in error_codes" : "")
            let wait = retryAfter ?? known?.retryAfter
            conclusion.learn(.answered(.refused(code: code, failure, reason: reason, retryAfter: wait)))
            return Consequences(job: job, pause: configuration.senderPause)
                .adding([.failure(failure, code: code)], to: decide(conclusion))
        }
        return decide(conclusion)
    }

    // MARK: Not sending

    private func skip(
        _ job: ClaimedJob, _ reason: SkipReason, because detail: String?, claimedAt: ContinuousClock.Instant
    ) -> Record {
        var conclusion = conclusion(job, claimedAt)
        // The claim of a suppressed address has recorded it.
        conclusion.learn(.answered(.skipped(reason, detail: detail)), isRecorded: job.isSuppressed)
        return decide(conclusion)
    }

    private func expire(_ job: ClaimedJob, claimedAt: ContinuousClock.Instant) -> Record {
        var conclusion = conclusion(job, claimedAt)
        conclusion.learn(.answered(.notSent(reason: "expired before it could be sent")))
        return conclusion.expired()
    }

    private func withdraw(_ job: ClaimedJob, because reason: String, claimedAt: ContinuousClock.Instant) -> Record {
        var conclusion = conclusion(job, claimedAt)
        conclusion.learn(.answered(.notSent(reason: reason)))
        return decide(conclusion)
    }

    private func conclusion(_ job: ClaimedJob, _ claimedAt: ContinuousClock.Instant) -> Conclusion {
        // The database's clock at the claim, carried on by a monotonic clock: no wall clock of this host decides.
        let now = job.claimedAt.advanced(by: clock.now - claimedAt)
        return Conclusion(job: job, timing: configuration.timing, now: now)
    }

    private func decide(_ conclusion: Conclusion) -> Record {
        var random = clock.random
        return conclusion.record(using: &random)
    }
}
