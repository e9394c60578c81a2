import Delivery
import Inbox
import JobQueue

extension World {
    /// `store_receipts`.
    func beginReceipt(_ receipt: ReceiptArrival) -> Transaction<Bool> {
        // Whom it is about is read in the snapshot, as the statement does.
        guard let intent = database.intent(receipt.jobID, receipt.generation), intent.event.token == receipt.token
        else {
            return Transaction(commit: { _ in false })
        }
        let at = now
        let isAnswered =
            database.events[receipt.jobID]?.contains {
                $0.generation == receipt.generation && $0.event.isAcceptance
            } ?? false
        return Transaction(commit: { world in
            if world.bug == .receiptOrderTrusted { world.forgetReceipts(of: receipt) }
            if world.bug == .dedupeByIDOnly, world.hasReceipt(of: receipt) { return true }
            let event = world.event(receipt, intent, at: at)
            guard world.add(event) else { return true }
            if !isAnswered, let id = receipt.providerID, world.database.adopted[id] == nil {
                world.database.adopted[id] = .init(jobID: receipt.jobID, generation: receipt.generation)
            }
            if receipt.needsDecision {
                world.lookAgain(at: event, from: at)
            }
            for consequence in Consequence.of(event.event, on: receipt.channel, job: event.jobID) {
                switch consequence {
                case .suppress(let channels, let reach, let reason):
                    world.suppress(
                        .init(
                            jobID: event.jobID, generation: event.generation, channels: channels, reach: reach,
                            reason: reason, source: receipt.provider))
                case .refusal(_, let limit): world.senderRefused(of: event.jobID, event.generation, limit: limit)
                case .gotThrough: world.senderGotThrough(of: event.jobID, event.generation)
                case .alive(let channel): world.note(alive: .init(jobID: event.jobID, channel: channel))
                case .dead(let channels, let failure, let code):
                    world.note(
                        dead: .init(jobID: event.jobID, channels: channels, failure: failure, code: code))
                }
            }
            world.tellLate(event)
            return true
        })
    }

    /// A decision is due about the attempt of an event.
    mutating func lookAgain(at event: RecordedEvent, from at: Time) {
        guard let job = database.jobs[event.jobID] else { return }
        place(
            job, at: at, .decide, step: event.step ?? 0, generation: event.generation, ladderID: event.ladderID)
    }

    private func event(_ receipt: ReceiptArrival, _ intent: RecordedEvent, at: Time) -> RecordedEvent {
        let known = workload.errorClasses(bug: bug)[receipt.provider]?[receipt.code ?? ""]
        return RecordedEvent(
            jobID: receipt.jobID, generation: receipt.generation, step: intent.step, ladderID: intent.ladderID,
            channel: intent.channel, senderID: intent.senderID, at: at.instant, receipt.event(known: known))
    }

    /// A receipt that comes too late is told apart.
    private mutating func tellLate(_ receipt: RecordedEvent) {
        let history = JobHistory(database.events[receipt.jobID] ?? [])
        guard let late = history.lateNews(in: receipt.event, of: receipt.generation) else { return }
        add(
            RecordedEvent(
                jobID: receipt.jobID, generation: receipt.generation, step: receipt.step, ladderID: receipt.ladderID,
                channel: receipt.channel, senderID: receipt.senderID, at: receipt.at, .reconciled(late)))
    }

    // MARK: Planted bugs

    private func hasReceipt(of receipt: ReceiptArrival) -> Bool {
        database.events[receipt.jobID]?.contains { event in
            event.event.receipt.map { $0.providerID == receipt.providerID } ?? false
        } ?? false
    }

    private mutating func forgetReceipts(of receipt: ReceiptArrival) {
        let old = database.events[receipt.jobID]?.filter { event in
            event.generation == receipt.generation
                && event.event.receipt.map { $0.status != receipt.status } ?? false
        }
        guard let old, !old.isEmpty else { return }
        database.eventKeys.subtract(old.map(\.key))
        database.events[receipt.jobID]?.removeAll { event in old.contains { $0.key == event.key } }
    }
}
