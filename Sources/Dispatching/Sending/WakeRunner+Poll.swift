import Delivery
import JobQueue
import Providers

extension WakeRunner {
    /// How long before the wait is over a question counts as the last: it may have to queue.
    private static let queueing = Duration.seconds(10)

    /// Asks what became of it: once when the wait is over, and now and then before that where no callbacks come. And what
    /// became of the messages before it that the provider still has: one may get through late, and then this one is not
    /// needed.
    func poll(_ job: ClaimedJob, claimedAt: ContinuousClock.Instant) async -> Record {
        let awaited = awaited(in: job, conclusion(job, claimedAt).attempt)
        let isLast = !isEarly(awaited, conclusion(job, claimedAt), within: Self.queueing)
        let reading = await reading(of: awaited, in: job, isLast: isLast)
        var earlier: [(Attempt, StatusReading)] = []
        for attempt in earlierUnderway(in: job) where attempt.generation != awaited.generation {
            if let reading = await self.reading(of: attempt, in: job, isLast: isLast) {
                earlier.append((attempt, reading))
            }
        }
        var conclusion = conclusion(job, claimedAt)
        conclusion.isPolled = true
        if isEarly(awaited, conclusion) { conclusion.job.wake.reason = .decide }
        var causes: [Consequences.Cause] = []
        switch reading {
        case .facts(let receipts):
            let isNewest = awaited.generation == job.wake.generation
            causes = learn(receipts, of: isNewest ? nil : awaited, in: &conclusion)
        case .unavailable(let reason) where canBeAsked(job.channel) && !isEarly(awaited, conclusion):
            let reason = "the provider could not be asked: \(reason)"
            conclusion.learn(.reconciled(.unread(conclusion.attempt.failedPolls + 1, reason: reason)))
        case nil, .notFound, .unavailable:
            break
        }
        for case (let attempt, .facts(let receipts)) in earlier {
            causes += learn(receipts, of: attempt, in: &conclusion)
        }
        let record = await decide(conclusion)
        let goesOn = record.events.contains(where: \.event.endsAttempt)
        if goesOn, job.channel == .voice, case .underway = conclusion.attempt.phase,
            let id = job.history.providerIDs[job.wake.generation]
        {
            // A call has no validity period: it must not ring after the ladder went on.
            await provider.cancel(id, on: .voice)
        }
        return Consequences(job: job, pause: configuration.senderPause).adding(causes, to: record)
    }

    /// Whose message is waited for: an earlier attempt's, when its repeat was stopped because it had been taken after all.
    private func awaited(in job: ClaimedJob, _ attempt: Attempt) -> Attempt {
        guard attempt.phase == .notSent else { return attempt }
        return job.facts.taken(before: attempt.generation, of: attempt.step) ?? attempt
    }

    /// Nil when the provider has never named the message.
    private func reading(of attempt: Attempt, in job: ClaimedJob, isLast: Bool) async -> StatusReading? {
        guard let id = job.history.providerIDs[attempt.generation] else { return nil }
        let channel = job.channel(of: attempt)
        // By the intent: the acceptance may have been learnt long after it, and the body left within seconds of this.
        return await provider.receipts(
            for: PollQuestion(
                providerID: id, channel: channel, takenAt: attempt.begunAt,
                address: channel == job.channel ? job.address : nil, isLast: isLast))
    }

    private func earlierUnderway(in job: ClaimedJob) -> [Attempt] {
        job.facts.attempts.filter { attempt in
            guard case .underway = attempt.phase else { return false }
            return attempt.generation < job.wake.generation && canBeAsked(job.channel(of: attempt))
        }
    }

    private func canBeAsked(_ channel: Channel) -> Bool { channel.isPhone || configuration.timing.pollsMail }

    /// Whether the wait is not over: a look that was brought forward, because receipts may have been missed, only asks. The
    /// timer was set by another clock than the one that dated the acceptance.
    private func isEarly(
        _ attempt: Attempt, _ conclusion: Conclusion, within slack: Duration = .seconds(1)
    ) -> Bool {
        let steps = conclusion.job.ladder.steps
        guard steps.indices.contains(attempt.step) else { return false }
        let end = (attempt.acceptedAt ?? attempt.begunAt).advanced(by: steps[attempt.step].wait)
        return conclusion.now.advanced(by: slack) < end
    }

    /// Takes in receipts of the attempt that is looked at, or of an earlier one, and returns what among them concerns more
    /// than the job.
    func learn(
        _ receipts: [Receipt], of earlier: Attempt? = nil, in conclusion: inout Conclusion
    ) -> [Consequences.Cause] {
        var causes: [Consequences.Cause] = []
        for receipt in receipts {
            let known = receipt.code.flatMap { classes.lookUp(provider: receipt.codeTable.rawValue, code: $0) }
            let finding: JobEvent.Receipt.Finding
            switch receipt.fact {
            case .progress: finding = .reached(.accepted)
            case .reached(let level): finding = .reached(level)
            case .failed:
                let failure = receipt.failureClass ?? known?.failure ?? receipt.defaultClass
                finding = .failed(failure)
                let channel = earlier.map(conclusion.job.channel(of:)) ?? conclusion.job.channel
                causes.append(.failure(failure, code: receipt.code ?? receipt.status, on: channel))
                if known == nil, receipt.failureClass == nil { DispatchMetrics.unknownCode(receipt.codeTable.rawValue) }
            }
            let wait: Duration? = if case .failed = finding { known?.retryAfter } else { nil }
            conclusion.learn(
                .receipt(
                    .init(
                        status: receipt.status, finding, code: receipt.code, providerID: receipt.providerID,
                        retryAfter: wait, reason: "asked the provider")),
                of: earlier)
            if let reason = receipt.suppression {
                let sentAt = (earlier ?? conclusion.attempt).begunAt
                causes.append(.suppression(reason, providerID: receipt.providerID, sentAt: sentAt))
            }
        }
        return causes
    }
}
