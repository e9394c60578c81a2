import Delivery
import JobQueue

/// What `claimSends` is asked.
struct SendClaim: Sendable {
    var lane: Lane
    var floor: DueKey
    var limit: Int
    var worker: String
    var allowance: RateAllowance?
}

/// A claimed row with what the snapshot said about it.
struct Candidate: Sendable {
    var row: DueRow
    var job: JobRow
    var channel: Channel
    var address: String?
    var sender: SenderRow?
    var key: Int
    var isSuppressed = false
    var isBegun = false
    var isOpened = false
    var token: String?
    var history: [RecordedEvent]
}

extension World {
    /// `jobqueue.claim_sends`.
    mutating func beginClaim(_ asked: SendClaim) -> Transaction<Claim> {
        let snapshot = database.snapshot
        let at = now
        let (sends, won) = allowance(of: asked)
        let picked = sends > 0 ? dueRows(in: asked.lane.rawValue, after: asked.floor, limit: asked.limit) : []
        database.locked.formUnion(picked.map(\.row))
        var used = 0
        let taken = picked.filter { row in
            used += row.cost
            return used <= sends || (used == row.cost && sends >= asked.allowance?.perWindow ?? 0)
        }
        let candidates = opened(candidates(taken, sender: asked.lane.senderID))
        let lockedRows = picked.map(\.row)
        let openKeys = candidates.filter(\.isOpened).map(\.key)
        return Transaction(
            commit: { world in
                world.commitClaim(asked, at: at, taken: taken, candidates, won: won, snapshot: snapshot)
            },
            release: { world in
                world.database.locked.subtract(lockedRows)
                world.database.pendingOpen.subtract(openKeys)
                if let won { world.database.pendingWindows.remove(won) }
            })
    }

    /// What may be taken of the sender's rate, and the window this claim wins, if it wins one.
    private mutating func allowance(of asked: SendClaim) -> (sends: Int, won: WindowKey?) {
        guard let allowance = asked.allowance else { return (1_000_000_000, nil) }
        let slot = Int(instant.microseconds / 1000) / allowance.windowMilliseconds
        if allowance.slot == slot { return (allowance.remaining, nil) }
        let window = WindowKey(senderID: asked.lane.senderID, slot: slot)
        guard !dueRows(in: asked.lane.rawValue, after: asked.floor, limit: 1, evenLocked: true).isEmpty else {
            return (0, nil)
        }
        let isTaken = database.rateWindows.contains(window) || database.pendingWindows.contains(window)
        guard !isTaken else { return (0, nil) }
        if bug != .checkThenActRate { database.pendingWindows.insert(window) }
        return (allowance.perWindow + min(0, allowance.remaining), window)
    }

    func dueRows(in lane: Int, after floor: DueKey, limit: Int, evenLocked: Bool = false) -> [DueRow] {
        let found = database.due.filter { row in
            row.lane == lane && row.at <= now && row.key > floor
                && (evenLocked || !database.locked.contains(row.row))
        }
        guard found.count > 1 else { return found }
        return Array(found.sorted { ($0.key, $0.row) < ($1.key, $1.row) }.prefix(limit))
    }

    /// The rows of jobs that have not ended, each attempt once, in order.
    private func candidates(_ taken: [DueRow], sender: Int) -> [Candidate] {
        var seen: Set<Database.FactAddress> = []
        return taken.compactMap { row in
            guard let job = database.jobs[row.jobID], !database.hasEnded(row.jobID),
                seen.insert(.init(jobID: row.jobID, generation: row.generation)).inserted
            else { return nil }
            var candidate = candidate(row, job)
            candidate.sender = database.senders.first { $0.id == sender }
            if let address = candidate.address {
                let key = SuppressionKey(address: address, channel: candidate.channel)
                candidate.isSuppressed =
                    bug == .optOutAtEnqueueOnly
                    ? job.suppressedAtInsert.contains(key) : database.suppressions[key] != nil
            }
            candidate.isBegun = database.intent(row.jobID, row.generation) != nil
            return candidate
        }
    }

    func candidate(_ row: DueRow, _ job: JobRow) -> Candidate {
        let steps = database.ladder(of: job).steps
        let channel = steps[min(row.step, steps.count - 1)].channel
        let address = job.address(on: channel)
        var history = row.generation > 1 || row.reason != .dispatch ? database.events[row.jobID] ?? [] : []
        if bug == .wordHidden, row.reason == .dispatch {
            history.removeAll { $0.event.receipt.map { $0.level.map { $0 < .delivered } ?? true } ?? false }
        }
        if bug == .deliveryHidden { history.removeAll { $0.event.receipt?.level == .delivered } }
        return Candidate(
            row: row, job: job, channel: channel, address: address, key: sendKey(job, channel, address),
            history: history)
    }

    /// `outrider.send_key`.
    private func sendKey(_ job: JobRow, _ channel: Channel, _ address: String?) -> Int {
        let said = channel == .sms ? job.body ?? "template \(job.template ?? 0) \(job.id)" : ""
        let text = said.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        let whole = channel.rawValue + "\n" + (address ?? "job \(job.id)") + "\n" + text
        return Int(truncatingIfNeeded: whole.utf8.reduce(5381) { ($0 &* 33) &+ UInt64($1) } >> 1)
    }

    /// Inserts into `open_sends`, where no other send like it is open.
    private mutating func opened(_ candidates: [Candidate]) -> [Candidate] {
        var candidates = candidates
        for index in candidates.indices where !candidates[index].isSuppressed && !candidates[index].isBegun {
            let key = candidates[index].key
            guard database.openSends[key] == nil, database.pendingOpen.insert(key).inserted else { continue }
            candidates[index].isOpened = true
            candidates[index].token = token()
        }
        return candidates
    }

    private mutating func token() -> String { String(random.next(), radix: 16) }

    private mutating func commitClaim(
        _ asked: SendClaim, at: Time, taken: [DueRow], _ candidates: [Candidate], won: WindowKey?,
        snapshot: (oldest: UInt64, next: UInt64)
    ) -> Claim {
        if let won {
            // The planted bug takes the window by a second statement, after it has looked at it.
            let delay = bug == .checkThenActRate ? Time.milliseconds(random.pick(1..<60)) : 0
            if delay > 0 {
                after(delay) { $0.database.rateWindows.insert(won) }
            } else {
                database.rateWindows.insert(won)
            }
        }
        database.removeDue(Set(taken.map(\.row)))
        var claimed: [Candidate] = []
        for candidate in candidates {
            if candidate.isOpened {
                database.openSends[candidate.key] = OpenRow(
                    jobID: candidate.row.jobID, generation: candidate.row.generation, since: at)
                if begin(candidate, at: at, worker: asked.worker) { claimed.append(candidate) }
            } else if candidate.isSuppressed, !candidate.isBegun {
                let skip = JobEvent.answered(.skipped(.optedOut))
                if add(event(candidate, skip, at: at, worker: asked.worker)) { claimed.append(candidate) }
            } else if !candidate.isSuppressed, !candidate.isBegun {
                var again = candidate.row
                let since = database.openSends[candidate.key]?.since ?? at
                again.at = at + min(.seconds(10), max(.seconds(1), (at - since) / 4))
                note(.deferred(database.place(again)))
            }
        }
        let lease = lease(claimed.map(\.row), worker: asked.worker, at: at)
        return Claim(
            jobs: lease.map { lease in claimed.map { claimedJob($0, lease: lease, at: at) } } ?? [],
            taken: taken.count, leaseID: lease, wonSlot: won?.slot, lastKey: taken.map(\.key).max(),
            oldestTransaction: snapshot.oldest, nextTransaction: snapshot.next)
    }

    /// Takes the intent, unless it is taken.
    private mutating func begin(_ candidate: Candidate, at: Time, worker: String) -> Bool {
        var intent = event(candidate, .intent(token: candidate.token), at: at, worker: worker)
        intent.senderID = candidate.sender?.id
        guard database.insert(intent) else { return false }
        note(.intent(intent, to: candidate.address, cost: candidate.row.cost))
        return true
    }

    private func event(_ candidate: Candidate, _ event: JobEvent, at: Time, worker: String) -> RecordedEvent {
        RecordedEvent(
            jobID: candidate.row.jobID, generation: candidate.row.generation, step: candidate.row.step,
            ladderID: candidate.row.ladderID, channel: candidate.channel, worker: worker, at: at.instant, event)
    }

    mutating func lease(_ rows: [DueRow], worker: String, at: Time) -> Int? {
        guard !rows.isEmpty else { return nil }
        let id = database.newLease()
        database.leases[id] = LeaseRow(id: id, worker: worker, claimedAt: at, wakes: rows)
        note(.leased(lease: id, worker: worker))
        return id
    }

    /// Inserts an event, and tells if it was new.
    @discardableResult
    mutating func add(_ event: RecordedEvent) -> Bool {
        guard database.insert(event) else { return false }
        note(.event(event))
        return true
    }

    mutating func placeAndNote(_ row: DueRow) {
        note(.placed(database.place(row)))
    }
}
