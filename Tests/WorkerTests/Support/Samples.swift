import Delivery
import JobQueue

/// Rows of a take, and lanes, as a store would bring them.
enum Sample {
    static let now = Instant(microseconds: 1_000_000_000_000)

    static func lane(
        _ id: Int = 18, priority: Int = 2, purpose: LaneState.Purpose = .send, rate: Double? = nil,
        channel: Channel = .sms, isOpen: Bool = true, at first: DueKey = .start
    ) -> LaneState {
        LaneState(
            lane: Lane(rawValue: id), purpose: purpose, priority: priority,
            sender: purpose == .send ? SenderState(id: 1, channel: channel, rate: rate) : nil, isOpen: isOpen,
            first: first)
    }

    /// A job of two texts, the second after a minute.
    static func job(
        _ id: Int, _ reason: DueReason = .dispatch, generation: Int = 1, category: Category = .transactional,
        cost: Int = 1, events: [(generation: Int, event: JobEvent)] = [], change: (inout TakenJob) -> Void = { _ in }
    ) -> TakenJob {
        let key = DueKey(atMicroseconds: id * 1_000, jobID: id)
        let due = DueRow(
            place: "(0,\(id))", key: key, step: 0, generation: generation, reason: reason, cost: cost)
        let steps = Array(repeating: LadderStep(channel: .sms, wait: .seconds(60), success: .delivered), count: 2)
        let history = JobHistory(
            events.map { RecordedEvent(jobID: id, generation: $0.generation, step: 0, at: now, $0.event) })
        var job = TakenJob(
            due: due, reason: reason, takenAt: now, tenant: "default",
            category: category, priority: category.defaultPriority, ladder: Ladder(steps: steps), channel: .sms,
            address: "+15550000001", sender: .init(id: 1, address: "+15550000002"),
            content: JobContent(body: "Hello"), history: history)
        change(&job)
        return job
    }

    /// One whose message the provider has, with its wait over.
    static func awaited(_ id: Int, category: Category = .alert) -> TakenJob {
        let events: [(generation: Int, event: JobEvent)] = [
            (1, .intent(token: "t")), (1, .answered(.accepted(providerID: "SM\(id)"))),
        ]
        return job(id, .receipt, category: category, events: events) { $0.takenAt = now.advanced(by: .seconds(61)) }
    }

    static func take(_ jobs: [TakenJob], wonSlot: Int? = nil) -> Take {
        take(jobs.map { TakenRow($0.due, .job($0)) }, wonSlot: wonSlot)
    }

    static func take(_ rows: [TakenRow], wonSlot: Int? = nil) -> Take {
        Take(takenAt: now, rows: rows, slot: wonSlot ?? 0, wonSlot: wonSlot, oldestTransaction: 10, nextTransaction: 11)
    }
}
