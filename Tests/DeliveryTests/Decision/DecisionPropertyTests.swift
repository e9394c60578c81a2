import Delivery
import Testing

@Suite("Promises of the decision over random jobs")
struct DecisionPropertyTests {
    /// A job with any ladder, any attempts at rising steps, any facts, at any time.
    private static func job(_ random: inout SplitMix64) -> Situation {
        var situation = Situation()
        situation.ladder = Ladder(
            steps: (0..<Int.random(in: 1...4, using: &random)).map { _ in
                LadderStep(
                    channel: Channel.allCases.randomElement(using: &random) ?? .sms,
                    wait: .seconds(Int.random(in: 5...36_000, using: &random)),
                    success: SuccessLevel.allCases.randomElement(using: &random) ?? .delivered,
                    maxAttempts: .random(in: 1...20, using: &random),
                    onUnknown: ([nil] + UnknownPolicy.allCases).randomElement(using: &random) ?? nil)
            })
        situation.category = Category.allCases.randomElement(using: &random) ?? .otp
        var step = 0
        for generation in 1...Int.random(in: 1...5, using: &random) {
            step = min(step + Int.random(in: 0...1, using: &random), situation.ladder.steps.count - 1)
            var attempt = Situation.attempt(generation, step: step, .open, begunAt: Double(generation))
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let fact = AttemptFact.all.randomElement(using: &random) ?? .lost
                attempt.learn(fact, at: Situation.time(.random(in: 0...100, using: &random)))
            }
            attempt.listings = .random(in: 0...3, using: &random)
            attempt.isResend = .random(using: &random)
            attempt.isHeld = .random(in: 0..<8, using: &random) == 0
            situation.attempts.append(attempt)
        }
        situation.now = Situation.time(.random(in: 5...100_000, using: &random))
        if Bool.random(using: &random) {
            situation.expiresAt = Situation.time(.random(in: 0...100_000, using: &random))
        }
        return situation
    }

    private static func forEachJob(_ body: (Situation, DueReason, inout SplitMix64) -> Void) {
        for seed in 0..<4_000 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            let situation = job(&random)
            for reason in DueReason.allCases {
                body(situation, reason, &random)
            }
        }
    }

    @Test("the ladder only climbs, within its steps, and never onto a closed channel")
    func climbs() {
        var escalations = 0
        Self.forEachJob { situation, reason, _ in
            guard case .escalate(let step, _) = situation.action(reason), let last = situation.attempts.last else {
                return
            }
            escalations += 1
            let facts = JobFacts(ladder: situation.ladder, category: situation.category, attempts: situation.attempts)
            #expect(step > last.step && situation.ladder.steps.indices.contains(step))
            if situation.ladder.steps.indices.contains(step) {
                #expect(!facts.closedChannels.contains(situation.ladder.steps[step].channel))
            }
        }
        #expect(escalations > 500)
    }

    @Test("the ladder never forks: only the last attempt, and once, leads to another")
    func neverForks() {
        Self.forEachJob { situation, reason, _ in
            for attempt in situation.attempts.dropLast() {
                switch situation.action(reason, generation: attempt.generation) {
                case .nothing, .finish(.delivered, _): break
                case let action: Issue.record("generation \(attempt.generation) of \(situation): \(action)")
                }
            }
            var continued = situation
            continued.attempts[continued.attempts.count - 1].isContinued = true
            switch continued.action(reason) {
            case .nothing, .finish(.delivered, _): break
            case let action: Issue.record("a continued attempt of \(situation): \(action)")
            }
        }
    }

    @Test("a new attempt needs proof that the last was not taken, or a marked resend, or a wait that is over")
    func proof() {
        Self.forEachJob { situation, reason, _ in
            guard let last = situation.attempts.last else { return }
            switch (last.phase, situation.action(reason)) {
            case (.open, .retry), (.open, .escalate), (.underway, .retry), (.arrived, .retry):
                Issue.record("a retry without proof: \(situation)")
            case (.unanswered, .retry(_, _, let isResend)):
                #expect(isResend && last.listings >= 2 && !last.isHeld)
                #expect(!situation.attempts.contains { $0.step == last.step && $0.isResend })
            case (_, .retry(_, _, let isResend)): #expect(!isResend)
            case (.underway, .escalate): #expect(reason == .receipt)
            default: break
            }
        }
    }

    @Test("no retry is earlier than now")
    func notInThePast() {
        Self.forEachJob { situation, reason, _ in
            if case .retry(let at, _, _) = situation.action(reason) {
                #expect(at >= situation.now)
            }
        }
    }

    @Test("a job that got through is finished as delivered, at any due row of any generation")
    func through() {
        Self.forEachJob { situation, reason, random in
            let isThrough = situation.attempts.contains { attempt in
                attempt.reached.map { $0 >= situation.ladder.steps[attempt.step].success } ?? false
            }
            let verdict = Verdict(situation.action(reason, generation: .random(in: -1...7, using: &random)))
            #expect(isThrough == false || verdict == .finish(.delivered))
        }
    }

    @Test("the answer is the same when asked again, and in whatever order the attempts are read")
    func repeatable() {
        Self.forEachJob { situation, reason, random in
            var other = situation
            other.attempts.shuffle(using: &random)
            #expect(other.action(reason, seed: 5) == situation.action(reason, seed: 5))
        }
    }

    @Test("no job is stuck: once its intent is answered, held or listed twice, a due row leads somewhere")
    func alwaysMoves() {
        Self.forEachJob { situation, reason, _ in
            guard let last = situation.attempts.last, last.phase != .open, !last.isHeld else { return }
            #expect(situation.action(reason) != .nothing)
        }
    }

    @Test("nobody is asked twice about one attempt: what a person ruled on is not held again")
    func heldOnce() {
        Self.forEachJob { situation, reason, _ in
            guard let last = situation.attempts.last, last.ruling != nil else { return }
            #expect(Verdict(situation.action(reason)) != .hold)
        }
    }
}
