import Delivery
import JobQueue
import Logging
import Providers
import Synchronization

/// Asks what a number is before a message to it leaves, where a rule wants it.
///
/// It fails open: a number of which nothing can be learnt is sent to as if there were no rule. Where nothing is learnt again
/// and again, nothing is asked for a while, so that no message waits for answers that do not come.
final class NumberDesk: Sendable {
    /// The longest that a message waits for it; and half of what its send has left, so that there is time to send it.
    static let patience = Duration.seconds(2)
    /// Where less is left, nobody is asked.
    static let least = Duration.milliseconds(250)
    /// How many are asked about at once. They hold slots of sends: some must stay for those that need no answer.
    static let mostAtOnce = 16
    /// How many questions in a row may come to nothing.
    private static let mostFailures = 3
    /// For how long nothing is asked then, or the provider's own wish.
    private static let pause = Duration.seconds(30)
    /// The provider's wish may be to try again at once.
    private static let leastPause = Duration.seconds(1)

    private let source: (any NumberSource)?
    private let clock: WorkClock
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var asking = 0
        var failures = 0
        var pausedUntil: ContinuousClock.Instant?
    }

    /// - Parameter source: nil asks nobody.
    init(_ source: (any NumberSource)?, clock: WorkClock, logger: Logger) {
        self.source = source
        self.clock = clock
        self.logger = logger
    }

    /// What is not known yet of the job's number and a rule wants, asked for now.
    /// - Parameter fence: the answer is not waited for beyond the half of the time to it.
    func learn(of job: TakenJob, before fence: ContinuousClock.Instant) async -> NumberLookup {
        guard let source, let rule = job.lookupRule, let number = job.address, number.utf8.first == UInt8(ascii: "+")
        else { return NumberLookup() }
        let wanted = rule.missing(in: job.lookup, on: job.channel)
        guard !wanted.isEmpty else { return NumberLookup() }
        let now = clock.now
        let time = min(Self.patience, (fence - now) / 2)
        guard time >= Self.least, begins(at: now) else {
            WorkerMetrics.lookedUp("left_out")
            return NumberLookup()
        }
        let reading = await source.lookUp(number, wanted, within: time)
        state.withLock { $0.asking -= 1 }
        switch reading {
        case .told(let told):
            heard(told, of: job)
            return told
        case .unavailable(let code, let isRateLimited, let retryAfter):
            WorkerMetrics.lookedUp(isRateLimited ? "limited" : code == "timed_out" ? "timed_out" : "failed")
            failed(code, of: job, atOnce: isRateLimited, retryAfter)
            return NumberLookup(Dictionary(uniqueKeysWithValues: wanted.map { ($0, .nothing(code: code)) }))
        }
    }

    private func begins(at now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in
            guard state.asking < Self.mostAtOnce, state.pausedUntil.map({ $0 <= now }) ?? true else { return false }
            state.asking += 1
            return true
        }
    }

    private func heard(_ told: NumberLookup, of job: TakenJob) {
        let codes = told.answers.values.compactMap(\.code).sorted()
        WorkerMetrics.lookedUp(told.isInvalid ? "invalid" : codes.isEmpty ? "told" : "nothing")
        let isSilent = codes.count == told.answers.count
        guard isSilent, let code = codes.first(where: Self.ofTheService.contains) else {
            // Not the pause: this answer may have been under way when that began.
            return state.withLock { $0.failures = 0 }
        }
        failed(code, of: job)
    }

    /// Codes that say something of the next question too: the package or the account, and nothing of this number. Who pumps texts
    /// must not be able to end the asking with numbers of which nothing is known.
    private static let ofTheService: Set = [
        "60606", "60608", "60611", "60613", "60614", "60616", "60619", "60699",
    ]

    /// - Parameter atOnce: whether nothing more is asked from now on.
    private func failed(
        _ code: String, of job: TakenJob, atOnce: Bool = false, _ retryAfter: Duration? = nil
    ) {
        let until = clock.now + max(retryAfter ?? Self.pause, Self.leastPause)
        let isPaused = state.withLock { state in
            state.failures += 1
            guard atOnce || state.failures >= Self.mostFailures else { return false }
            state.failures = 0
            // One that was under way when a longer pause began does not shorten it.
            state.pausedUntil = max(state.pausedUntil ?? until, until)
            return true
        }
        logger.warning(
            "A number could not be looked up; its message is sent as if nobody had asked",
            metadata: ["job": "\(job.id)", "code": "\(code)", "pauses": "\(isPaused)"])
    }
}
