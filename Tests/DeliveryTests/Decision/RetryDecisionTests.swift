import Delivery
import Testing

@Suite("Retries of a step")
struct RetryDecisionTests {
    static let retried: [AttemptPhase] = [
        .notSent, .failed(.transient), .failed(.rateLimited), .failed(.configuration),
    ]

    /// A job whose step was tried `count` times, a second apart, by now.
    private func tried(_ count: Int, _ phase: AttemptPhase, now: Double) -> Situation {
        var situation = Situation()
        situation.attempts = (1...count).map {
            Situation.attempt($0, step: 0, phase, begunAt: Double($0 - 1), isContinued: $0 < count)
        }
        situation.now = Situation.time(now)
        return situation
    }

    @Test("a retry comes within the jittered backoff of its place, and never before now", arguments: 1...2)
    func backoff(count: Int) {
        for seed in 0..<200 as Range<UInt64> {
            let situation = tried(count, .failed(.transient), now: 5)
            guard case .retry(let at, _, false) = situation.action(seed: seed) else {
                Issue.record("no retry with seed \(seed)")
                continue
            }
            #expect(at >= situation.now)
            #expect(at <= situation.now.advanced(by: situation.timing.backoff.ceiling(beforeRetry: count - 1)))
        }
    }

    @Test("a retry waits as long as the provider asked, at least", arguments: retried)
    func retryAfter(_ phase: AttemptPhase) {
        for seed in 0..<50 as Range<UInt64> {
            var situation = tried(1, phase, now: 1)
            situation.attempts[0].retryAfter = .seconds(20)
            guard case .retry(let at, _, false) = situation.action(seed: seed) else {
                Issue.record("no retry with seed \(seed)")
                continue
            }
            #expect(at >= Situation.time(21))
        }
    }

    @Test("passing faults use up the step's attempts; being too fast or not sending does not")
    func attempts() {
        #expect(Verdict(tried(2, .failed(.transient), now: 5).action()) == .retry)
        #expect(Verdict(tried(3, .failed(.transient), now: 5).action()) == .escalate(1))
        for phase in Self.retried where phase != .failed(.transient) {
            #expect(Verdict(tried(9, phase, now: 9.5).action(seed: 3)) != .finish(.exhausted))
            var patient = tried(30, phase, now: 30)
            patient.ladder.steps[0].wait = .seconds(36_000)
            #expect(Verdict(patient.action()) == .retry)
        }
    }

    @Test("attempts of earlier steps do not count against this one")
    func earlierSteps() {
        var situation = tried(3, .failed(.transient), now: 5)
        situation.attempts[2].isContinued = true
        situation.attempts.append(Situation.attempt(4, step: 1, .failed(.transient), begunAt: 4))
        #expect(Verdict(situation.action()) == .retry)
    }

    @Test("a retry never lands after the step's end: then the ladder goes on at once", arguments: retried)
    func stepEnd(_ phase: AttemptPhase) {
        let isOurs = phase == .failed(.configuration)
        for now in stride(from: 0.0, through: 70, by: 0.25) {
            for seed in 0..<4 as Range<UInt64> {
                switch tried(1, phase, now: now).action(seed: seed) {
                case .retry(let at, _, _): #expect(isOurs || at < Situation.time(60))
                case .escalate(let step, _): #expect(step == 1 && !isOurs)
                case .nothing, .wait, .hold, .finish: Issue.record("neither a retry nor the next step at \(now)")
                }
            }
        }
        #expect(Verdict(tried(1, phase, now: 60).action()) == (isOurs ? .retry : .escalate(1)))
        var asked = tried(1, phase, now: 1)
        asked.attempts[0].retryAfter = .seconds(59)
        #expect(Verdict(asked.action()) == (isOurs ? .retry : .escalate(1)))
    }

    @Test("a last step is tried for a day, then the job ends; a fault of ours is held instead", arguments: retried)
    func lastStep(_ phase: AttemptPhase) {
        var situation = Situation.single(.sms, phase)
        situation.now = Situation.time(86_000)
        #expect(Verdict(situation.action()) == .retry)
        situation.now = Situation.time(86_400)
        let isOurs = phase == .failed(.configuration)
        #expect(Verdict(situation.action()) == (isOurs ? .hold : .finish(.exhausted)))
    }

    @Test("no retry lands after the job's expiry", arguments: retried)
    func expiry(_ phase: AttemptPhase) {
        for seed in 0..<50 as Range<UInt64> {
            var situation = Situation.single(.sms, phase)
            situation.expiresAt = Situation.time(1.5)
            if case .retry(let at, _, _) = situation.action(seed: seed) {
                #expect(at < Situation.time(1.5))
            }
        }
    }

    @Test("a fault of ours never uses up the ladder, at any time and after any number of attempts")
    func configuration() {
        for now in [0, 1, 59, 60, 61, 3_600, 86_399, 86_400, 1_000_000] as [Double] {
            for count in [1, 3, 20] {
                let verdict = Verdict(tried(count, .failed(.configuration), now: now).action())
                #expect(verdict == .retry || verdict == .hold)
            }
        }
        #expect(Verdict(tried(1, .failed(.configuration), now: 86_400).action()) == .hold)
    }

    @Test("a held fault of ours waits for its person, whatever it is looked at for", arguments: DueReason.allCases)
    func heldConfiguration(_ reason: DueReason) {
        for now in [1, 86_400] as [Double] {
            var situation = tried(1, .failed(.configuration), now: now)
            situation.attempts[0].isHeld = true
            #expect(situation.action(reason) == .nothing)
        }
    }
}
