import Delivery

/// A job in any state that bytes can name, and what must hold for every answer about it.
struct DecisionCase {
    var facts: JobFacts
    var now: Instant
    var generation: Int
    var seed: UInt64
    var learnt: [[(fact: AttemptFact, at: Instant)]] = []
    var timing = Timing()
    /// Whether the provider gave no readable answer just now, and how often in all.
    var isUnread: Bool
    var failedPolls: Int

    init(_ input: inout FuzzInput) {
        let steps = (0..<input.int(in: 1...4)).map { _ in
            LadderStep(
                channel: input.pick(Channel.allCases), wait: .seconds(input.int(in: 5...60)),
                success: input.pick(SuccessLevel.allCases), maxAttempts: input.int(in: 1...5),
                onUnknown: input.pick([nil] + UnknownPolicy.allCases.map(Optional.some)))
        }
        let category = input.pick(Category.allCases)
        now = Instant(microseconds: input.bool() ? input.int64() : Int64(input.byte()) * 1_000_000)
        let expiry = input.pick([nil, 0, 30, 200] as [Int64?]).map { Instant(microseconds: $0 * 1_000_000) }
        facts = JobFacts(ladder: Ladder(steps: steps), category: category, expiresAt: expiry)
        facts.isEnded = input.int(in: 0...15) == 15
        generation = input.int(in: 1...6)
        seed = UInt64(input.byte())
        isUnread = seed & 1 == 1
        failedPolls = Int(seed >> 1) & 7
        timing.firstPoll = input.pick([nil, .seconds(1), .seconds(20)])
    }

    /// Up to six attempts, each with facts of its own.
    mutating func addAttempts(_ input: inout FuzzInput) {
        for generation in 1...6 where generation == 1 || !input.isEmpty { add(generation, &input) }
    }

    private mutating func add(_ generation: Int, _ input: inout FuzzInput) {
        var attempt = Attempt(
            generation: generation, step: input.int(in: 0...facts.ladder.steps.count - 1),
            begunAt: Instant(microseconds: Int64(input.byte()) * 1_000_000))
        let traits = input.byte()
        attempt.isContinued = traits & 7 == 7
        attempt.isResend = traits & 8 != 0
        attempt.isHeld = traits & 16 != 0
        attempt.listings = Int(traits >> 6)
        attempt.failedPolls = failedPolls
        attempt.retryAfter = traits & 32 != 0 ? .seconds(Int(input.byte()) * 20) : nil
        let learnt = (0..<input.int(in: 0...3)).map { _ in
            (fact: input.pick(AttemptFact.all), at: Instant(microseconds: Int64(input.byte()) * 1_000_000))
        }
        for (fact, instant) in learnt { attempt.learn(fact, at: instant) }
        facts.attempts.append(attempt)
        self.learnt.append(learnt)
    }

    func action(on generation: Int, for reason: DueReason) -> Action {
        var random = SeededGenerator(state: seed)
        let decision = Decision(facts: facts, timing: timing, now: now, isUnread: isUnread)
        return decision.action(on: generation, for: reason, using: &random)
    }

    func channel(of step: Int) -> Channel { facts.ladder.steps[step].channel }

    // MARK: Facts

    /// Any order and any repetition of facts comes to the same, and a fact never takes anything back.
    mutating func checkFacts() throws(Violation) {
        for (attempt, learnt) in zip(facts.attempts, learnt) {
            var other = attempt
            (other.phase, other.reached, other.ruling, other.acceptedAt) = (.open, nil, nil, nil)
            for (fact, instant) in learnt.reversed() + learnt { other.learn(fact, at: instant) }
            try require(other == attempt, "another order of facts comes to something else")
            for fact in AttemptFact.all {
                var later = attempt
                later.learn(fact, at: now)
                try require(later.phase >= attempt.phase, "\(fact) takes \(attempt.phase) back")
                try require(
                    attempt.reached.map { later.reached ?? .accepted >= $0 } ?? true, "\(fact) takes a level back")
                if case .arrived(let level) = attempt.phase, case .arrived(let after) = later.phase {
                    try require(after >= level, "\(fact) lowers \(level)")
                }
            }
        }
    }

    // MARK: Actions

    func check(_ action: Action, on generation: Int, for due: DueReason) throws(Violation) {
        if facts.isEnded { return try require(action == .nothing, "an ended job goes on: \(action)") }
        if facts.through != nil {
            guard case .finish(.delivered, _) = action else {
                throw Violation(description: "delivered, and yet: \(action)")
            }
            return
        }
        guard let attempt = facts.attempt(generation), attempt == facts.attempts.last, !attempt.isContinued else {
            return try require(action == .nothing, "a stale due row does something: \(action)")
        }
        switch action {
        case .nothing, .hold: break
        case .wait(let until, let reason): try checkWait(until, reason, attempt, due)
        case .retry(let time, _, let isResend): try checkRetry(time, isResend, attempt)
        case .escalate(let step, _): try checkEscalation(to: step, from: attempt)
        case .finish(let outcome, _): try checkOutcome(outcome, attempt)
        }
    }

    /// A wait that is over leads somewhere.
    private func checkWait(
        _ until: Instant, _ reason: DueReason, _ attempt: Attempt, _ due: DueReason
    ) throws(Violation) {
        try require(reason == .receipt || reason == .reconcile, "waits for \(reason)")
        guard reason == .receipt else {
            let longest = max(timing.firstListing, timing.listingSpacing)
            return try require(now.duration(to: until) <= longest, "waits too long for a listing")
        }
        let message = awaited(by: attempt)
        let begin = message.acceptedAt ?? message.begunAt
        let step = begin.advanced(by: facts.ladder.steps[attempt.step].wait)
        // A call is not waited for past the job's deadline.
        let end = channel(of: attempt.step) == .voice ? min(step, facts.expiresAt ?? step) : step
        // Who waits a provider's limit out asks nobody, and goes on when the wait of its step is over.
        if attempt.phase == .failed(.rateLimited) || attempt.phase == .notSent && attempt.isRateLimited {
            try require(until <= end, "waits a limit out for longer than its step")
            return try require(until > now, "waits a limit out in no time")
        }
        let isAskedBefore = timing.firstPoll != nil && channel(of: attempt.step).isPhone
        if isUnread, due == .receipt, !isAskedBefore || now.advanced(by: .seconds(1)) >= end {
            try require(attempt.failedPolls <= timing.failedPollLimit, "asks for ever")
            return try require(now.duration(to: until) <= timing.pollPause * 16, "asks again much too late")
        }
        try require(until <= end, "waits longer than its step")
        guard due == .receipt else { return }
        try require(timing.firstPoll != nil, "waits for a receipt again and again")
        // Each poll is twice as late as the one before, so that a wait has few of them.
        try require(until > now, "polls in no time")
        let early = min(begin.duration(to: now) * 2, begin.duration(to: now) + .seconds(1))
        try require(begin.duration(to: until) >= early, "polls too often")
    }

    /// The attempt whose receipt is waited for: another one's when a repeat was stopped because that one was taken after all.
    private func awaited(by attempt: Attempt) -> Attempt {
        guard attempt.phase == .notSent else { return attempt }
        let others = facts.attempts.filter { other in
            guard other.generation < attempt.generation, other.step == attempt.step else { return false }
            switch other.phase {
            case .underway, .arrived: return true
            case .open, .unanswered, .notSent, .skipped, .failed: return false
            }
        }
        return others.last ?? attempt
    }

    private func checkRetry(_ time: Instant, _ isResend: Bool, _ attempt: Attempt) throws(Violation) {
        try require(time >= now, "a retry in the past")
        let longest = timing.backoff.cap + (attempt.retryAfter ?? .zero)
        try require(now.duration(to: time) <= longest, "a retry after \(now.duration(to: time))")
        // Another sender, or the approved template: what was asked of the first try does not bind it.
        let isOtherWay = [.wrongSender, .unregistered, .windowClosed].contains { attempt.phase == .failed($0) }
        let isAtOnce = isResend || attempt.ruling == .notSent || isOtherWay
        try require(isAtOnce || now.duration(to: time) >= attempt.retryAfter ?? .zero, "a retry before Retry-After")
        try require(isAtOnce || facts.expiresAt.map { time < $0 } ?? true, "a retry that comes too late")
        if attempt.phase == .failed(.transient), attempt.ruling != .notSent {
            let tries = facts.attempts.filter { $0.step == attempt.step }.split { $0.ruling == .notSent }.last ?? []
            try require(tries.count < facts.ladder.steps[attempt.step].maxAttempts, "more attempts than the step has")
        }
        try require(!facts.closedChannels.contains(channel(of: attempt.step)), "a retry on a closed channel")
        switch attempt.phase {
        case .open, .underway, .arrived(.delivered), .arrived(.answered), .arrived(.read):
            throw Violation(description: "a retry of what is on its way")
        case .unanswered:
            try require(isResend, "a repeat of what may have been taken, not marked")
            let isSecond = facts.attempts.contains { $0.step == attempt.step && $0.isResend }
            try require(!isSecond, "a second resend of one step")
            let step = facts.ladder.steps[attempt.step]
            let policy = step.onUnknown ?? facts.category.defaultUnknownPolicy
            try require(policy == .resend || attempt.ruling == .notSent, "a resend that the policy forbids")
        case .notSent, .skipped, .failed, .arrived:
            try require(!isResend, "a resend of what was certainly not taken")
        }
    }

    private func checkEscalation(to step: Int, from attempt: Attempt) throws(Violation) {
        try require(facts.ladder.steps.indices.contains(step), "a step that is not there")
        try require(step > attempt.step, "from step \(attempt.step) back to \(step)")
        try require(!facts.closedChannels.contains(channel(of: step)), "a step on a closed channel")
        let isOptedOut = facts.attempts.contains { other in
            other.phase == .failed(.optedOut) && channel(of: other.step).isPhone
        }
        try require(!isOptedOut || !channel(of: step).isPhone, "a phone channel after an opt-out")
        try require(attempt.phase != .open, "onward while the attempt is under way")
    }

    private func checkOutcome(_ outcome: Outcome, _ attempt: Attempt) throws(Violation) {
        let levels = facts.attempts.compactMap(\.reached)
        switch outcome {
        case .delivered:
            try require(levels.contains { $0 >= .delivered }, "delivered, and nothing was")
        case .unconfirmed:
            let isTaken = facts.attempts.contains { $0.phase.isUnderway || $0.ruling == .sent }
            try require(isTaken, "unconfirmed, and nobody took it")
            try require(!levels.contains { $0 >= .delivered }, "unconfirmed, and yet delivered")
        case .unknown:
            try require(facts.attempts.contains { $0.phase == .unanswered }, "unknown, and every answer is known")
        case .optedOut:
            let isOut = facts.attempts.contains {
                [.failed(.optedOut), .failed(.channelOptedOut), .skipped(.optedOut)].contains($0.phase)
            }
            try require(isOut, "opted out, and nobody did")
        case .exhausted, .expired:
            let isDoubtful = facts.attempts.contains { $0.phase == .unanswered || $0.phase.isUnderway }
            try require(!isDoubtful, "\(outcome), and one may be on its way")
            try require(!levels.contains { $0 >= .delivered }, "\(outcome), and yet delivered")
        case .canceled:
            throw Violation(description: "only people cancel")
        }
        try require(attempt.phase != .open, "ends while the attempt is under way")
    }

    func checkExpiry(of generation: Int) throws(Violation) {
        let action = Decision(facts: facts, timing: timing, now: now).expiry(of: generation)
        switch action {
        case .nothing:
            try require(facts.isEnded || facts.attempt(generation) == nil, "an expired job stays")
        case .finish(let outcome, _):
            try require(!facts.isEnded, "an ended job ends again")
            try require(facts.through == nil || outcome == .delivered, "delivered, and expired")
        case .wait, .retry, .escalate, .hold:
            throw Violation(description: "an expired job goes on")
        }
    }

    /// Whatever came before: once a person has read it, the job is delivered and nothing more is sent.
    func checkLateDelivery() throws(Violation) {
        var late = self
        guard !late.facts.isEnded else { return }
        late.facts.attempts[0].learn(.reached(.read), at: now)
        for reason in DueReason.allCases {
            guard case .finish(.delivered, _) = late.action(on: generation, for: reason) else {
                throw Violation(description: "read, and yet not delivered")
            }
        }
    }
}

extension AttemptPhase {
    fileprivate var isUnderway: Bool {
        if case .underway = self { true } else { false }
    }
}
