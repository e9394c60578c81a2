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
        if let reason = job.view.facts.reasonToWithdraw(job.wake.generation, of: job.step) {
            return notSent(job, because: reason, claimedAt: claimedAt)
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
        var look = look(at: job, claimedAt)
        switch answer {
        case .accepted(let id, let status):
            look.learn(.answered(.accepted(providerID: id, note: status)))
        case .notSent(let reason, let retryAfter, let isRateLimited):
            look.learn(.answered(.notSent(reason: reason, isRateLimited: isRateLimited, retryAfter: retryAfter)))
        case .unknown(let reason):
            look.learn(.answered(.unknown(reason: reason)))
        case .refused(let code, let failure, let defaultFailure, let httpStatus, let retryAfter):
            let known = classes.lookUp(provider: job.channel.provider.rawValue, code: code)
            if known == nil { DispatchMetrics.unknownCode(job.channel.provider.rawValue) }
            let failure = failure ?? known?.failure ?? defaultFailure
            let reason = "HTTP \(httpStatus)" + (known == nil ? "; a code that is not in error_codes" : "")
            let wait = retryAfter ?? known?.retryAfter
            look.learn(.answered(.refused(code: code, failure, reason: reason, retryAfter: wait)))
        }
        return conclude(look, of: job)
    }

    // MARK: Not sending

    private func skip(
        _ job: ClaimedJob, _ reason: SkipReason, because detail: String?, claimedAt: ContinuousClock.Instant
    ) -> Record {
        var look = look(at: job, claimedAt)
        // The claim of a suppressed address has recorded it.
        look.learn(.answered(.skipped(reason, detail: detail)), isRecorded: job.isSuppressed)
        return conclude(look, of: job)
    }

    private func expire(_ job: ClaimedJob, claimedAt: ContinuousClock.Instant) -> Record {
        var look = look(at: job, claimedAt)
        look.learn(.answered(.notSent(reason: "expired before it could be sent")))
        return Record(look.expire(), of: job)
    }

    private func notSent(_ job: ClaimedJob, because reason: String, claimedAt: ContinuousClock.Instant) -> Record {
        var look = look(at: job, claimedAt)
        look.learn(.answered(.notSent(reason: reason)))
        return conclude(look, of: job)
    }

    private func look(at job: ClaimedJob, _ claimedAt: ContinuousClock.Instant) -> Look {
        // The database's clock at the claim, carried on by a monotonic clock: no wall clock of this host decides.
        Look(at: job.view, timing: configuration.timing, now: job.claimedAt.advanced(by: clock.now - claimedAt))
    }

    private func conclude(_ look: Look, of job: ClaimedJob) -> Record {
        var random = clock.random
        return Record(look.conclude(using: &random), of: job)
    }
}
