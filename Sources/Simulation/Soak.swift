import Dispatch
import Foundation
import Synchronization

/// Many seeds, each a run of its own, on several threads.
public struct Soak: Sendable {
    public struct Failure: Sendable {
        public var seed: UInt64
        public var alarm: Alarm
    }

    public struct Result: Sendable {
        public var runs = 0
        /// In the order of their seeds.
        public var failures: [Failure] = []
        public var jobs = 0
        /// Messages that providers took.
        public var accepted = 0
        public var seconds = 0.0
    }

    private let seeds: [UInt64]
    private let bug: PlantedBug?
    private let threads: Int
    private let stopsAtFirst: Bool

    /// - Parameters:
    ///   - threads: 0 is one for each processor.
    ///   - stopsAtFirst: whether seeds after a failing one are left out.
    public init(seeds: some Sequence<UInt64>, bug: PlantedBug? = nil, threads: Int = 0, stopsAtFirst: Bool = false) {
        self.seeds = Array(seeds)
        self.bug = bug
        self.threads = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
        self.stopsAtFirst = stopsAtFirst
    }

    /// Runs them all.
    ///
    /// - Parameter progress: told how many are done, from any thread.
    public func run(progress: @escaping @Sendable (Int) -> Void = { _ in }) -> Result {
        let next = Mutex(0)
        let result = Mutex(Result())
        let start = ContinuousClock.now
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while let seed = take(next) {
                let report = simulate(seed: seed, bug: bug, tracing: .nothing)
                let done = result.withLock { result in
                    result.runs += 1
                    result.jobs += report.jobs
                    result.accepted += report.accepted
                    if let alarm = report.alarms.first { result.failures.append(Failure(seed: seed, alarm: alarm)) }
                    return result.runs
                }
                if stopsAtFirst, !report.alarms.isEmpty { next.withLock { $0 = seeds.count } }
                progress(done)
            }
        }
        var all = result.withLock { $0 }
        all.failures.sort { $0.seed < $1.seed }
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        all.seconds = Double(seconds) + Double(attoseconds) / 1e18
        return all
    }

    private func take(_ next: borrowing Mutex<Int>) -> UInt64? {
        next.withLock { next in
            guard next < seeds.count else { return nil }
            defer { next += 1 }
            return seeds[next]
        }
    }
}
