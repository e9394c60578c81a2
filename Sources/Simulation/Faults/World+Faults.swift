extension World {
    /// Plans what befalls workers and the database until the quiet phase.
    mutating func planFaults(until end: Time, slots: Int) {
        for slot in 0..<slots {
            if plan.killsWorkers { every(.seconds(random.pick(10..<60)), until: end) { $0.kill(inSlot: slot) } }
            if plan.freezesWorkers { every(.seconds(random.pick(10..<60)), until: end) { $0.freeze(inSlot: slot) } }
        }
        if plan.switchesSenders { every(.seconds(random.pick(8..<40)), until: end) { $0.switchSender() } }
        if plan.crashesDatabase { every(.seconds(random.pick(15..<90)), until: end) { $0.crashDatabase() } }
        if bug == .standbyLags { replicate() }
    }

    /// The planted bug: the standby gets the changes of a while ago.
    private mutating func replicate() {
        after(.milliseconds(700)) { world in
            world.standby = world.database
            world.replicate()
        }
    }

    private mutating func every(_ span: Time, until end: Time, _ action: @escaping Upcoming.Action) {
        var at = Time(random.pick(0..<Int(span)))
        while at < end {
            upcoming.add(at: at, action)
            at += span / 2 + Time(random.pick(0..<Int(span)))
        }
    }

    /// The process that runs in a slot now.
    func process(inSlot slot: Int) -> WorkerProcess? {
        processes.last { $0.number % workload.workers == slot && $0.isAlive }
    }

    private mutating func kill(inSlot slot: Int) {
        guard let process = process(inSlot: slot) else { return }
        kill(process.number)
        after(Time.milliseconds(random.pick([10, 500, 3000, 20_000]))) { $0.startWorker(inSlot: slot) }
    }

    mutating func kill(_ process: Int) {
        processes[process].isAlive = false
        note(.process(process, "is killed"))
        waiters.failAll(of: process)
        abortTakes(of: process)
        orders.append(.kill(process))
    }

    mutating func startWorker(inSlot slot: Int) {
        var number = processes.count
        while number % workload.workers != slot {
            processes.append(WorkerProcess(number: number, isAlive: false, wallClockError: 0))
            number += 1
        }
        let error = Time.seconds(random.pick([-3600, -120, 0, 0, 45, 3600]))
        processes.append(WorkerProcess(number: number, wallClockError: error))
        note(.process(number, "starts"))
        orders.append(.start(number))
    }

    private mutating func freeze(inSlot slot: Int) {
        guard let process = process(inSlot: slot), !process.isFrozen else { return }
        let number = process.number
        processes[number].isFrozen = true
        note(.process(number, "is frozen"))
        orders.append(.freeze(number))
        after(Time.milliseconds(random.pick([300, 4000, 5500, 8000, 40_000, 70_000]))) { world in
            world.processes[number].isFrozen = false
            world.note(.process(number, "goes on"))
            world.orders.append(.thaw(number))
        }
    }

    /// An operator disables a sender, and enables it again a little later.
    private mutating func switchSender() {
        let sender = random.pick(database.senders.map(\.id))
        enable(sender: sender, false)
        after(Time.milliseconds(random.pick([100, 3000, 15_000]))) { $0.enable(sender: sender, true) }
    }

    private mutating func crashDatabase() {
        guard !database.isDown else { return }
        openTakes = [:]
        if plan.failsOver {
            failOver()
        } else {
            database.crash()
            note(.world("the database crashes"))
        }
        after(Time.milliseconds(random.pick([50, 1000, 8000, 20_000]))) { world in
            world.database.isDown = false
            world.note(.world("the database is back"))
        }
    }

    /// The primary is gone, a synchronous standby is promoted. Whatever was acknowledged, or seen by anybody, is on it; of
    /// what was under way, some had reached it. Every connection breaks.
    private mutating func failOver() {
        note(.world("the database fails over to its standby"))
        if bug == .standbyLags, let standby {
            let primary = database
            database = standby
            database.takeOver(from: primary)
            return
        }
        for commit in database.prepared where random.chance(50) { commit(&self) }
        database.crash()
    }
}
