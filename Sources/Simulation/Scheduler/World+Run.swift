extension World {
    /// How long the quiet phase may take before whoever still waits is taken for lost.
    private static let patience = Time.seconds(2500)

    mutating func begin() {
        planWorkload()
        for slot in 0..<workload.workers { startWorker(inSlot: slot) }
        planFaults(until: workload.faultsEnd, slots: workload.workers)
        upcoming.add(at: workload.faultsEnd) { world in
            world.isQuiet = true
            for campaign in world.database.pausedCampaigns.sorted() { world.pause(campaign: campaign, false) }
            world.note(.world("the faults are over"))
        }
        watch()
    }

    /// Every few seconds: operators look at what is held, and the slow promises are looked at.
    private mutating func watch() {
        after(.seconds(5)) { world in
            world.releaseHeld()
            world.watchTakeover()
            world.watch()
        }
    }

    /// Does what is planned next; false when nothing is.
    mutating func step() -> Bool {
        guard let (at, action) = upcoming.takeNext() else { return false }
        now = max(now, at)
        action(&self)
        return true
    }

    /// Whether every job and every time of a schedule has come to its end, or patience has.
    var isOver: Bool {
        guard isQuiet, now > workload.faultsEnd + .seconds(15) else { return false }
        if now > workload.faultsEnd + Self.patience { return true }
        return database.jobs.count == workload.jobs && database.jobs.keys.allSatisfy { isAtRest($0) }
            && areSchedulesDone
    }

    /// Whether every schedule was looked at since the faults ended.
    private var areSchedulesDone: Bool {
        let end = workload.faultsEnd.instant
        return database.schedules.values.allSatisfy { row in row.dueAt.map { $0 > end } ?? true }
    }

    /// Whether a job has ended, or waits for a person with nothing under way.
    func isAtRest(_ job: Int) -> Bool { database.hasEnded(job) || database.isHeld(job) }

    /// Promise 8, watched from outside: a dead worker's leases go within a minute while others live.
    private mutating func watchTakeover() {
        let isWell =
            !database.isDown && upkeepFailedAt < now - .seconds(5)
            && processes.contains { $0.isAlive && !$0.isFrozen }
        note(.watched(isWell: isWell, leases: database.leases.values.map { LeaseView(id: $0.id, worker: $0.worker) }))
    }
}

/// A lease as the watcher sees it.
struct LeaseView: Sendable {
    var id: Int
    var worker: String
}
