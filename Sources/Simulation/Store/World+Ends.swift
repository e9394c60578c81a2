import Delivery
import JobQueue

/// A row of `ends`.
struct EndRow: Sendable {
    var reason: EndReason
    var askedAt: Time
    /// When it may be taken.
    var at: Time
    var tries = 0
}

extension World {
    // MARK: Asking

    /// `ask_ends` of all calls of a job.
    mutating func askEnds(of job: Int, _ reason: EndReason) {
        for intent in (database.events[job] ?? []).filter(\.event.isIntent) { askEnd(of: intent.attempt, reason) }
    }

    /// `ask_ends` of one attempt: if it is a call, and not known to be over.
    mutating func askEnd(of attempt: AttemptKey, _ reason: EndReason) {
        guard let intent = database.intent(attempt.jobID, attempt.generation), intent.channel == .voice,
            database.ends[attempt] == nil, !isOver(attempt)
        else { return }
        database.ends[attempt] = EndRow(reason: reason, askedAt: now, at: now)
        add(event(of: intent, .reconciled(.ending(.asked, reason))))
    }

    /// What the trigger on `suppressions` does, and `note_calls` for those that begin at the same time.
    mutating func askEndsOfCalls(by key: SuppressionKey) {
        let stopped = database.jobs.values.filter { job in
            SuppressionKey.binding(key.address, on: .voice, tenant: job.tenant, category: job.category).contains(key)
                && job.address(on: .voice) == key.address
        }
        for job in stopped.map(\.id).sorted() { askEnds(of: job, .optedOut) }
    }

    /// `note_calls`: what was committed after the snapshot of whoever begins the call.
    mutating func noteCall(_ intent: RecordedEvent, to address: String?) {
        guard intent.channel == .voice else { return }
        if let address, let job = database.jobs[intent.jobID],
            SuppressionKey.binding(address, on: .voice, tenant: job.tenant, category: job.category)
                .contains(where: { database.suppressions[$0] != nil })
        {
            askEnd(of: intent.attempt, .optedOut)
        }
        if let campaign = database.jobs[intent.jobID]?.campaignID, database.canceledCampaigns.contains(campaign) {
            askEnd(of: intent.attempt, .canceled)
        }
    }

    private func isOver(_ attempt: AttemptKey) -> Bool {
        (database.events[attempt.jobID] ?? []).contains { event in
            guard event.attempt == attempt else { return false }
            switch event.event {
            case .answered(.refused), .answered(.notSent), .answered(.skipped): return true
            case .receipt(let receipt):
                if case .failed = receipt.finding { return true }
                return receipt.level.map { $0 == .voicemail || $0 == .answered } ?? false
            case .reconciled(.ending(let stage, _, _)): return stage != .asked
            case .answered, .intent, .decided, .deferred, .held, .released, .reconciled, .ended, .unrecognised:
                return false
            }
        }
    }

    private func event(of intent: RecordedEvent, worker: String? = nil, _ event: JobEvent) -> RecordedEvent {
        RecordedEvent(
            jobID: intent.jobID, generation: intent.generation, step: intent.step, ladderID: intent.ladderID,
            channel: intent.channel, senderID: intent.senderID, worker: worker, at: instant, event)
    }

    // MARK: Ending

    /// `take_ends`.
    func beginTakeEnds(atMost count: Int, patience: Time) -> Transaction<[EndOrder]> {
        let due = database.ends.filter { $0.value.at <= now }.sorted { one, other in
            (one.value.at, one.key.jobID, one.key.generation) < (other.value.at, other.key.jobID, other.key.generation)
        }
        let keys = due.prefix(count).map(\.key)
        return Transaction(commit: { world in
            keys.compactMap { key in
                // Whoever has it meanwhile keeps it.
                guard var row = world.database.ends[key], row.at <= world.now else { return nil }
                (row.at, row.tries) = (world.now + patience, row.tries + 1)
                world.database.ends[key] = row
                let events = (world.database.events[key.jobID] ?? []).filter { $0.attempt == key }
                return EndOrder(
                    jobID: key.jobID, generation: key.generation, reason: row.reason, tries: row.tries,
                    waited: .microseconds(world.now - row.askedAt), history: JobHistory(events))
            }
        })
    }

    /// `settle_ends`.
    func beginSettleEnds(_ settled: [SettledEnd], worker: String) -> Transaction<Void> {
        Transaction(commit: { world in
            for end in settled {
                let key = AttemptKey(jobID: end.order.jobID, generation: end.order.generation)
                guard world.database.ends[key] != nil else { continue }
                guard let event = end.event else {
                    world.database.ends[key]?.at = world.now + Time(end.pause ?? .zero)
                    continue
                }
                world.database.ends[key] = nil
                guard let intent = world.database.intent(key.jobID, key.generation) else { continue }
                let told = world.event(of: intent, worker: worker, event)
                if world.add(told), !world.database.hasEnded(key.jobID) { world.lookAgain(at: told, from: world.now) }
            }
        })
    }
}
