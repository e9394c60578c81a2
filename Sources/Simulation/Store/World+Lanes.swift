import Delivery
import JobQueue

extension World {
    /// `look`.
    func look(_ segments: [LaneSegment]) -> LaneSurvey {
        var firsts: [Int: DueKey] = [:]
        for row in database.due where segments.contains(where: { $0.covers(row) }) {
            firsts[row.lane] = min(firsts[row.lane] ?? row.key, row.key)
        }
        return LaneSurvey(
            present: instant, lanes: firsts.sorted { $0.key < $1.key }.map { state(ofLane: $0.key, first: $0.value) },
            rulesVersion: database.contactRules.version)
    }

    private func state(ofLane id: Int, first: DueKey) -> LaneState {
        guard let lane = database.lanes[id] else {
            return LaneState(lane: Lane(rawValue: id), purpose: .send, priority: 3, isOpen: false, first: first)
        }
        let sender = database.sender(lane.senderID)
        let isServed = sender.map { $0.isEnabled && $0.pausedUntil ?? .min <= now } ?? (lane.senderID == nil)
        let isPaused = lane.campaignID.map(database.isClosed(campaign:)) ?? false
        return LaneState(
            lane: Lane(rawValue: id), purpose: lane.purpose, priority: lane.priority,
            sender: sender.map { SenderState(id: $0.id, channel: $0.channel, rate: rate(of: $0)) },
            campaignID: lane.campaignID, campaignRate: lane.campaignID.flatMap { database.campaignRates[$0] },
            isOpen: isServed && !isPaused, first: first)
    }

    private func rate(of sender: SenderRow) -> Double? {
        Consequence.rate(
            sender.rate, pausedUntil: sender.pausedUntil?.instant, isRefused: !sender.refusedJobs.isEmpty, now: instant)
    }

    /// Due rows of a lane, in the order of a take.
    func dueRows(in lane: Lane, after floor: DueKey, limit: Int, evenLocked: Bool = false) -> [PlacedRow] {
        let found = database.due.filter { row in
            row.lane == lane.rawValue && row.at <= now && row.key > floor
                && (evenLocked || !database.locked.contains(row.number))
        }
        return Array(found.sorted { ($0.key, $0.number) < ($1.key, $1.number) }.prefix(limit))
    }

    /// `hold_first`.
    mutating func beginHold(_ order: TakeOrder, because reason: String) -> Transaction<Int?> {
        guard let row = dueRows(in: order.lane.lane, after: order.floor, limit: 1).first else {
            return Transaction(commit: { _ in nil })
        }
        let at = now
        database.locked.insert(row.number)
        return Transaction(
            commit: { $0.hold(row, because: reason, worker: order.worker, at: at) ? row.jobID : nil },
            release: { $0.database.locked.remove(row.number) })
    }

    /// Holds the job of a row, and tells if that was new. One that a person has released is looked at again instead.
    mutating func hold(_ row: PlacedRow, because reason: String, worker: String, at: Time) -> Bool {
        database.removeDue([row.number])
        let held = RecordedEvent(
            jobID: row.jobID, generation: row.generation, step: row.step, ladderID: row.ladderID, worker: worker,
            at: at.instant, .held(reason: reason))
        if add(held) { return true }
        if database.events[row.jobID]?.contains(where: { $0.attempt == held.attempt && $0.event.isRelease }) ?? false {
            var again = row
            again.at = at + .seconds(60)
            note(.putBack(database.place(again)))
        }
        return false
    }

    /// `reroute`: sends of lanes whose sender is disabled or gone, and those that had none.
    mutating func beginReroute() -> Transaction<Int> {
        let at = now
        var moved: [PlacedRow] = []
        for row in database.due.sorted(by: { ($0.lane, $0.key, $0.number) < ($1.lane, $1.key, $1.number) }) {
            guard row.at <= now + .seconds(300), isUnserved(row.lane), let job = database.jobs[row.jobID] else {
                continue
            }
            let lane = database.sendLane(for: job, step: row.step)
            guard lane != row.lane, !database.locked.contains(row.number) else { continue }
            var row = row
            (row.lane, row.at) = (lane, max(row.at, at))
            moved.append(row)
        }
        let rows = moved.prefix(1000)
        database.locked.formUnion(rows.map(\.number))
        return Transaction(
            commit: { world in
                world.database.removeDue(Set(rows.map(\.number)))
                for row in rows { world.note(.putBack(world.database.place(row))) }
                return rows.count
            },
            release: { $0.database.locked.subtract(rows.map(\.number)) })
    }

    private func isUnserved(_ id: Int) -> Bool {
        guard let lane = database.lanes[id], lane.purpose == .send else { return false }
        return database.sender(lane.senderID).map { !$0.isEnabled } ?? true
    }

    // MARK: Placing

    /// A new due row, in the lane that its reason and its job give it.
    mutating func place(
        _ job: JobRow, at: Time, _ reason: DueReason, step: Int, generation: Int, ladderID: Int?
    ) {
        let channel = database.target(of: job, step: step).channel
        let isSend = reason == .dispatch || reason == .resume
        let lane =
            isSend
            ? database.sendLane(for: job, step: step) : Lane.look(reason, priority: job.priority, on: channel)
        let row = PlacedRow(
            at: at, jobID: job.id, lane: lane, reason: reason, step: step, generation: generation, ladderID: ladderID,
            cost: isSend && channel == .sms ? workload.segments(of: job) : 1)
        note(.placed(database.place(row)))
    }

    // MARK: What people do

    mutating func pause(campaign id: Int, _ isPaused: Bool) {
        if isPaused { database.pausedCampaigns.insert(id) } else { database.pausedCampaigns.remove(id) }
        note(.campaign(id, isPaused: isPaused))
    }

    mutating func enable(sender id: Int, _ isEnabled: Bool) {
        database.change(sender: id) { $0.isEnabled = isEnabled }
        note(.world("sender \(id) is \(isEnabled ? "enabled" : "disabled")"))
    }
}

extension LaneSegment {
    fileprivate func covers(_ row: PlacedRow) -> Bool {
        (row.lane > lane.rawValue || row.lane == lane.rawValue && row.key > after) && row.lane < until.rawValue
    }
}
