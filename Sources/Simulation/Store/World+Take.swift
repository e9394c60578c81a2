import Delivery
import JobQueue
import Postgres

/// The transaction of a take between its two rounds: rows are locked, and its rules are asked.
struct OpenTake: Sendable {
    /// The transaction's id.
    var id: UInt64
    var order: TakeOrder
    /// The process whose connection it is.
    var process: Int
    var at: Time
    var rows: [PlacedRow]
    /// The window of the sender's rate that it takes.
    var won: WindowKey?
    /// The shares of the campaign's window that it takes.
    var shares: [ShareKey]
    var take: Take
    /// Whether a row of it takes too long to read.
    var isTooMuch: Bool
    /// Whether its second round is under way: what is sent is sent, whoever dies.
    var isSettling = false
}

extension World {
    /// The client's own deadline for a whole take.
    private static let takeDeadline = Time.seconds(5)
    /// When the server ends a transaction that says nothing.
    private static let idleLimit = Time.seconds(30)

    // MARK: The first round

    /// Locks and reads; `done` may be called more than once, and what it hears first is the answer.
    mutating func open(
        _ order: TakeOrder, of process: Int, _ route: Route,
        then done: @escaping @Sendable (inout World, Result<OpenTake, StoreError>) -> Void
    ) {
        if route.departure + route.work > Self.takeDeadline {
            after(Self.takeDeadline) { done(&$0, .failure(.database(.deadlinePassed(.none)))) }
        }
        after(route.departure) { world in
            guard !world.database.isDown, route.fate != .refused, route.departure <= Self.takeDeadline else {
                return done(&world, .failure(.unsent))
            }
            let id = world.begin(order, of: process)
            world.after(min(route.work, Self.takeDeadline - route.departure)) { world in
                guard let open = world.openTakes[id] else { return done(&world, .failure(.unsent)) }
                guard !open.isTooMuch else {
                    world.abort(id)
                    let error = PostgresError.server(.queryCanceled, message: "timeout", constraint: nil)
                    return done(&world, .failure(.database(error)))
                }
                guard route.fate != .rolledBack, route.departure + route.work <= Self.takeDeadline else {
                    world.abort(id)
                    return done(&world, .failure(.unsent))
                }
                world.after(Self.idleLimit) { $0.abortIdle(id) }
                done(&world, .success(open))
            }
        }
    }

    /// `take`: locks rows of a lane that nobody holds, the window of the sender's rate, and shares of the campaign's.
    private mutating func begin(_ order: TakeOrder, of process: Int) -> UInt64 {
        let snapshot = database.snapshot
        let free = freeShares(for: order)
        let isPayable = free?.isEmpty != true || owned(of: order) != nil
        let (mayTake, slot, won) = isPayable ? window(of: order) : (false, slot(of: order.window?.milliseconds), nil)
        let rows = mayTake ? dueRows(in: order.lane.lane, after: order.floor, limit: order.limit) : []
        let shares = shares(free ?? [], for: order, rows: rows.count)
        if let won, bug != .checkThenActRate { database.pendingWindows.insert(won) }
        if bug != .checkThenActCampaign { database.pendingShares.formUnion(shares) }
        database.locked.formUnion(rows.map(\.number))
        let sender = database.lanes[order.lane.lane.rawValue]?.senderID
        let take = Take(
            takenAt: instant, rows: rows.map { TakenRow($0.due, state(of: $0, sender: sender)) }, slot: slot,
            wonSlot: won?.slot, campaign: taking(shares, of: order, free: free?.count ?? 0),
            oldestTransaction: snapshot.oldest, nextTransaction: snapshot.next)
        let id = database.beginTransaction()
        openTakes[id] = OpenTake(
            id: id, order: order, process: process, at: now, rows: rows, won: won, shares: shares, take: take,
            isTooMuch: !isQuiet && rows.contains { database.jobs[$0.jobID]?.isHuge ?? false })
        return id
    }

    /// Whether rows may be taken, the window of the sender's rate that is now, and whether this take wins it.
    private func window(of order: TakeOrder) -> (mayTake: Bool, slot: Int, won: WindowKey?) {
        let slot = slot(of: order.window?.milliseconds)
        guard let window = order.window, let sender = order.lane.sender, window.ownedSlot != slot else {
            return (true, slot, nil)
        }
        let key = WindowKey(senderID: sender.id, slot: slot)
        let isWanted = !dueRows(in: order.lane.lane, after: order.floor, limit: 1, evenLocked: true).isEmpty
        let isFree = database.rateWindows[key] == nil && !database.pendingWindows.contains(key)
        return isWanted && isFree ? (true, slot, key) : (false, slot, nil)
    }

    private func state(of row: PlacedRow, sender: Int?) -> TakenRow.State {
        guard let job = database.jobs[row.jobID] else { return .gone }
        guard isQuiet || !job.isUnreadable else { return .unreadable("category: a word this version does not know") }
        return .job(takenJob(row, job, sender: sender))
    }

    /// `outrider.job_facts`.
    private func takenJob(_ row: PlacedRow, _ job: JobRow, sender laneSender: Int?) -> TakenJob {
        let (channel, address) = database.target(of: job, step: row.step)
        let isSend = row.reason == .dispatch || row.reason == .resume
        let intent = database.intent(row.jobID, row.generation)
        let sender = database.sender(isSend ? laneSender : intent?.senderID)
        var taken = TakenJob(
            due: row.due, reason: row.reason, takenAt: instant,
            tenant: job.tenant, category: job.category, priority: job.priority, ladder: database.ladder(of: job),
            expiresAt: job.deadline, locale: "en", channel: channel, address: address,
            sender: sender.map { .init(id: $0.id, address: $0.address) }, isEnded: database.hasEnded(job.id),
            isBegun: intent != nil, isSuppressed: isSuppressed(address, on: channel, job),
            isWindowOpen: isWindowOpen(address, to: sender, on: channel),
            content: workload.content(of: job, on: channel), history: JobHistory(history(of: row)))
        if let address, let dead = database.dead[DeadKey(address: address, channel: channel)], dead.until > instant {
            taken.dead = dead
        }
        taken.lookup = lookup(of: taken)
        return taken
    }

    /// Only where a rule wants it.
    private func lookup(of job: TakenJob) -> NumberLookup {
        guard let address = job.address, job.reason == .dispatch || job.reason == .resume,
            job.channel == .sms || job.channel == .voice, contactRules.lookups[job.category] != nil
        else { return NumberLookup() }
        return LookupPackage.allCases.reduce(into: NumberLookup()) { lookup, package in
            guard let row = database.lookups[LookupKey(address: address, package: package)], row.goodUntil > instant
            else { return }
            lookup.answers[package] = row.answer.found == nil ? .nothing(code: "told_nothing") : row.answer
        }
    }

    private func isSuppressed(_ address: String?, on channel: Channel, _ job: JobRow?) -> Bool {
        guard let address, let job else { return false }
        let binding = SuppressionKey.binding(address, on: channel, tenant: job.tenant, category: job.category)
        if bug == .scopeIgnored { return database.suppressions[binding[0]] != nil }
        if bug == .optOutAtEnqueueOnly { return binding.contains(where: job.suppressedAtInsert.contains) }
        return binding.contains { database.suppressions[$0] != nil }
    }

    private func history(of row: PlacedRow) -> [RecordedEvent] {
        guard row.generation > 1 || row.reason != .dispatch else { return [] }
        var history = database.events[row.jobID] ?? []
        if bug == .wordHidden, row.reason == .dispatch {
            history.removeAll { $0.event.receipt.map { $0.level.map { $0 < .delivered } ?? true } ?? false }
        }
        if bug == .deliveryHidden { history.removeAll { $0.event.receipt?.level == .delivered } }
        return history
    }

    private func isWindowOpen(_ address: String?, to sender: SenderRow?, on channel: Channel) -> Bool {
        guard channel == .whatsapp, let address, let sender else { return false }
        if bug == .windowIgnored { return true }
        let last = database.windows[ConversationKey(address: address, sender: sender.address)]
        return MessagingWindow.isOpen(lastInboundAt: last?.instant, now: instant)
    }

    // MARK: In between

    /// Rolls back.
    mutating func abort(_ id: UInt64) {
        guard let open = openTakes.removeValue(forKey: id) else { return }
        release(open)
        database.endTransaction(id)
    }

    private mutating func abortIdle(_ id: UInt64) {
        if openTakes[id]?.isSettling == false { abort(id) }
    }

    /// The connections of a process break: what it has not sent is rolled back.
    mutating func abortTakes(of process: Int) {
        for open in openTakes.values.sorted(by: { $0.id < $1.id }) where open.process == process { abortIdle(open.id) }
    }

    private mutating func release(_ open: OpenTake) {
        database.locked.subtract(open.rows.map(\.number))
        if let won = open.won { database.pendingWindows.remove(won) }
        database.pendingShares.subtract(open.shares)
    }

    // MARK: The second round

    /// Writes what the rules said; nil when the transaction could not go on and is to be asked again.
    mutating func settle(
        _ id: UInt64, _ verdict: Verdict, _ route: Route, isRepeated: Bool,
        then done: @escaping @Sendable (inout World, Result<Begun?, StoreError>) -> Void
    ) {
        let end = (openTakes[id]?.at ?? now) + Self.takeDeadline
        openTakes[id]?.isSettling = true
        if now + route.departure + route.work + route.reply > end {
            after(max(0, end - now)) { done(&$0, .failure(.database(.deadlinePassed(.unknown)))) }
        }
        after(route.departure) { world in
            guard let open = world.openTakes[id] else { return done(&world, .failure(.lost)) }
            guard !isRepeated else {
                world.abort(id)
                return done(&world, .success(nil))
            }
            world.openTakes[id] = nil
            let transaction = world.begin(world.settled(verdict), asked: verdict.question?.claims ?? [], of: open)
            world.finish(id, transaction, route) { done(&$0, $1.map(Optional.some)) }
        }
    }

    /// What `begin_sends` reads: its snapshot is younger than that of the take.
    private struct AskedSend: Sendable {
        var send: Verdict.Send
        var job: TakenJob { send.job }
        var isAllowed: Bool
        /// Since when another send like it is open.
        var since: Time?
    }

    private mutating func begin(
        _ verdict: Verdict, asked claims: [CapClaim], of open: OpenTake
    ) -> Transaction<Begun> {
        let seen = now
        let uses = capUses(of: verdict, asked: claims)
        let isPaused = open.order.lane.campaignID.map(database.isClosed(campaign:)) ?? false
        let asked = verdict.sends.map { send in
            let job = send.job
            return AskedSend(
                send: send,
                isAllowed: bug == .beginLooksAway
                    || !isSuppressed(job.address, on: job.channel, database.jobs[job.id]) && !database.hasEnded(job.id)
                        && (!isPaused || bug == .pauseIgnored),
                since: database.openSends[OpenKey(job.sendKey)]?.since)
        }
        return Transaction(
            commit: { world in
                world.take(open.won, at: open.at)
                world.take(open.shares, at: open.at)
                guard !verdict.isNothing else { return Begun() }
                world.database.removeDue(Set(verdict.done.compactMap { Int($0.place) }))
                var begun = Begun()
                (begun.sends, begun.leaseID) = world.begin(asked, of: open, seen: seen)
                world.count(uses, of: begun.sends, at: seen)
                if !verdict.looks.isEmpty {
                    let items = verdict.looks.map { LeaseRow.Item($0, reason: $0.reason) }
                    begun.leaseID = world.lease(items, worker: open.order.worker, at: seen)
                    begun.looks = verdict.looks
                }
                world.add(verdict.records, worker: open.order.worker, at: seen)
                for hold in verdict.holds {
                    guard let row = open.rows.first(where: { String($0.number) == hold.due.place }) else { continue }
                    _ = world.hold(row, because: hold.reason, worker: open.order.worker, at: seen)
                }
                return begun
            },
            release: { world in
                world.release(open)
                world.forget(uses)
            })
    }

    private mutating func take(_ won: WindowKey?, at: Time) {
        guard let won else { return }
        // The planted bug takes the window by a second statement, after it has looked at it.
        let delay = bug == .checkThenActRate ? Time.milliseconds(random.pick(1..<60)) : 0
        guard delay > 0 else { return database.rateWindows[won] = at }
        after(delay) { $0.database.rateWindows[won] = at }
    }

    /// `begin_sends`.
    private mutating func begin(_ asked: [AskedSend], of open: OpenTake, seen: Time) -> ([TakenJob], lease: Int?) {
        var begun: [TakenJob] = []
        var keys: Set<AttemptKey> = []
        for send in asked where send.isAllowed {
            let isBeside = !isOpened(send, at: open.at)
            var job = send.job
            guard !isBeside || goesBeside(send, at: open.at, seen: seen) else {
                _ = add(
                    RecordedEvent(
                        jobID: job.id, generation: job.generation, step: job.step, ladderID: job.ladderID,
                        channel: job.channel, worker: open.order.worker, at: open.at.instant, .waitsForOpenSend))
                continue
            }
            job.token = String(random.next(), radix: 16)
            let intent = RecordedEvent(
                jobID: job.id, generation: job.generation, step: job.step, ladderID: job.ladderID,
                channel: job.channel, senderID: open.order.lane.sender?.id, worker: open.order.worker,
                at: open.at.instant, .intent(token: job.token))
            guard database.insert(intent) else { continue }
            keys.insert(intent.attempt)
            note(
                .intent(
                    intent,
                    Beginning(address: job.address, cost: job.due.cost, seen: seen, isBeside: isBeside)))
            noteCall(intent, to: job.address)
            begun.append(job)
        }
        for send in asked where !keys.contains(AttemptKey(jobID: send.job.id, generation: send.job.generation)) {
            putBack(send, in: open.order.lane.lane, at: seen)
        }
        return (begun, lease(begun.map { LeaseRow.Item($0, reason: .dispatch) }, worker: open.order.worker, at: seen))
    }

    /// Whether no other send like it is open; then it is.
    private mutating func isOpened(_ asked: AskedSend, at: Time) -> Bool {
        open(asked, as: OpenKey(asked.job.sendKey), at: at)
    }

    /// Whether it may begin beside the one that is open; then it is open too.
    private mutating func goesBeside(_ asked: AskedSend, at: Time, seen: Time) -> Bool {
        let job = asked.job
        guard let patience = asked.send.patience, let since = asked.since, since < seen - Time(patience) else {
            return false
        }
        let attempt = AttemptKey(jobID: job.id, generation: job.generation)
        return open(asked, as: OpenKey(job.sendKey, of: attempt), at: at)
    }

    private mutating func open(_ asked: AskedSend, as key: OpenKey, at: Time) -> Bool {
        guard database.openSends[key] == nil else { return false }
        database.openSends[key] = OpenRow(
            message: asked.job.sendKey, jobID: asked.job.id, generation: asked.job.generation, since: at)
        return true
    }

    /// What is not begun goes back into its lane, so that the next take sees what this one did not.
    private mutating func putBack(_ asked: AskedSend, in lane: Lane, at seen: Time) {
        let job = asked.job
        var wait: Time = 0
        if asked.isAllowed {
            wait = min(.seconds(10), max(.seconds(1), asked.since.map { (seen - $0) / 4 } ?? 0))
            if let patience = asked.send.patience { wait = min(wait, Time(patience) + .milliseconds(100)) }
        }
        let row = PlacedRow(
            at: seen + wait, jobID: job.id, lane: lane.rawValue, reason: .dispatch, step: job.step,
            generation: job.generation, ladderID: job.ladderID, cost: bug == .costForgotten ? 1 : job.due.cost)
        note(.putBack(database.place(row)))
    }
}
