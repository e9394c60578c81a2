import Delivery
import JobQueue

extension World {
    mutating func heartbeat(_ worker: String, isNew: Bool) -> Bool {
        guard isNew || database.workers[worker] != nil else { return false }
        database.workers[worker] = now
        note(.heartbeat(worker))
        return true
    }

    /// What `rescue` is asked.
    struct RescueCall: Sendable {
        var worker: String
        var held: Set<Int>
        var deadAfter: Time
        var reconcileAfter: Time
        /// How wrong the worker's wall clock is; only a planted bug reads it.
        var wallClockError: Time
    }

    /// `jobqueue.rescue`.
    func beginRescue(_ call: RescueCall) -> Transaction<Rescue> {
        // The planted bug judges silence by the worker's own wall clock.
        let clock = bug == .leaseByWorkerClock ? now + call.wallClockError : now
        let dead = database.workers.filter { $0.value < clock - call.deadAfter }.keys.sorted()
        let alive = Set(database.workers.keys).subtracting(dead)
        let orphans = database.leases.values.filter { lease in
            bug != .deadKeepLeases && !alive.contains(lease.worker)
                || lease.worker == call.worker && !call.held.contains(lease.id) && lease.claimedAt < now - .seconds(15)
        }.map(\.id).sorted()
        let at = now
        return Transaction(commit: { world in
            var rescue = Rescue(deadWorkers: 0, wakes: 0, lost: 0)
            for worker in dead where world.database.workers[worker].map({ $0 < clock - call.deadAfter }) == true {
                world.note(.rescued(worker, deadAfter: call.deadAfter))
                world.database.workers[worker] = nil
                rescue.deadWorkers += 1
            }
            for lease in orphans {
                guard let lease = world.database.leases.removeValue(forKey: lease) else { continue }
                world.note(.leaseGone(lease: lease.id))
                for wake in lease.wakes {
                    rescue.wakes += 1
                    if world.handOn(wake, of: lease.worker, at: at, reconcileAfter: call.reconcileAfter) {
                        rescue.lost += 1
                    }
                }
            }
            return rescue
        })
    }

    /// One wake-up of a dead worker's batch; true when its intent is lost.
    private mutating func handOn(_ wake: DueRow, of worker: String, at: Time, reconcileAfter: Time) -> Bool {
        var row = wake
        (row.lane, row.cost, row.at) = (0, 1, at)
        var isLost = false
        if wake.reason == .dispatch {
            row.reason = .decide
            let isAnswered =
                database.events[wake.jobID]?.contains {
                    $0.generation == wake.generation && $0.event.answer != nil
                } ?? false
            if !isAnswered, let intent = database.intent(wake.jobID, wake.generation) {
                let lost = RecordedEvent(
                    jobID: wake.jobID, generation: wake.generation, step: wake.step, ladderID: wake.ladderID,
                    channel: intent.channel, senderID: intent.senderID, worker: worker, at: at.instant,
                    .answered(.lost(reason: "its worker stopped between the intent and the answer")))
                isLost = add(lost)
            }
        }
        if isLost {
            (row.reason, row.at) = (.reconcile, at + reconcileAfter)
            if bug == .rescueResends, let job = database.jobs[wake.jobID] {
                (row.reason, row.at, row.generation) = (.dispatch, at, wake.generation + 1)
                row.lane = database.lane(for: job, step: wake.step)
            }
        }
        placeAndNote(row)
        return isLost
    }

    func senderStates() -> [SenderState] {
        database.senders.map { sender in
            SenderState(
                id: sender.id, channel: sender.channel, rate: sender.rate,
                isOpen: sender.pausedUntil.map { $0 <= now } ?? true)
        }
    }

    /// `jobqueue.drop_settled_sends`.
    mutating func dropSettledSends() {
        for (key, open) in database.openSends.sorted(by: { $0.key < $1.key }) where open.since < now - .seconds(120) {
            let events = database.events[open.jobID]?.filter { $0.generation == open.generation } ?? []
            let isSettled = events.contains(where: \.event.settlesSend)
            let isGone = !events.contains(where: \.event.isIntent) || database.hasEnded(open.jobID)
            if isSettled || isGone { database.openSends[key] = nil }
        }
    }
}

extension JobEvent {
    /// Whether it says what became of a send that was open, or that nobody waits for that any more.
    fileprivate var settlesSend: Bool {
        switch self {
        case .receipt, .decided, .held: true
        case .answered(let answer): !answer.isDoubtful
        case .intent, .deferred, .released, .reconciled, .ended, .unrecognised: false
        }
    }
}
