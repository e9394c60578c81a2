import Delivery

/// A whole job: it begins, hears whatever the bytes say, and follows each decision until it has ended.
func checkLadderRun(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    var run = LadderRun(job: DecisionCase(&input))
    try run.play(&input)
}

private struct LadderRun {
    var job: DecisionCase
    var reason = DueReason.dispatch
    var resends: [Int: Int] = [:]
    var held: Set<Int> = []

    /// A job whose provider and operator have nothing more to say ends within this many looks. It has 4 steps of up to
    /// 5 attempts, each with two listings or a few polls.
    private static let patience = 200

    mutating func play(_ input: inout FuzzInput) throws(Violation) {
        job.now = Instant(microseconds: 0)
        job.facts.isEnded = false
        job.facts.attempts = []
        begin(step: 0, isResend: false)
        var patience = Self.patience
        while !job.facts.isEnded {
            if input.isEmpty { patience -= 1 }
            try require(patience > 0, "a job without an end: \(job.facts.attempts.map(\.phase))")
            hear(&input)
            if job.isUnread, reason == .receipt { job.facts.attempts[last].failedPolls += 1 }
            let generation = job.facts.attempts.count
            let action = job.action(on: generation, for: reason)
            try job.check(action, on: generation, for: reason)
            try follow(action, &input)
        }
    }

    private mutating func begin(step: Int, isResend: Bool) {
        for index in job.facts.attempts.indices { job.facts.attempts[index].isContinued = true }
        let generation = job.facts.attempts.count + 1
        job.facts.attempts.append(
            Attempt(generation: generation, step: step, begunAt: job.now, isResend: isResend))
        resends[step, default: 0] += isResend ? 1 : 0
        reason = .dispatch
    }

    private var last: Int { job.facts.attempts.count - 1 }

    /// The reply to a send; later on, now and then, news of any attempt. When the bytes run out, nothing is reached.
    private mutating func hear(_ input: inout FuzzInput) {
        if job.facts.attempts[last].phase == .open {
            let replies = AttemptFact.all.filter { if case .ruled = $0 { false } else { true } }
            let fact = input.isEmpty ? .refused(.unreachable) : input.pick(replies)
            job.facts.attempts[last].learn(fact, at: job.now)
            job.facts.attempts[last].retryAfter = input.byte() & 7 == 7 ? .seconds(30) : nil
            reason = .decide
        }
        guard input.byte() & 3 == 3 else { return }
        let index = input.int(in: 0...last)
        let news: [AttemptFact] =
            SuccessLevel.allCases.map(AttemptFact.reached) + FailureClass.allCases.map(AttemptFact.failed)
        job.facts.attempts[index].learn(input.pick(news), at: job.now)
        reason = .decide
    }

    private mutating func follow(_ action: Action, _ input: inout FuzzInput) throws(Violation) {
        switch action {
        case .nothing:
            try require(job.facts.attempts[last].isHeld, "a job without a due row: \(job.facts.attempts[last].phase)")
            rule(&input)
        case .hold:
            // An attempt is held by one event, and released by one.
            try require(held.insert(last).inserted, "an attempt is held again, which nobody can release")
            job.facts.attempts[last].isHeld = true
            rule(&input)
        case .wait(let until, let reason):
            job.now = max(job.now, until)
            if reason == .reconcile { job.facts.attempts[last].listings += 1 }
            self.reason = reason
        case .retry(let time, _, let isResend):
            job.now = max(job.now, time)
            let step = job.facts.attempts[last].step
            begin(step: step, isResend: isResend)
            try require(resends[step] ?? 0 <= 1, "a step is sent on a doubt twice")
        case .escalate(let step, _):
            begin(step: step, isResend: false)
        case .finish:
            job.facts.isEnded = true
        }
    }

    /// A person decides what is held.
    private mutating func rule(_ input: inout FuzzInput) {
        job.facts.attempts[last].learn(.ruled(sent: input.isEmpty || input.bool()), at: job.now)
        job.facts.attempts[last].isHeld = false
        reason = .decide
    }
}
