import Delivery
import JobQueue

extension World {
    /// `jobqueue.record`. The clock of the wake-ups is read at the start, the facts count when they are committed.
    func beginRecord(_ records: [Record], worker: String, doneLeases: [Int]) -> Transaction<Void> {
        let at = now
        return Transaction(commit: { world in
            for record in records {
                var new: Set<EventKey> = []
                for event in record.events where world.add(world.stored(event, at: at, worker: worker)) {
                    new.insert(event.key)
                }
                guard let row = record.dueRow else { continue }
                let isAllowed = record.fence.map(new.contains) ?? true
                if isAllowed || world.bug == .fenceIgnored { world.place(row, at: at) }
            }
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

    private func stored(_ event: RecordedEvent, at: Time, worker: String) -> RecordedEvent {
        var stored = event
        (stored.at, stored.worker) = (at.instant, worker)
        if bug == .generationIgnored, case .answered = event.event {
            // The word of an old attempt is taken for the newest one's.
            let begun = database.events[event.jobID]?.filter(\.event.isIntent).map(\.generation).max()
            stored.generation = begun ?? event.generation
        }
        return stored
    }

    private mutating func place(_ wake: NewDueRow, at: Time) {
        guard let job = database.jobs[wake.jobID] else { return }
        let isSend = wake.reason == .dispatch
        placeAndNote(
            DueRow(
                at: max(at, Time(wake.at)), jobID: wake.jobID,
                lane: isSend ? database.lane(for: job, step: wake.step) : 0,
                reason: wake.reason, step: wake.step, generation: wake.generation, ladderID: wake.ladderID,
                cost: isSend && wake.channel == .sms ? workload.segments(of: job) : 1))
    }

    /// `jobqueue.suppress`.
    mutating func suppress(_ address: String, on channels: [Channel], reason: String) {
        for channel in channels {
            let key = SuppressionKey(address: address, channel: channel)
            guard database.suppressions[key] == nil else { continue }
            database.suppressions[key] = reason
            note(.suppressed(address, channel, lifted: false))
        }
    }

    /// The address of a job on some channels, which all share it.
    mutating func suppress(job: Int, on channels: Set<Channel>, reason: String) {
        guard let channel = channels.first, let address = database.jobs[job]?.address(on: channel) else { return }
        suppress(address, on: channels.sorted { $0.rawValue < $1.rawValue }, reason: reason)
    }

    /// `jobqueue.pause_sender`.
    mutating func pauseSender(of job: Int, _ generation: Int) {
        let sender = database.intent(job, generation)?.senderID
        guard let index = database.senders.firstIndex(where: { $0.id == sender }) else { return }
        let pause = Time(Consequence.pause)
        if let already = database.senders[index].pausedUntil, already >= now + pause / 2 { return }
        database.senders[index].pausedUntil = now + pause
        note(.world("sender \(database.senders[index].id) is paused"))
    }

    /// `jobqueue.adopt`.
    mutating func adopt(_ providerID: String, job: Int, generation: Int) -> Bool {
        if bug == .adoptionUnchecked { return true }
        let ours = Database.FactAddress(jobID: job, generation: generation)
        if let already = database.adopted[providerID] { return already == ours }
        let isOthers = database.events.values.contains { events in
            events.contains { event in
                event.event.providerID == providerID && event.event.receipt == nil
                    && (event.jobID, event.generation) != (job, generation)
            }
        }
        guard !isOthers else { return false }
        database.adopted[providerID] = ours
        return true
    }
}
