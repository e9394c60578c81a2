import Delivery
import JobQueue

extension World {
    mutating func heartbeat(_ worker: String, isNew: Bool) -> Bool {
        guard isNew || database.workers[worker] != nil else { return false }
        database.workers[worker] = now
        note(.heartbeat(worker))
        return true
    }

    /// Notes what a worker holds; nil when that is nothing.
    mutating func lease(_ items: [LeaseRow.Item], worker: String, at: Time) -> Int? {
        guard !items.isEmpty else { return nil }
        let id = database.newLease()
        database.leases[id] = LeaseRow(id: id, worker: worker, takenAt: at, items: items)
        note(.leased(lease: id, worker: worker))
        return id
    }

    // MARK: Rescue

    /// What `rescue` is asked.
    struct RescueCall: Sendable {
        var worker: String
        var held: Set<Int>
        var deadAfter: Time
        var reconcileAfter: Time
        /// How wrong the worker's wall clock is; only a planted bug reads it.
        var wallClockError: Time
    }

    /// `rescue`.
    func beginRescue(_ call: RescueCall) -> Transaction<Rescue> {
        // The planted bug judges silence by the worker's own wall clock.
        let clock = bug == .leaseByWorkerClock ? now + call.wallClockError : now
        let dead = database.workers.filter { $0.value < clock - call.deadAfter }.keys.sorted()
        let alive = Set(database.workers.keys).subtracting(dead)
        let orphans = database.leases.values.filter { lease in
            bug != .deadKeepLeases && !alive.contains(lease.worker)
                || lease.worker == call.worker && !call.held.contains(lease.id) && lease.takenAt < now - .seconds(15)
        }.map(\.id).sorted()
        let at = now
        return Transaction(commit: { world in
            var rescue = Rescue(deadWorkers: 0, looks: 0, lost: 0)
            for worker in dead where world.database.workers[worker].map({ $0 < clock - call.deadAfter }) == true {
                world.note(.rescued(worker, deadAfter: call.deadAfter))
                world.database.workers[worker] = nil
                rescue.deadWorkers += 1
            }
            for lease in orphans.compactMap({ world.database.leases.removeValue(forKey: $0) }) {
                world.note(.leaseGone(lease: lease.id))
                for item in lease.items {
                    rescue.looks += 1
                    let isLost = world.handOn(item, of: lease.worker, at: at, reconcileAfter: call.reconcileAfter)
                    rescue.lost += isLost ? 1 : 0
                }
            }
            return rescue
        })
    }

    /// One job of a dead worker's batch; true when its intent is lost.
    private mutating func handOn(
        _ item: LeaseRow.Item, of worker: String, at: Time, reconcileAfter: Time
    ) -> Bool {
        let lost = JobEvent.Answer.lost(reason: "its worker stopped between the intent and the answer")
        let isLost = answer(item, with: lost, worker: worker, at: at)
        guard var job = database.jobs[item.jobID] else { return isLost }
        if bug == .urgencyForgotten { job.category = .marketing }
        if isLost, bug == .rescueResends {
            place(
                job, at: at, .dispatch, step: item.step, generation: item.generation + 1, ladderID: item.ladderID)
            return true
        }
        let reason: DueReason = isLost ? .reconcile : item.reason == .dispatch ? .decide : item.reason
        place(
            job, at: isLost ? at + reconcileAfter : at, reason, step: item.step, generation: item.generation,
            ladderID: item.ladderID)
        return isLost
    }

    /// Answers an intent that has no answer, and tells if that was new.
    private mutating func answer(
        _ item: LeaseRow.Item, with answer: JobEvent.Answer, worker: String, at: Time
    ) -> Bool {
        let isAnswered =
            database.events[item.jobID]?.contains { $0.attempt == item.attempt && $0.event.answer != nil } ?? false
        guard item.reason == .dispatch, !isAnswered, let intent = database.intent(item.jobID, item.generation) else {
            return false
        }
        return add(
            RecordedEvent(
                jobID: item.jobID, generation: item.generation, step: item.step, ladderID: item.ladderID,
                channel: intent.channel, senderID: intent.senderID, worker: worker, at: at.instant, .answered(answer)))
    }

    // MARK: Withdrawal

    /// `own_leases`.
    func leases(of worker: String) -> [Int] {
        database.leases.values.filter { $0.worker == worker }.map(\.id).sorted()
    }

    /// `withdraw`: of these batches nothing was sent.
    func beginWithdrawal(of leases: [Int], worker: String) -> Transaction<Int> {
        let at = now
        return Transaction(commit: { world in
            var unsent = 0
            for id in leases.sorted() {
                guard world.database.leases[id]?.worker == worker,
                    let lease = world.database.leases.removeValue(forKey: id)
                else { continue }
                world.note(.leaseGone(lease: id))
                for item in lease.items where world.takeBack(item, worker: worker, at: at) { unsent += 1 }
            }
            return unsent
        })
    }

    /// One job of a batch that nobody began; true when its intent counts as not sent.
    private mutating func takeBack(_ item: LeaseRow.Item, worker: String, at: Time) -> Bool {
        var isUnsent = false
        if database.intent(item.jobID, item.generation)?.worker == worker {
            let notSent = JobEvent.Answer.notSent(reason: "the answer to its take was lost: nobody began it")
            isUnsent = answer(item, with: notSent, worker: worker, at: at)
        }
        if isUnsent {
            let settled = database.openSends.filter { $0.value.attempt == item.attempt }
            for key in settled.keys { database.openSends[key] = nil }
        }
        if let job = database.jobs[item.jobID] {
            place(
                job, at: at, item.reason == .dispatch ? .decide : item.reason, step: item.step,
                generation: item.generation, ladderID: item.ladderID)
        }
        return isUnsent
    }

    // MARK: Housekeeping

    /// `drop_old_windows` and `drop_settled_sends`.
    mutating func keepHouse() {
        for (window, takenAt) in database.rateWindows where takenAt < now - .seconds(120) {
            let rate = database.sender(window.senderID)?.rate
            if let rate, takenAt >= now - Time(2_000_000 / rate) { continue }
            database.rateWindows[window] = nil
        }
        for (share, takenAt) in database.campaignWindows where takenAt < now - .seconds(120) {
            let rate = database.campaignRates[share.campaignID]
            if let rate, takenAt >= now - Time(2_000_000 / rate) { continue }
            database.campaignWindows[share] = nil
        }
        for (key, open) in database.openSends where open.since < now - .seconds(120) {
            let own = OpenKey(open.message, of: open.attempt)
            if database.intent(open.jobID, open.generation) == nil || database.isAccountedFor(open.attempt) {
                database.openSends[key] = nil
            } else if database.isGivenUp(open.attempt), key != own {
                database.openSends[key] = nil
                database.openSends[own] = open
            } else if database.isGivenUp(open.attempt), open.since < now - .seconds(420), !isLookedFor(like: open) {
                database.openSends[key] = nil
            }
        }
    }

    /// Whether another job's open send could take its message for its own.
    private func isLookedFor(like open: OpenRow) -> Bool {
        database.openSends.values.contains { other in
            other.message.likeness == open.message.likeness && other.jobID != open.jobID
                && (!database.isGivenUp(other.attempt) || other.since >= now - .seconds(120))
        }
    }
}
