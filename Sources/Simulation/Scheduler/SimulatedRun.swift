import Logging
import Synchronization
import Worker

/// One run: real workers in a simulated world, all on the calling thread.
///
/// Workers reach the world through the ports of `Worker` only: `WorkStore`, `MessageProvider`, `WorkClock`. Nothing
/// runs but jobs of their tasks, one at a time in an order drawn from the seed. When none is ready, the clock jumps to
/// what the world has planned next, and that runs.
final class SimulatedRun: Sendable {
    private let world: Mutex<World>
    private let jobs = ReadyJobs()
    /// Where the clocks of the workers stand at the start. Only spans are ever read from it.
    private let origin = ContinuousClock.now
    private let tasks = Mutex<[Int: Task<Void, Never>]>([:])
    private static let logger = Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Whether whoever waits for the world moves it on himself: there is no loop that does.
    private let isDrivenByCallers: Bool

    init(seed: UInt64, bug: PlantedBug?, focus: PlantedBug?, tracing: Tracing) {
        world = Mutex(World(seed: seed, bug: bug, focus: focus, tracing: tracing))
        isDrivenByCallers = false
    }

    /// An empty world without faults, for callers of its store who ask one thing after the other.
    init(still bug: PlantedBug?) {
        world = Mutex(World(still: bug))
        isDrivenByCallers = true
    }

    func change<Value>(_ body: (inout World) -> Value) -> Value {
        world.withLock { body(&$0) }
    }

    // MARK: Time

    var now: Time { world.withLock { $0.now } }
    var instant: ContinuousClock.Instant { origin + .microseconds(now) }

    /// - Throws: `CancellationError` as soon as the task is cancelled or its process killed.
    func sleep(_ process: Int, until deadline: Time) async throws {
        let number = Mutex<Int?>(nil)
        let result: Result<Void, CancellationError> = await withTaskCancellationHandler {
            await withCheckedContinuation { sleeper in
                change { world in
                    guard !Task.isCancelled, world.processes[process].isAlive else {
                        return sleeper.resume(returning: .failure(CancellationError()))
                    }
                    let waiter = world.waiters.add(of: process) {
                        sleeper.resume(returning: .failure(CancellationError()))
                    }
                    number.withLock { $0 = waiter }
                    world.upcoming.add(at: max(deadline, world.now)) { world in
                        if world.waiters.finish(waiter) { sleeper.resume(returning: .success(())) }
                    }
                }
            }
        } onCancel: {
            guard let waiter = number.withLock({ $0 }) else { return }
            change { $0.waiters.fail(waiter) }
        }
        try result.get()
    }

    /// What a worker process takes for time and chance.
    private func clock(of process: Int) -> WorkClock {
        WorkClock(
            now: { [self] in instant },
            sleep: { [self] deadline in
                let (seconds, attoseconds) = (deadline - origin).components
                try await sleep(process, until: seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
            },
            random: { [self] in change { $0.random.next() } })
    }

    /// Moves the world on until nobody waits for it, if that is the callers' business.
    func drive() {
        guard isDrivenByCallers else { return }
        while change({ !$0.waiters.isEmpty && $0.step() }) {}
    }

    // MARK: Running

    /// Runs it all: faults, a quiet phase until everything has come to an end, the last checks.
    func run() -> RunReport {
        change { $0.begin() }
        while !change({ $0.isOver || !$0.alarms.isEmpty }) {
            obeyOrders()
            var random = change { SplitMix64(seed: $0.random.next()) }
            if jobs.runOne(choosing: &random) { continue }
            guard change({ $0.step() }) else { break }
        }
        change { world in
            if world.alarms.isEmpty { world.finishChecks() }
        }
        stopEverything()
        return change { world in
            RunReport(
                alarms: world.alarms, traceHash: world.trace.hash, trace: world.trace.lines,
                jobs: world.database.jobs.count, accepted: world.provider.messages.count,
                simulated: .microseconds(world.now))
        }
    }

    private func obeyOrders() {
        let orders = change { world in
            defer { world.orders = [] }
            return world.orders
        }
        for order in orders {
            switch order {
            case .start(let process): start(process)
            case .kill(let process):
                jobs.thaw(process)
                tasks.withLock { $0[process] }?.cancel()
            case .freeze(let process): jobs.freeze(process)
            case .thaw(let process): jobs.thaw(process)
            }
        }
    }

    private func start(_ process: Int) {
        let configuration = change { $0.workload.configuration(bug: $0.bug) }
        let (store, clock) = (SimulatedStore(run: self, process: process), clock(of: process))
        let service = WorkerService(
            store: store, ends: store, provider: SimulatedProvider(run: self, process: process),
            configuration: configuration,
            version: "simulated", clock: clock, logger: Self.logger)
        let feeder = CampaignFeeder(store, every: .seconds(2), clock: clock, logger: Self.logger)
        let ticker = ScheduleTicker(store, every: .seconds(3), clock: clock, logger: Self.logger)
        let task = Task(executorPreference: ProcessExecutor(number: process, jobs: jobs)) {
            await withDiscardingTaskGroup { group in
                group.addTask { await feeder.run() }
                group.addTask { await ticker.run() }
                do { try await service.run() } catch {}  // Only ever cut short by its own end.
                group.cancelAll()
            }
        }
        tasks.withLock { $0[process] = task }
    }

    /// Nothing may be left behind: the next run starts on the same thread.
    private func stopEverything() {
        change { world in
            for process in world.processes where process.isAlive { world.kill(process.number) }
            world.upcoming = Upcoming()
        }
        obeyOrders()
        var random = SplitMix64(seed: 0)
        while jobs.runOne(choosing: &random) {}
        tasks.withLock { $0 = [:] }
    }
}

/// What came of one run.
public struct RunReport: Sendable {
    /// Broken promises; empty when all is well. A run ends at the first.
    public var alarms: [Alarm]
    /// The same for two runs exactly if they were the same, when asked for.
    public var traceHash: UInt64
    /// Everything that happened, line by line, when asked for.
    public var trace: [String]
    public var jobs: Int
    /// Messages that providers took.
    public var accepted: Int
    /// How much simulated time went by.
    public var simulated: Duration
}

/// Runs one seed.
///
/// - Parameters:
///   - bug: a planted bug, which a checker must find.
///   - focus: a bug that is not planted, in a world like the one in which it would be.
///   - tracing: what the report holds of the trace.
public func simulate(seed: UInt64, bug: PlantedBug? = nil, focus: PlantedBug? = nil, tracing: Tracing = .hash)
    -> RunReport
{
    SimulatedRun(seed: seed, bug: bug, focus: bug ?? focus, tracing: tracing).run()
}
