import Delivery
import Dispatching
import JobQueue

extension World {
    /// `store_receipts`.
    func beginReceipt(_ receipt: ReceiptArrival) -> Transaction<Bool> {
        // Whom it is about is read in the snapshot, as the statement does.
        guard let intent = database.intent(receipt.jobID, receipt.generation), intent.token == receipt.token else {
            return Transaction(commit: { _ in false })
        }
        let at = now
        let isAnswered =
            database.events[receipt.jobID]?.contains {
                $0.generation == receipt.generation && $0.kind == "answer" && $0.status == "accepted"
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
                world.placeAndNote(
                    DueRow(
                        at: at, jobID: event.jobID, lane: 0, reason: .decide, step: event.step ?? 0,
                        generation: event.generation, ladderID: event.ladderID))
            }
            if event.failure == .optedOut, let job = world.database.jobs[event.jobID], let channel = event.channel,
                let address = job.address(on: channel)
            {
                let channels: [Channel] = channel == .email ? [.email] : [.sms, .voice, .whatsapp]
                world.suppress(address, on: channels, reason: "provider \(event.code ?? event.status)")
            }
            world.tellLate(event)
            return true
        })
    }

    private func event(_ receipt: ReceiptArrival, _ intent: EventRecord, at: Time) -> EventRecord {
        var event = EventRecord(
            jobID: receipt.jobID, generation: receipt.generation, kind: "receipt", status: receipt.status, at: at,
            step: intent.step, ladderID: intent.ladderID, channel: intent.channel, senderID: intent.senderID,
            code: receipt.code, level: receipt.level, providerID: receipt.providerID)
        if let assumed = receipt.defaultClass {
            let known = workload.errorClasses(bug: bug)[receipt.provider]?[receipt.code ?? ""]
            event.failure = receipt.failureClass ?? known?.failure ?? assumed
        }
        return event
    }

    /// A receipt that comes too late is told apart.
    private mutating func tellLate(_ receipt: EventRecord) {
        guard let level = receipt.level else { return }
        let events = database.events[receipt.jobID] ?? []
        guard
            let next = events.first(where: { $0.generation == receipt.generation && $0.kind == "next" }),
            events.contains(where: { $0.generation == receipt.generation + 1 && $0.kind == "intent" })
        else { return }
        let isEscalated = next.code == "escalate"
        let wasAccepted = events.contains {
            $0.generation == receipt.generation && $0.kind == "answer" && $0.status == "accepted"
        }
        guard isEscalated ? level >= .delivered : !wasAccepted else { return }
        var late = receipt
        (late.kind, late.status) = ("reconciled", isEscalated ? "late delivery" : "duplicate")
        (late.level, late.failure, late.code) = (nil, nil, next.code)
        add(late)
    }

    // MARK: Planted bugs

    private func hasReceipt(of receipt: ReceiptArrival) -> Bool {
        database.events[receipt.jobID]?.contains {
            $0.kind == "receipt" && $0.providerID == receipt.providerID
        } ?? false
    }

    private mutating func forgetReceipts(of receipt: ReceiptArrival) {
        let old = database.events[receipt.jobID]?.filter {
            $0.kind == "receipt" && $0.generation == receipt.generation && $0.status != receipt.status
        }
        guard let old, !old.isEmpty else { return }
        database.eventKeys.subtract(old.map(\.key))
        database.events[receipt.jobID]?.removeAll { event in old.contains { $0.key == event.key } }
    }
}
