import Delivery
import JobQueue
import Postgres
import Worker

/// The database as one worker process reaches it.
struct SimulatedStore: WorkStore, EndStore, FeedStore, FireStore {
    let run: SimulatedRun
    let process: Int

    // MARK: Taking

    func look(_ segments: [LaneSegment]) async throws(StoreError) -> LaneSurvey {
        try await read { $0.look(segments) }
    }

    /// Two rounds, and the rules between them on the process's own time: while it is frozen, its rows stay locked.
    func take(
        _ order: TakeOrder, rule: @escaping @Sendable (Take) -> Verdict
    ) async throws(StoreError) -> Begun {
        while true {
            let plan = run.change { $0.plan.routeOfTake(isQuiet: $0.isQuiet, using: &$0.random) }
            let open = try await wait { world, answer in
                world.open(order, of: process, plan.first, then: answer)
            }
            let verdict = rule(open.take)
            let begun: Begun? = try await wait { world, answer in
                world.settle(open.id, verdict, plan.second, isRepeated: plan.isRepeated, then: answer)
            }
            if let begun { return begun }
        }
    }

    func holdFirst(of order: TakeOrder, because reason: String) async throws(StoreError) -> Int? {
        try await call { $0.beginHold(order, because: reason) }
    }

    // MARK: Recording

    /// As the real one: what forbids contact is committed before the facts.
    func record(_ records: [Record], worker: String, doneLeases: [Int]) async throws(StoreError) {
        for suppression in records.flatMap(\.suppressions) {
            try await commit { $0.suppress(suppression) }
        }
        for sender in records.flatMap(\.gotThrough) {
            try await commit { $0.senderGotThrough(of: sender.jobID, sender.generation) }
        }
        for refusal in records.flatMap(\.refusals) {
            try await commit {
                $0.senderRefused(of: refusal.attempt.jobID, refusal.attempt.generation, limit: refusal.limit)
            }
        }
        for dead in records.flatMap(\.dead) {
            try await commit { $0.note(dead: dead) }
        }
        for alive in records.flatMap(\.alive) {
            try await commit { $0.note(alive: alive) }
        }
        for lookedUp in records.flatMap(\.lookups) {
            try await commit { $0.note(lookedUp: lookedUp) }
        }
        try await call { $0.beginRecord(records, worker: worker, doneLeases: doneLeases) }
    }

    func adopt(
        _ providerID: String, job: Int, generation: Int, tenant: String, unlessOpen others: LookAlikes
    ) async throws(StoreError) -> Ownership {
        let ours = AttemptKey(jobID: job, generation: generation)
        return try await call { $0.beginAdoption(providerID, by: ours, unlessOpen: others) }
    }

    // MARK: Calls to be ended

    func takeEnds(atMost count: Int, patience: Duration) async throws(StoreError) -> [EndOrder] {
        try await call { $0.beginTakeEnds(atMost: count, patience: Time(patience)) }
    }

    func settleEnds(_ settled: [SettledEnd], worker: String) async throws(StoreError) {
        try await call { $0.beginSettleEnds(settled, worker: worker) }
    }

    // MARK: Living and dying

    func register(worker: String, host: String, processID: Int, version: String) async throws(StoreError) {
        try await commit { _ = $0.heartbeat(worker, isNew: true) }
    }

    func heartbeat(worker: String, state: String) async throws(StoreError) -> Bool {
        try await upkeep { _ in Transaction(commit: { $0.heartbeat(worker, isNew: false) }) }
    }

    func remove(worker: String) async throws(StoreError) {
        try await commit { $0.database.workers[worker] = nil }
    }

    func rescue(
        worker: String, holding leases: [Int], deadAfter: Duration, reconcileAfter: Duration
    ) async throws(StoreError) -> Rescue {
        try await upkeep { [process] world in
            world.beginRescue(
                World.RescueCall(
                    worker: worker, held: Set(leases), deadAfter: Time(deadAfter),
                    reconcileAfter: Time(reconcileAfter),
                    wallClockError: world.processes[process].wallClockError))
        }
    }

    func leases(of worker: String) async throws(StoreError) -> [Int] {
        try await read { $0.leases(of: worker) }
    }

    func withdraw(_ leases: [Int], worker: String) async throws(StoreError) -> Int {
        try await call { $0.beginWithdrawal(of: leases, worker: worker) }
    }

    // MARK: Campaigns

    func waiting() async throws(StoreError) -> [WaitingCampaign] {
        try await read { $0.waitingCampaigns() }
    }

    func feed(_ campaign: Int) async throws(StoreError) -> Int {
        try await call { $0.beginFeed(campaign) }
    }

    func sweep(_ campaign: Int) async throws(StoreError) -> Int {
        try await call { $0.beginSweep(campaign) }
    }

    // MARK: Schedules

    func advance(
        atMost count: Int, _ decide: @Sendable ([DueSchedule]) -> [ScheduleAdvance]
    ) async throws(StoreError) -> [Firing] {
        // What is decided is decided between the lock and the commit, as in the real one.
        let due = try await read { $0.dueSchedules(atMost: count) }
        guard !due.isEmpty else { return [] }
        let advances = decide(due)
        return try await call { [process] in $0.beginAdvance(advances, of: due, by: process) }
    }

    /// Nothing of a simulated schedule can be refused.
    func putOff(_ schedule: Int, by pause: Duration, because problem: String) async throws(StoreError) {}

    // MARK: Upkeep

    func errorClasses() async throws(StoreError) -> [String: [String: ErrorClass]] {
        try await read { $0.workload.errorClasses(bug: $0.bug) }
    }

    func contactRules() async throws(StoreError) -> ContactRules {
        try await read { $0.contactRules }
    }

    func reroute() async throws(StoreError) -> Int {
        try await call { $0.beginReroute() }
    }

    /// Nobody pumps here.
    func judgePrefixes() async throws(StoreError) -> [Condition.PumpedPrefix] { [] }

    func keepHouse() async throws(StoreError) {
        try await commit { $0.keepHouse() }
    }

    // MARK: Calling

    private func call<Value: Sendable>(
        _ begin: @escaping @Sendable (inout World) -> Transaction<Value>
    ) async throws(StoreError) -> Value {
        try await wait { world, answer in
            let route = world.plan.route(isQuiet: world.isQuiet, using: &world.random)
            world.run(route, begin, then: answer)
        }
    }

    /// A statement that reads nothing before it writes.
    private func commit(_ body: @escaping @Sendable (inout World) -> Void) async throws(StoreError) {
        try await call { _ in Transaction(commit: body) }
    }

    /// Who watches the takeover must know that it was tried in vain.
    private func upkeep<Value: Sendable>(
        _ begin: @escaping @Sendable (inout World) -> Transaction<Value>
    ) async throws(StoreError) -> Value {
        do {
            return try await call(begin)
        } catch {
            run.change { $0.upkeepFailedAt = $0.now }
            throw error
        }
    }

    /// A statement that only reads: its snapshot is all there is.
    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (World) -> Value
    ) async throws(StoreError) -> Value {
        try await wait { world, answer in
            var route = world.plan.route(isQuiet: world.isQuiet, using: &world.random)
            route.work = 0
            world.run(
                route,
                { world in
                    let value = body(world)
                    return Transaction(commit: { _ in value })
                }, then: answer)
        }
    }

    private typealias Completion<Value> = @Sendable (inout World, Result<Value, StoreError>) -> Void

    /// Starts something in the world and waits for the first answer to it, or for the death of the process.
    private func wait<Value: Sendable>(
        _ start: @escaping @Sendable (inout World, @escaping Completion<Value>) -> Void
    ) async throws(StoreError) -> Value {
        let result = await withCheckedContinuation { caller in
            run.change { world in
                let gone = Result<Value, StoreError>.failure(.database(.poolClosed))
                guard world.processes[process].isAlive else { return caller.resume(returning: gone) }
                let waiter = world.waiters.add(of: process) { caller.resume(returning: gone) }
                start(&world) { world, result in
                    if world.waiters.finish(waiter) { caller.resume(returning: result) }
                }
            }
            run.drive()
        }
        return try result.get()
    }
}
