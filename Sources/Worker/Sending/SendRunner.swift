import Delivery
import JobQueue
import Providers
import Rendering

/// Carries out one send whose intent is taken: render, one provider call, and what its answer means.
struct SendRunner: Sendable {
    let provider: any MessageProvider
    let classes: ErrorClasses
    let maker: MessageMaker
    let rates: RateLedger
    let throttles: SendThrottles
    let numbers: NumberDesk
    let configuration: WorkerConfiguration
    let clock: WorkClock

    /// Never throws: whatever happens becomes a record. The body leaves within the fence of the take, or not at all.
    func run(_ send: BegunSend) async -> Record {
        let job = send.job
        guard let address = job.address, let sender = job.sender, let token = job.token else {
            return skip(send, because: "the intent has no address, sender or token")
        }
        guard job.hasTimeLeft(at: now(of: send)) else { return expire(send) }
        if let answer = throttles.heldBack(job, by: sender.id) { return conclude(send, answer: answer) }
        let learnt = await numbers.learn(of: job, before: fence(of: send))
        var record = await self.send(send, to: address, from: sender, token, knowing: job.lookup.adding(learnt))
        if !learnt.answers.isEmpty {
            record.lookups.append(Record.LookedUp(jobID: job.id, channel: job.channel, learnt))
        }
        return record
    }

    /// - Parameter lookup: what is known of the number by now. The rule of admission is asked once more, with it.
    private func send(
        _ send: BegunSend, to address: String, from sender: TakenJob.Sender, _ token: String,
        knowing lookup: NumberLookup
    ) async -> Record {
        let job = send.job
        let now = now(of: send)
        guard job.hasTimeLeft(at: now) else { return expire(send) }
        if let rule = job.lookupRule, let reason = rule.reason(against: lookup, on: job.channel) {
            return skip(send, reason, because: rule.words(on: reason, lookup))
        }
        do {
            let message = try maker.message(
                for: job, to: address, from: sender, token: token, approved: job.sendsTemplate, now: now)
            let segments = Self.segments(of: message)
            rates.owe((segments?.count ?? 1) - job.due.cost, sender: sender.id)
            let sentAt = clock.now
            let answer = try await provider.send(message, notAfter: fence(of: send))
            WorkerMetrics.answered(job.channel, answer)
            WorkerMetrics.sent(job.channel.provider, in: clock.now - sentAt)
            throttles.answered(job, by: sender.id, begunAt: sentAt, answer)
            return conclude(send, answer: answer, remarks: [segments?.remark, lookup.remark])
        } catch let error as RenderError {
            return skip(send, because: error.description)
        } catch let error as ContentError {
            return skip(send, because: error.description)
        } catch {
            return skip(send, because: "its text could not be made")
        }
    }

    /// How many segments a text makes. All else costs 1 of its sender's rate.
    private static func segments(of message: OutboundMessage) -> SMSSegments? {
        guard message.channel == .sms, case .text(let text, _) = message.content else { return nil }
        return SMSSegments(text)
    }

    private func conclude(_ send: BegunSend, answer: SendReading, remarks: [String?] = []) -> Record {
        var look = look(at: send)
        switch answer {
        case .accepted(let id, let status):
            let note = ([status] + remarks).compactMap(\.self).joined(separator: "; ")
            look.learn(.answered(.accepted(providerID: id, note: note.isEmpty ? nil : note)))
        case .notSent(let reason, let retryAfter, let isRateLimited):
            look.learn(.answered(.notSent(reason: reason, isRateLimited: isRateLimited, retryAfter: retryAfter)))
        case .unknown(let reason):
            look.learn(.answered(.unknown(reason: reason)))
        case .refused(let code, let failure, let defaultFailure, let httpStatus, let retryAfter):
            let provider = send.job.channel.provider.rawValue
            let known = classes.lookUp(provider: provider, code: code)
            if known == nil { WorkerMetrics.unknownCode(provider) }
            let failure = failure ?? known?.failure ?? defaultFailure
            let reason = "HTTP \(httpStatus)" + (known == nil ? "; a code that is not in error_codes" : "")
            let wait = retryAfter ?? known?.retryAfter
            look.learn(.answered(.refused(code: code, failure, reason: reason, retryAfter: wait)))
        }
        return conclude(look, of: send)
    }

    private func skip(_ send: BegunSend, _ reason: SkipReason = .noContent, because detail: String?) -> Record {
        var look = look(at: send)
        look.learn(.answered(.skipped(reason, detail: detail)))
        return conclude(look, of: send)
    }

    /// The job's time ran out while the send waited for its turn.
    private func expire(_ send: BegunSend) -> Record {
        var look = look(at: send)
        look.learn(.answered(.notSent(reason: "expired before it could be sent")))
        return Record(look.expire(), of: send.job)
    }

    /// No byte of the body leaves after it: the send's own fence, and the last moment at which the job has time for its channel.
    private func fence(of send: BegunSend) -> ContinuousClock.Instant {
        let fence = configuration.sendFence
        let left = send.job.expiresAt.map { send.job.takenAt.duration(to: $0) - send.job.channel.leastTime }
        return send.startedAt + (left.map { min($0, fence) } ?? fence)
    }

    /// The database's clock at the take, carried on by a monotonic clock: no wall clock of this host decides.
    private func now(of send: BegunSend) -> Instant {
        send.job.takenAt.advanced(by: clock.now - send.readAt)
    }

    private func look(at send: BegunSend) -> Look {
        Look(at: send.job.view, timing: configuration.timing, now: now(of: send))
    }

    private func conclude(_ look: Look, of send: BegunSend) -> Record {
        var random = clock.random
        return Record(look.conclude(using: &random), of: send.job)
    }
}
