import Delivery

/// Everything there is outside of the workers: the database, the providers, the gateway, the people, and time itself.
struct World: Sendable {
    var now: Time = 0
    var random: SplitMix64
    var upcoming = Upcoming()
    var waiters = Waiters()
    var processes: [WorkerProcess] = []
    var database = SimulatedDatabase()
    /// Only of a planted bug: a real standby is as far as its primary.
    var standby: SimulatedDatabase?
    var provider = ProviderBooks()
    var plan: FaultPlan
    var workload: Workload
    let bug: PlantedBug?
    private(set) var trace: Trace
    private var checks: Checks
    private(set) var alarms: [Alarm] = []
    /// Tasks to cancel and processes to freeze, thaw or start: done by the loop, outside of the world's lock.
    var orders: [Order] = []
    /// Takes whose rules are being asked, by their transaction.
    var openTakes: [UInt64: OpenTake] = [:]
    /// When a worker last tried in vain to say that it lives, or to take over the work of the dead.
    var upkeepFailedAt = Time.min
    /// Faults are over; what is left must come to an end.
    var isQuiet = false

    enum Order: Sendable {
        case start(Int)
        case kill(Int)
        case freeze(Int)
        case thaw(Int)
    }

    /// - Parameter focus: a bug for whose conditions the world is made, planted or not.
    init(seed: UInt64, bug: PlantedBug?, focus: PlantedBug?, tracing: Tracing) {
        random = SplitMix64(seed: seed)
        self.bug = bug
        plan = FaultPlan(&random)
        workload = Workload(&random)
        focus?.shape(&plan, &workload)
        trace = Trace(tracing)
        checks = Checks(workload: workload, only: bug.flatMap { $0.checkers.isEmpty ? nil : $0.checkers })
    }

    /// A world in which nothing goes wrong and nothing happens by itself, with one process.
    init(still bug: PlantedBug?) {
        random = SplitMix64(seed: 0)
        self.bug = bug
        plan = FaultPlan(&random)
        workload = Workload(&random)
        trace = Trace(.nothing)
        checks = Checks(workload: workload, only: [])
        isQuiet = true
        processes = [WorkerProcess(number: 0, wallClockError: 0)]
    }

    /// Something happened: it goes to the trace and before every checker.
    mutating func note(_ fact: Fact) {
        trace.add(fact, at: now)
        if let alarm = checks.see(fact, at: now) { raise(alarm) }
    }

    mutating func raise(_ alarm: Alarm) {
        trace.add(alarm, at: now)
        alarms.append(alarm)
    }

    /// What can only be said when everything is over.
    mutating func finishChecks() {
        for alarm in checks.atEnd(database: database, at: now) { raise(alarm) }
    }

    mutating func after(_ delay: Time, _ action: @escaping Upcoming.Action) {
        upcoming.add(at: now + max(delay, 0), action)
    }

    var instant: Instant { now.instant }
}

/// One start of a worker, as the world sees it.
struct WorkerProcess: Sendable {
    /// Counts the starts of all workers, from 0; its executor's number.
    var number: Int
    var isAlive = true
    var isFrozen = false
    /// How wrong its wall clock is. Only a planted bug reads it.
    var wallClockError: Time
}
