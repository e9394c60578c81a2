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
    /// The longest that a message waits for it.
    static let patience = Duration.seconds(2)
    /// How many questions in a row may come to nothing.
    private static let most = 3
    /// For how long nothing is asked then, or the provider's own wish.
    private static let pause = Duration.seconds(30)

    private let source: (any NumberSource)?
    private let clock: WorkClock
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
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
    /// - Parameter fence: the answer is not waited for beyond it.
    func learn(of job: TakenJob, before fence: ContinuousClock.Instant) async -> NumberLookup {
        guard let source, let rule = job.lookupRule, let number = job.address, number.utf8.first == UInt8(ascii: "+")
        else { return NumberLookup() }
        let wanted = rule.missing(in: job.lookup, on: job.channel)
        guard !wanted.isEmpty else { return NumberLookup() }
        let now = clock.now
        let time = min(Self.patience, fence - now)
        guard time > .zero, !isPaused(at: now) else {
            WorkerMetrics.lookedUp("left_out")
            return NumberLookup()
        }
        switch await source.lookUp(number, wanted, within: time) {
        case .told(let told):
            heard(told, of: job)
            return told
        case .unavailable(let code, let isRateLimited, let retryAfter):
            WorkerMetrics.lookedUp(isRateLimited ? "limited" : code == "timed_out" ? "timed_out" : "failed")
            failed(code, of: job, atOnce: isRateLimited, retryAfter)
            return NumberLookup(Dictionary(uniqueKeysWithValues: wanted.map { ($0, .nothing(code: code)) }))
        }
    }

    private func isPaused(at now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in state.pausedUntil.map { now < $0 } ?? false }
    }

    private func heard(_ told: NumberLookup, of job: TakenJob) {
        let codes = told.answers.values.compactMap(\.code).sorted()
        WorkerMetrics.lookedUp(told.isInvalid ? "invalid" : codes.isEmpty ? "told" : "nothing")
        guard let code = codes.first(where: { !Self.ofTheNumber.contains($0) }) else {
            return state.withLock { $0 = State() }
        }
        failed(code, of: job)
    }

    /// Codes that say something of the number's country, and nothing of the next question: out of coverage, Canada without an
    /// approval, a country without the package.
    private static let ofTheNumber: Set = ["60600", "60601", "60607"]

    /// - Parameter atOnce: whether nothing more is asked from now on.
    private func failed(
        _ code: String, of job: TakenJob, atOnce: Bool = false, _ retryAfter: Duration? = nil
    ) {
        let until = clock.now + (retryAfter ?? Self.pause)
        let isPaused = state.withLock { state in
            state.failures += 1
            guard atOnce || state.failures >= Self.most else { return false }
            state = State(pausedUntil: until)
            return true
        }
        logger.warning(
            "A number could not be looked up; its message is sent as if nobody had asked",
            metadata: ["job": "\(job.id)", "code": "\(code)", "pauses": "\(isPaused)"])
    }
}
