/// The one decision: what follows from the facts of a job when it is looked at.
///
/// Pure and total: no clock, no I/O, no randomness but the generator passed in. It may be asked at any time, by any
/// worker, any number of times; whoever records the answer first has decided.
public struct Decision: Sendable {
    public var facts: JobFacts
    public var timing: Timing
    public var now: Instant
    /// Whether the provider was asked just now and gave no readable answer.
    public var isUnread: Bool

    public init(facts: JobFacts, timing: Timing, now: Instant, isUnread: Bool = false) {
        self.facts = facts
        self.timing = timing
        self.now = now
        self.isUnread = isUnread
    }

    /// What to do about the attempt of a due row, looked at for its reason.
    public func action(
        on generation: Int, for reason: DueReason, using random: inout some RandomNumberGenerator
    ) -> Action {
        guard !facts.isEnded else { return .nothing }
        if let through = facts.through {
            return .finish(.delivered, reason: "\(channel(of: through).rawValue) got through")
        }
        guard let attempt = facts.attempt(generation), !attempt.isContinued,
            attempt.generation == facts.attempts.last?.generation
        else { return .nothing }
        return action(for: attempt, because: reason, using: &random).ending(attempt)
    }

    private func action(
        for attempt: Attempt, because due: DueReason, using random: inout some RandomNumberGenerator
    ) -> Action {
        switch attempt.phase {
        case .open:
            return .nothing  // Its worker is at it, or will be found dead.
        case .unanswered:
            return reconcile(attempt)
        case .notSent:
            if var taken = facts.taken(before: attempt.generation, of: attempt.step) {
                taken.failedPolls = attempt.failedPolls  // What is asked from now on is noted on the newest attempt.
                return action(for: taken, because: due, using: &random)
            }
            guard !attempt.isRateLimited else {
                return waitOut(
                    attempt, reason: "nothing was sent: too many requests", mayClimb: true,
                    backoff: timing.limitBackoff,
                    using: &random)
            }
            return again(attempt, reason: "nothing was sent", limit: .time, using: &random)
        case .skipped(.noSender) where lacksEverySender:
            return awaitSender(attempt)
        case .skipped(let reason):
            return onward(from: attempt, reason: "\(channel(of: attempt).rawValue) passed over: \(reason.rawValue)")
        case .underway, .arrived(.delivered), .arrived(.answered), .arrived(.read):
            return awaitReceipt(attempt, because: due)
        case .arrived(.voicemail), .arrived(.accepted), .arrived(.sent):
            return react(to: .noAnswer, of: attempt, because: due, using: &random)
        case .failed(let failure):
            return react(to: failure, of: attempt, because: due, using: &random)
        }
    }

    /// What an attempt comes to whose job's time was over before it could begin: `expired`, unless an earlier one was
    /// taken, or may have been.
    public func expiry(of generation: Int) -> Action {
        guard !facts.isEnded, let attempt = facts.attempt(generation) else { return .nothing }
        if facts.through != nil { return .finish(.delivered, reason: "it got through meanwhile") }
        return outOfTime(attempt, reason: "its time ran out before it could be sent")
    }

    private func outOfTime(_ attempt: Attempt, reason: String) -> Action {
        switch endOfLadder(last: attempt) {
        case .exhausted, .optedOut, .expired, .canceled: return .finish(.expired, reason: reason)
        case .delivered: return .finish(.delivered, reason: reason)
        case .unconfirmed: return .finish(.unconfirmed, reason: "the next step's time ran out")
        case .unknown: return .finish(.unknown, reason: "the next step's time ran out")
        }
    }

    // MARK: Phases

    private func awaitReceipt(_ attempt: Attempt, because due: DueReason) -> Action {
        let start = attempt.acceptedAt ?? attempt.begunAt
        let end = facts.endOfWait(for: attempt)
        guard let firstPoll = timing.firstPoll, timing.canAsk(about: channel(of: attempt)) else {
            switch due {
            case .receipt: return endWait(for: attempt)
            case .dispatch, .resume, .decide, .reconcile: return .wait(until: end, for: .receipt)
            }
        }
        guard due != .receipt || !facts.isWaitOver(for: attempt, at: now) else { return endWait(for: attempt) }
        let sinceStart = start.duration(to: now)
        return .wait(until: min(end, start.advanced(by: max(firstPoll, sinceStart * 2))), for: .receipt)
    }

    /// No receipt came. Where nobody could be asked, that is no news yet. Where callbacks come, their silence is news, and
    /// the next step does not wait for a provider that is out of order.
    private func endWait(for attempt: Attempt) -> Action {
        let step = onward(from: attempt, reason: "no receipt in time")
        guard isUnread, attempt.failedPolls <= timing.failedPollLimit else { return step }
        if case .escalate = step, timing.firstPoll == nil { return step }
        let pause = timing.pollPause * (1 << max(0, attempt.failedPolls - 1))
        return .wait(until: now.advanced(by: pause), for: .receipt)
    }

    /// The same for each reason: only the listings made say how much is known, and a second one too soon says nothing new.
    private func reconcile(_ attempt: Attempt) -> Action {
        guard !attempt.isHeld else { return .nothing }
        switch attempt.listings {
        case Look.listingsWanted...:
            return settleUnknown(attempt)
        case 1:
            return .wait(until: now.advanced(by: timing.listingSpacing), for: .reconcile)
        default:
            return .wait(until: now.advanced(by: timing.firstListing), for: .reconcile)
        }
    }

    private func settleUnknown(_ attempt: Attempt) -> Action {
        let reason = "nobody can say whether it was sent"
        let step = step(of: attempt)
        let hasNext = facts.ladder.next(after: attempt.step, avoiding: facts.closedChannels) != nil
        let wasResent = facts.attempts.contains { $0.step == attempt.step && $0.isResend }
        switch step.onUnknown ?? facts.category.defaultUnknownPolicy {
        case .resend where !wasResent && !isClosed(to: attempt):
            return .retry(at: now, reason: reason + "; sent once more, marked", isResend: true)
        case .hold where step.onUnknown != nil || !hasNext:
            return .hold(reason: reason)
        case .end:
            return .finish(endOfLadder(last: attempt), reason: reason)
        case .resend, .hold, .next:
            return onward(from: attempt, reason: reason)
        }
    }

    private func react(
        to failure: FailureClass, of attempt: Attempt, because due: DueReason,
        using random: inout some RandomNumberGenerator
    ) -> Action {
        let reason = "\(channel(of: attempt).rawValue) failed: \(failure.rawValue)"
        if let policy = step(of: attempt).policy(on: failure) {
            return follow(policy, of: attempt, reason: reason + "; the step says \(policy.rawValue)", using: &random)
        }
        switch failure {
        case .transient:
            return again(attempt, reason: reason, limit: .attemptsAndTime, using: &random)
        case .uncertain where isFirst(attempt, to: failure):
            return again(attempt, reason: reason + "; once more", limit: .attemptsAndTime, using: &random)
        case .rateLimited:
            return waitOut(attempt, reason: reason, mayClimb: true, backoff: timing.backoff, using: &random)
        case .quietHours:
            return waitOut(attempt, reason: reason, mayClimb: false, backoff: timing.backoff, using: &random)
        case .configuration where attempt.isHeld, .credentials where attempt.isHeld:
            return .nothing
        case .configuration where attempt.ruling == .sent, .credentials where attempt.ruling == .sent:
            return awaitReceipt(attempt, because: due)  // Never sent against a person's word, nor held twice.
        case .configuration, .credentials:
            return again(attempt, reason: reason, limit: .operatorsTime, using: &random)
        case .wrongSender where mayTryAnotherSender(for: attempt),
            .unregistered where mayTryAnotherSender(for: attempt):
            // Whoever places the send leaves out the senders that were refused. When none is left, the step is passed over.
            return .retry(at: now, reason: reason + "; by another sender, if there is one", isResend: false)
        case .windowClosed where channel(of: attempt) == .whatsapp && isFirst(attempt, to: failure):
            guard !isClosed(to: attempt) else { return onward(from: attempt, reason: reason) }
            return .retry(at: now, reason: reason + "; by the approved template, if there is one", isResend: false)
        case .unreachable, .invalidAddress, .landline, .filtered, .blocked, .optedOut, .channelOptedOut,
            .windowClosed, .expired, .uncertain, .wrongSender, .unregistered, .unroutable, .fraudBlock, .content,
            .noAnswer,
            .unknown:
            return onward(from: attempt, reason: reason)
        }
    }

    /// What the ladder's author wants in place of what follows by itself.
    private func follow(
        _ policy: FailurePolicy, of attempt: Attempt, reason: String, using random: inout some RandomNumberGenerator
    ) -> Action {
        switch policy {
        case .retry: again(attempt, reason: reason, limit: .attemptsAndTime, using: &random)
        case .wait: waitOut(attempt, reason: reason, mayClimb: false, backoff: timing.backoff, using: &random)
        case .next: onward(from: attempt, reason: reason)
        case .end: .finish(endOfLadder(last: attempt), reason: reason)
        }
    }

    /// Whether no other attempt of the step failed in this way.
    private func isFirst(_ attempt: Attempt, to failure: FailureClass) -> Bool {
        facts.attempts.count { $0.step == attempt.step && $0.phase == .failed(failure) } == 1
    }

    /// How many senders of a channel are tried for one step at most.
    private static let mostSenders = 20

    private func mayTryAnotherSender(for attempt: Attempt) -> Bool {
        triesOnOneBudget(with: attempt).count < Self.mostSenders && !isClosed(to: attempt)
    }

    /// Whether no step could even be tried, because no sender serves its channel.
    private var lacksEverySender: Bool {
        let last = facts.attempts.last?.step ?? 0
        return facts.attempts.allSatisfy { $0.phase == .skipped(.noSender) }
            && facts.ladder.next(after: last, avoiding: facts.closedChannels) == nil
    }

    /// An installation that is not set up yet must not use up the jobs it is given.
    private func awaitSender(_ attempt: Attempt) -> Action {
        if attempt.ruling == .notSent {
            return .retry(at: now, reason: "released by a person", isResend: false)
        }
        guard !attempt.isHeld else { return .nothing }
        return .hold(
            reason:
                "no sender serves \(channel(of: attempt).rawValue): add one to outrider.senders, then release the job as not sent"
        )
    }

    // MARK: Moves

    /// What bounds the retries of a step.
    private enum RetryLimit {
        case attemptsAndTime
        case time
        /// The fault is ours: no ladder is used up for it, whatever steps are left.
        case operatorsTime
    }

    private func again(
        _ attempt: Attempt, reason: String, limit: RetryLimit, using random: inout some RandomNumberGenerator
    ) -> Action {
        guard !isClosed(to: attempt) else {
            return onward(from: attempt, reason: reason + "; the channel is closed meanwhile")
        }
        guard attempt.ruling != .notSent else {
            return .retry(at: now, reason: reason + "; released by a person", isResend: false)
        }
        let tries = triesOnOneBudget(with: attempt)
        let start = tries.first?.begunAt ?? attempt.begunAt
        let hasNext = facts.ladder.next(after: attempt.step, avoiding: facts.closedChannels) != nil
        let isStepBound = hasNext && limit != .operatorsTime
        let end = start.advanced(by: isStepBound ? step(of: attempt).wait : timing.lastStepLimit)
        let budget = RetryBudget(
            maximumAttempts: limit == .attemptsAndTime ? step(of: attempt).maxAttempts : .max,
            deadline: facts.expiresAt.map { min($0, end) } ?? end)
        let retry = budget.retry(
            afterAttempts: tries.count, now: now, backoff: timing.backoff, floor: attempt.retryAfter ?? .zero,
            using: &random)
        if let retry {
            return .retry(at: retry, reason: reason, isResend: false)
        }
        guard limit == .operatorsTime else {
            return onward(from: attempt, reason: reason + "; no retry left")
        }
        return .hold(reason: reason + "; the sender or its account needs an operator")
    }

    /// Waits as the provider asked, and tries the same step again, until the job's time is over. What is urgent goes on to
    /// the next step when the wait of this one is over, as if no receipt had come. It does not when the provider's word is
    /// that the person must be left alone.
    private func waitOut(
        _ attempt: Attempt, reason: String, mayClimb: Bool, backoff: Backoff,
        using random: inout some RandomNumberGenerator
    ) -> Action {
        guard !isClosed(to: attempt) else {
            return onward(from: attempt, reason: reason + "; the channel is closed meanwhile")
        }
        guard attempt.ruling != .notSent else {
            return .retry(at: now, reason: reason + "; released by a person", isResend: false)
        }
        let tries = triesOnOneBudget(with: attempt)
        let first = tries.first ?? attempt
        let limit = first.begunAt.advanced(by: timing.lastStepLimit)
        let retry = RetryBudget(maximumAttempts: .max, deadline: facts.expiresAt.map { min($0, limit) } ?? limit)
            .retry(
                afterAttempts: max(tries.count, 1), now: now, backoff: backoff,
                floor: attempt.retryAfter ?? .zero, using: &random)
        let mayClimb = mayClimb && facts.category.climbsFromWaits
        guard mayClimb, facts.ladder.next(after: attempt.step, avoiding: facts.closedChannels) != nil else {
            guard let retry else { return outOfTime(attempt, reason: reason + "; its time is over") }
            return .retry(at: retry, reason: reason + "; it waits", isResend: false)
        }
        guard !facts.isWaitOver(for: first, at: now), !facts.isWaitOver(for: attempt, at: now) else {
            return onward(from: attempt, reason: reason + "; the wait of the step is over")
        }
        let end = min(facts.endOfWait(for: first), facts.endOfWait(for: attempt))
        guard let retry, retry < end else { return .wait(until: end, for: .receipt) }
        return .retry(at: retry, reason: reason + "; it waits", isResend: false)
    }

    /// The attempts of the step since a person last released one as not sent: time spent held is not the step's.
    private func triesOnOneBudget(with attempt: Attempt) -> ArraySlice<Attempt> {
        facts.attempts.filter { $0.step == attempt.step }.split { $0.ruling == .notSent }.last ?? []
    }

    private func onward(from attempt: Attempt, reason: String) -> Action {
        if let next = facts.ladder.next(after: attempt.step, avoiding: facts.closedChannels) {
            return .escalate(to: next, reason: reason)
        }
        return .finish(endOfLadder(last: attempt), reason: reason)
    }

    private func endOfLadder(last attempt: Attempt) -> Outcome {
        if facts.attempts.contains(where: { $0.reached.map { $0 >= .delivered } ?? false }) { return .delivered }
        if facts.attempts.contains(where: isTaken) { return .unconfirmed }
        if facts.attempts.contains(where: { $0.phase == .unanswered }) { return .unknown }
        let isOptedOut = facts.attempts.contains {
            [.failed(.optedOut), .failed(.channelOptedOut), .skipped(.optedOut)].contains($0.phase)
        }
        return isOptedOut ? .optedOut : .exhausted
    }

    // MARK: Reading

    /// Whether the provider has it, or a person says so of what was refused.
    private func isTaken(_ attempt: Attempt) -> Bool {
        switch attempt.phase {
        case .underway: true
        case .failed(.configuration), .failed(.credentials): attempt.ruling == .sent
        case .open, .unanswered, .notSent, .skipped, .failed, .arrived: false
        }
    }

    /// Whether late news of another step ruled out this one's channel.
    private func isClosed(to attempt: Attempt) -> Bool {
        facts.closedChannels.contains(channel(of: attempt))
    }

    private func step(of attempt: Attempt) -> LadderStep { facts.step(of: attempt) }

    private func channel(of attempt: Attempt) -> Channel { facts.channel(of: attempt) }
}
