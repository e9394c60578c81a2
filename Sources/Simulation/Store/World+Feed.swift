import Delivery
import JobQueue

/// Campaigns' jobs that have no due row yet.
extension World {
    /// So few that a run has many parts.
    private static let (part, enough) = (2, 3)

    /// `campaigns_to_tend`.
    func waitingCampaigns() -> [WaitingCampaign] {
        let waiting = database.unfed.filter { !$0.value.isEmpty }.map(\.key)
        let left = database.canceledCampaigns.filter { campaign in
            database.due.contains { database.lanes[$0.lane]?.campaignID == campaign }
        }
        return Set(waiting).union(left).sorted().compactMap { id in
            if database.canceledCampaigns.contains(id) { return WaitingCampaign(id: id, isOver: true) }
            return database.pausedCampaigns.contains(id) ? nil : WaitingCampaign(id: id, isOver: false)
        }
    }

    /// `feed_campaign`: what it takes out of the list and the due rows that it gives are one commit.
    mutating func beginFeed(_ campaign: Int) -> Transaction<Int> {
        let isDue = { (row: PlacedRow) in row.at <= self.now && self.database.lanes[row.lane]?.campaignID == campaign }
        guard !database.isClosed(campaign: campaign), !database.fedNow.contains(campaign),
            database.due.count(where: isDue) < Self.enough
        else {
            return Transaction(commit: { _ in 0 })
        }
        database.fedNow.insert(campaign)
        let ids = unfed(of: campaign)
        let release: @Sendable (inout World) -> Void = { $0.database.fedNow.remove(campaign) }
        if bug == .cursorBeforeBatch {
            // The list is written first, and the due rows by a second statement.
            database.takeOut(ids, of: campaign)
            return Transaction(commit: { $0.feed(ids) }, release: release)
        }
        return Transaction(
            commit: { world in
                world.database.takeOut(ids, of: campaign)
                return world.feed(ids)
            }, release: release)
    }

    private func unfed(of campaign: Int) -> [Int] {
        let ids = (database.unfed[campaign] ?? []).sorted()
        // A cursor at the highest id that was fed passes over whoever commits later with a lower one.
        let rest = bug == .cursorByID ? ids.filter { $0 > database.highestFed[campaign] ?? 0 } : ids
        return Array(rest.prefix(min(Self.part, room(in: campaign))))
    }

    /// `budget_left`: who is fed waits for a message that is not begun yet, and has a part of the budget all the same.
    private func room(in campaign: Int) -> Int {
        guard let budget = database.budgets[campaign] else { return .max }
        let begun = database.jobs.values.filter { $0.campaignID == campaign }
            .flatMap { database.events[$0.id] ?? [] }.count { if case .intent = $0.event { true } else { false } }
        let waiting = database.due.count { database.lanes[$0.lane]?.campaignID == campaign }
        return max(0, budget - begun - (bug == .budgetIgnoresWaiting ? 0 : waiting))
    }

    private mutating func feed(_ ids: [Int]) -> Int {
        for job in ids.compactMap({ database.jobs[$0] }) {
            place(job, at: max(now, job.runAt ?? now), .dispatch, step: 0, generation: 1, ladderID: job.ladderID)
        }
        return ids.count
    }

    /// `sweep_campaign`: those without a due row first, then those whose next send waits.
    mutating func beginSweep(_ campaign: Int) -> Transaction<Int> {
        guard database.canceledCampaigns.contains(campaign), database.fedNow.insert(campaign).inserted else {
            return Transaction(commit: { _ in 0 })
        }
        let ids = Array((database.unfed[campaign] ?? []).sorted().prefix(Self.part))
        let rows = ids.isEmpty ? waitingRows(of: campaign) : []
        database.locked.formUnion(rows.map(\.number))
        return Transaction(
            commit: { world in
                world.database.takeOut(ids, of: campaign)
                world.database.removeDue(Set(rows.map(\.number)))
                let ended = ids + rows.filter { world.database.intent($0.jobID, $0.generation) == nil }.map(\.jobID)
                for job in ended {
                    world.add(RecordedEvent(jobID: job, generation: 0, at: world.instant, .ended(.canceled)))
                }
                return ids.count + rows.count
            },
            release: { world in
                world.database.fedNow.remove(campaign)
                world.database.locked.subtract(rows.map(\.number))
            })
    }

    private func waitingRows(of campaign: Int) -> [PlacedRow] {
        let rows = database.due.filter { row in
            database.lanes[row.lane]?.campaignID == campaign && !database.locked.contains(row.number)
        }
        return Array(rows.sorted { ($0.key, $0.number) < ($1.key, $1.number) }.prefix(Self.part))
    }

    mutating func setBudget(_ messages: Int?, of campaign: Int) {
        database.budgets[campaign] = messages
        note(.budget(campaign: campaign, messages))
    }

    mutating func cancel(campaign id: Int) {
        database.canceledCampaigns.insert(id)
        note(.campaign(id, isPaused: true))
        for job in database.jobs.values.filter({ $0.campaignID == id }).map(\.id).sorted() {
            askEnds(of: job, .canceled)
        }
    }
}

extension SimulatedDatabase {
    /// Whether nothing of the campaign may be begun.
    func isClosed(campaign id: Int) -> Bool { pausedCampaigns.contains(id) || canceledCampaigns.contains(id) }

    /// Jobs of the campaign get their due rows now.
    mutating func takeOut(_ ids: [Int], of campaign: Int) {
        unfed[campaign]?.removeAll(where: ids.contains)
        if let highest = ids.max() { highestFed[campaign] = max(highest, highestFed[campaign] ?? 0) }
    }
}

extension JobRow {
    /// `is_fed`: whether it waits to be fed.
    var isFed: Bool { campaignID != nil && priority >= 1 }
}
