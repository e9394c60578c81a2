import Delivery
import JobQueue

extension World {
    /// `jobqueue.claim_wakes`.
    mutating func beginWakes(after floor: DueKey, limit: Int, worker: String) -> Transaction<Claim> {
        let snapshot = database.snapshot
        let at = now
        let taken = dueRows(in: 0, after: floor, limit: limit)
        let rows = taken.map(\.row)
        database.locked.formUnion(rows)
        var seen: Set<String> = []
        let candidates: [Candidate] = taken.compactMap { row in
            guard let job = database.jobs[row.jobID], !database.hasEnded(row.jobID),
                seen.insert("\(row.jobID).\(row.generation) \(row.reason.rawValue)").inserted
            else { return nil }
            var candidate = candidate(row, job)
            let sender = database.intent(row.jobID, row.generation)?.senderID
            candidate.sender =
                sender.flatMap { id in database.senders.first { $0.id == id } }
                ?? database.sender(for: candidate.address, on: candidate.channel)
            return candidate
        }
        return Transaction(
            commit: { world in
                world.database.removeDue(Set(rows))
                let lease = world.lease(candidates.map(\.row), worker: worker, at: at)
                return Claim(
                    jobs: lease.map { lease in candidates.map { world.claimedJob($0, lease: lease, at: at) } } ?? [],
                    taken: taken.count, leaseID: lease, wonSlot: nil, lastKey: taken.map(\.key).max(),
                    oldestTransaction: snapshot.oldest, nextTransaction: snapshot.next)
            },
            release: { $0.database.locked.subtract(rows) })
    }

    /// `jobqueue.lanes_due`.
    func lanesDue(_ asked: [(lane: Lane, floor: DueKey)]) -> [Lane] {
        asked.filter { lane, floor in
            database.due.contains { $0.lane == lane.rawValue && $0.at <= now && $0.key > floor }
        }.map(\.lane).sorted { ($0.rawValue % 4, $0.rawValue) < ($1.rawValue % 4, $1.rawValue) }
    }

    /// The columns of a claim's answer.
    func claimedJob(_ candidate: Candidate, lease: Int, at: Time) -> ClaimedJob {
        let (row, job, channel) = (candidate.row, candidate.job, candidate.channel)
        var claimed = ClaimedJob(
            id: row.jobID, wake: Wake(generation: row.generation, reason: row.reason), step: row.step,
            ladderID: row.ladderID, leaseID: lease, cost: row.cost, claimedAt: at.instant, dueKey: row.key,
            tenant: "default", category: job.category, ladder: database.ladder(of: job),
            expiresAt: job.expiresAt?.instant, locale: "en", channel: channel, address: candidate.address,
            sender: candidate.sender.map { .init(id: $0.id, address: $0.address) }, token: candidate.token,
            isSuppressed: candidate.isSuppressed, isWindowOpen: isWindowOpen(candidate, at: at),
            content: workload.content(of: job, on: channel), history: JobHistory(candidate.history))
        claimed.sendKey = candidate.key
        return claimed
    }

    private func isWindowOpen(_ candidate: Candidate, at: Time) -> Bool {
        guard candidate.channel == .whatsapp, let address = candidate.address, let sender = candidate.sender?.address
        else { return false }
        if bug == .windowIgnored { return true }
        guard let last = database.windows[ConversationKey(address: address, sender: sender)] else { return false }
        return last > at - .seconds(86_390)
    }
}
