import Delivery
import JobQueue

extension World {
    /// `jobqueue.record`. The clock of the wake-ups is read at the start, the facts count when they are committed.
    func beginRecord(_ records: [Record], worker: String, doneLeases: [Int]) -> Transaction<Void> {
        let at = now
        return Transaction(commit: { world in
            for event in records.flatMap(\.events) {
                let isNew = world.add(world.fact(event, at: at, worker: worker))
                guard isNew || world.bug == .fenceIgnored, let wake = event.wakeUp else { continue }
                world.place(wake, at: at)
            }
            for wake in records.flatMap(\.wakeUps) { world.place(wake, at: at) }
            for lease in doneLeases where world.database.leases.removeValue(forKey: lease) != nil {
                world.note(.leaseGone(lease: lease))
            }
            for settled in records.compactMap(\.settled) {
                guard let open = world.database.openSends[settled.key], open.jobID == settled.jobID,
                    open.generation == settled.generation
                else { continue }
                world.database.openSends[settled.key] = nil
            }
        })
    }

    private func fact(_ event: NewEvent, at: Time, worker: String) -> EventRecord {
        var generation = event.generation
        if bug == .generationIgnored, event.kind == .answer {
            // The word of an old attempt is taken for the newest one's.
            generation =
                database.events[event.jobID]?.filter { $0.kind == "intent" }.map(\.generation).max() ?? generation
        }
        return EventRecord(
            jobID: event.jobID, generation: generation, kind: event.kind.rawValue, status: event.status, at: at,
            step: event.step, ladderID: event.ladderID, channel: event.channel, senderID: event.senderID,
            code: event.code, failure: event.failure, level: event.level, providerID: event.providerID, worker: worker,
            retryAfter: event.retryAfterSeconds, reason: event.reason, nextStep: event.nextStep)
    }

    private mutating func place(_ wake: WakeUp, at: Time) {
        guard let job = database.jobs[wake.jobID] else { return }
        let isSend = wake.reason == .dispatch
        placeAndNote(
            DueRow(
                at: max(at, Time(wake.at)), jobID: wake.jobID,
                lane: isSend ? database.lane(for: job, step: wake.step) : 0,
                reason: wake.reason, step: wake.step, generation: wake.generation, ladderID: wake.ladderID,
                cost: isSend && wake.channel == .sms ? workload.segments(of: job) : 1))
    }

    /// `suppress`.
    mutating func suppress(_ address: String, on channels: [Channel], reason: String) {
        for channel in channels {
            let key = SuppressionKey(address: address, channel: channel)
            guard database.suppressions[key] == nil else { continue }
            database.suppressions[key] = reason
            note(.suppressed(address, channel, lifted: false))
        }
    }

    /// `pause_sender`.
    mutating func pause(_ sender: Int, for pause: Duration) {
        guard let index = database.senders.firstIndex(where: { $0.id == sender }) else { return }
        let until = now + Time(pause)
        if let already = database.senders[index].pausedUntil, already >= now + Time(pause) / 2 { return }
        database.senders[index].pausedUntil = until
        note(.world("sender \(sender) is paused"))
    }

    /// `adopt_send`.
    mutating func adopt(_ providerID: String, job: Int, generation: Int) -> Bool {
        if bug == .adoptionUnchecked { return true }
        let ours = Database.FactAddress(jobID: job, generation: generation)
        if let already = database.adopted[providerID] { return already == ours }
        let isOthers = database.events.values.contains { events in
            events.contains { event in
                event.providerID == providerID && event.kind != "receipt"
                    && (event.jobID, event.generation) != (job, generation)
            }
        }
        guard !isOthers else { return false }
        database.adopted[providerID] = ours
        return true
    }
}
