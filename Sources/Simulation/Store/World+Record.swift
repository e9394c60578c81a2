import Delivery
import JobQueue

extension World {
    /// `record`. The clock of the due rows is read at the start, the events count when they are committed.
    func beginRecord(_ records: [Record], worker: String, doneLeases: [Int]) -> Transaction<Void> {
        let at = now
        return Transaction(commit: { world in
            world.add(records, worker: worker, at: at)
            for lease in doneLeases.sorted() where world.database.leases.removeValue(forKey: lease) != nil {
                world.note(.leaseGone(lease: lease))
            }
        })
    }

    /// Adds what is new of these records. A due row that hangs on an event comes only with the event.
    mutating func add(_ records: [Record], worker: String, at: Time) {
        for record in records {
            var new: Set<EventKey> = []
            for event in record.events where add(stored(event, at: at, worker: worker)) { new.insert(event.key) }
            if let row = record.dueRow, let job = database.jobs[row.jobID],
                record.fence.map(new.contains) ?? true || bug == .fenceIgnored
            {
                place(
                    job, at: max(at, Time(row.at)), row.reason, step: row.step, generation: row.generation,
                    ladderID: row.ladderID)
            }
        }
        for settled in records.compactMap(\.settled) { settle(settled) }
        for end in records.flatMap(\.ends) {
            askEnd(of: AttemptKey(jobID: end.jobID, generation: end.generation), .notNeeded)
        }
    }

    private mutating func settle(_ settled: OpenSend) {
        let attempt = AttemptKey(jobID: settled.jobID, generation: settled.generation)
        for (key, open) in database.openSends
        where key.likeness == settled.key.likeness && open.attempt == attempt {
            database.openSends[key] = nil
            if settled.isGivenUp { database.openSends[OpenKey(open.message, of: attempt)] = open }
        }
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

    /// Inserts an event, and tells if it was new.
    @discardableResult
    mutating func add(_ event: RecordedEvent) -> Bool {
        guard database.insert(event) else { return false }
        note(.event(event))
        return true
    }

    // MARK: For others than the job

    /// `suppress`: the recipient of a job, on whichever channel the job is.
    mutating func suppress(_ suppression: Record.Suppression) {
        guard let job = database.jobs[suppression.jobID] else { return }
        let sender = database.sender(database.intent(job.id, suppression.generation)?.senderID)
        let tenants = sender.map { database.tenants(ofNumber: $0.address) } ?? [""]
        for channel in suppression.channels.sorted(by: { $0.rawValue < $1.rawValue }) {
            guard let address = job.address(on: channel) else { continue }
            for tenant in channel == .email ? [""] : tenants {
                for category in suppression.reach.categories {
                    let key = SuppressionKey(address: address, channel: channel, tenant: tenant, category: category)
                    suppress(key, reason: suppression.reason, from: suppression.at)
                }
            }
        }
    }

    /// - Parameter news: from when it is; what was lifted since stays lifted. Nil for news of this moment.
    mutating func suppress(_ key: SuppressionKey, reason: String, from news: Instant? = nil) {
        let wider = [
            SuppressionKey(address: key.address, channel: key.channel, tenant: key.tenant),
            SuppressionKey(address: key.address, channel: key.channel, category: key.category),
            SuppressionKey(address: key.address, channel: key.channel), key,
        ]
        if let news, wider.contains(where: { (database.liftedAt[$0] ?? .min) > Time(news) }) { return }
        guard database.suppressions[key] == nil else { return }
        database.suppressions[key] = reason
        note(.suppressed(key, lifted: false))
        if key.channel == .voice { askEndsOfCalls(by: key) }
    }

    /// `dead_codes`.
    private static let deadLives: [String: Duration] = [
        "21211": .seconds(30 * 86_400), "30005": .seconds(30 * 86_400), "30006": .seconds(180 * 86_400),
    ]

    /// `note_dead`.
    mutating func note(dead: Record.DeadRecipient) {
        guard let job = database.jobs[dead.jobID], let life = Self.deadLives[dead.code] else { return }
        for channel in dead.channels {
            guard let address = job.address(on: channel) else { continue }
            let news = DeadAddress(dead.failure, code: dead.code, until: instant.advanced(by: life))
            let key = DeadKey(address: address, channel: channel)
            if (database.dead[key]?.until).map({ $0 < news.until }) ?? true { database.dead[key] = news }
        }
    }

    /// `note_alive`.
    mutating func note(alive: Record.LivingRecipient) {
        guard let address = database.jobs[alive.jobID]?.address(on: alive.channel) else { return }
        database.dead[DeadKey(address: address, channel: alive.channel)] = nil
    }

    /// `note_lookups`.
    mutating func note(lookedUp: Record.LookedUp) {
        guard let address = database.jobs[lookedUp.jobID]?.address(on: lookedUp.channel) else { return }
        for (package, answer) in lookedUp.lookup.answers {
            let key = LookupKey(address: address, package: package)
            let life: Duration = answer.found == nil ? .seconds(600) : .seconds(90 * 86_400)
            if answer.found == nil, let known = database.lookups[key], known.answer.found != nil,
                known.goodUntil >= instant
            {
                continue
            }
            database.lookups[key] = LookupRow(answer: answer, goodUntil: instant.advanced(by: life))
        }
    }

    mutating func lift(_ key: SuppressionKey) {
        guard database.suppressions.removeValue(forKey: key) != nil else { return }
        database.liftedAt[key] = now
        note(.suppressed(key, lifted: true))
    }

    /// `sender_refused`.
    mutating func senderRefused(of job: Int, _ generation: Int, limit: Int) {
        let pause = Time(Consequence.pause)
        guard let id = database.intent(job, generation)?.senderID, let sender = database.sender(id) else { return }
        if sender.pausedUntil ?? .min < now { database.change(sender: id) { $0.refusedJobs.insert(job) } }
        guard database.sender(id)?.refusedJobs.count ?? 0 >= limit, sender.pausedUntil ?? .min < now + pause / 2 else {
            return
        }
        let until = now + pause
        database.change(sender: id) { $0.pausedUntil = until }
        note(.world("sender \(id) is paused"))
    }

    /// `senders_got_through`.
    mutating func senderGotThrough(of job: Int, _ generation: Int) {
        guard let id = database.intent(job, generation)?.senderID else { return }
        database.change(sender: id) { $0.refusedJobs = [] }
    }

    /// `adopt_send`.
    func beginAdoption(
        _ providerID: String, by ours: AttemptKey, unlessOpen others: LookAlikes
    ) -> Transaction<Ownership> {
        let isKnownOtherwise = database.events.values.contains { events in
            events.contains { event in
                event.event.providerID == providerID && event.event.receipt == nil && event.attempt != ours
            }
        }
        let isGivenUp = database.isGivenUp(ours)
        let isContested = isOpen(others, beside: ours)
        return Transaction(commit: { world in
            if world.bug == .adoptionUnchecked { return .ours }
            if let already = world.database.adopted[providerID] { return already == ours ? .ours : .anothers }
            guard !isKnownOtherwise, !isGivenUp else { return .anothers }
            guard !isContested || world.bug == .likenessIgnored else { return .contested }
            world.database.adopted[providerID] = ours
            return .ours
        })
    }

    /// Whether a send of another job is open that is one of these.
    private func isOpen(_ others: LookAlikes, beside ours: AttemptKey) -> Bool {
        database.openSends.values.contains { open in
            open.jobID != ours.jobID && others.contains(open.message, begunAt: open.since.instant)
                && !database.isAccountedFor(open.attempt)
        }
    }
}
