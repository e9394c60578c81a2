import Delivery
import JobQueue
import Logging
import Providers
import Synchronization

/// Takes due rows of some priorities, in all lanes, until told to stop. What needs nobody is decided in the take itself;
/// sends and questions go to the queue of their provider.
///
/// A worker has one for urgent priorities and one or two for the others: a take of offers that is slow, whatever makes it slow,
/// holds up no one-time password.
struct TakeLoop: Sendable {
    let priorities: ClosedRange<Int>
    let store: any WorkStore
    let bulkheads: Bulkheads
    let rates: RateLedger
    let campaigns: CampaignLedger
    let throttles: SendThrottles
    let rules: RuleBook
    let leases: LeaseLedger
    let identity: WorkerIdentity
    let configuration: WorkerConfiguration
    let gate: AskGate
    let signal: Signal
    let clock: WorkClock
    let logger: Logger
    /// Told of each take that the database refuses for a reason of its own.
    let onWrite: @Sendable (String?) -> Void

    /// Rows that are read whatever may be sent, so that those that need not be sent keep moving.
    private static let fewest = 8

    func run() async {
        var book = LaneBook(priorities: priorities)
        var sweeps = SweepSchedule()
        for await _ in signal.stream {
            let reach = sweeps.next(at: clock.now)
            if reach == .everything { book.forgetFloors() }
            if reach == .tidySweep { book.tidy() }
            await takeAll(&book, sweeping: reach == .sweep || reach == .tidySweep)
        }
    }

    /// The database's clock as a look read it, carried on by the worker's own.
    private struct Present {
        var read: Instant
        var readAt: ContinuousClock.Instant

        func instant(at now: ContinuousClock.Instant) -> Instant { read.advanced(by: now - readAt) }
    }

    /// One look, and a take of each lane that it found.
    func takeAll(_ book: inout LaneBook, sweeping: Bool) async {
        do {
            let look = try await store.look(book.segments(sweeping: sweeping))
            let present = Present(read: look.present, readAt: clock.now)
            if book.forgetFloors(after: look.present) { signal.wake() }
            let rules = try await rules.rules(seen: look.rulesVersion)
            for lane in book.turns(look) where configuration.serves(lane) {
                guard !signal.isFinished else { return }
                await take(lane, by: rules, &book, present, sweeping: sweeping)
            }
        } catch {
            // Nothing is taken; what is under way goes on, and the next look tries again.
            logger.warning("Could not look for due rows", metadata: ["error": "\(error)"])
        }
    }

    private func take(
        _ lane: LaneState, by rules: ContactRules, _ book: inout LaneBook, _ present: Present, sweeping: Bool
    ) async {
        let room = bulkheads.room(for: lane)
        guard room > 0 || goesOnUnasked(lane) else { return bulkheads.want(lane, signal) }
        let window = rates.window(of: lane.sender)
        let allowed = throttles.allow(min(room, left(of: lane, present)), of: lane, waking: signal)
        guard allowed > 0 || lane.purpose != .send || book.mayClear(lane.lane, at: clock.now) else { return }
        let wanted = wanted(of: lane, room: room, allowed: allowed)
        let limit = book.limit(of: lane.lane, wanted: wanted, batch: configuration.batch)
        // Without a send it needs no window, and takes none from a worker that sends.
        let order = TakeOrder(
            lane: lane, floor: book.floor(of: lane.lane, sweeping: sweeping), limit: limit, worker: identity.id,
            window: allowed > 0 ? window : nil,
            campaign: allowed > 0 ? campaigns.window(of: lane, wanted: allowed) : nil)
        do {
            let taking = try await take(order, by: rules, room: allowed)
            let judgement = taking.judgement
            throttles.giveBack(allowed - judgement.verdict.sends.count, of: lane)
            book.took(
                lane, limit: limit, last: judgement.last, isMostlyDead: judgement.dead * 2 > judgement.rows,
                oldest: taking.oldest, next: taking.next, batch: configuration.batch)
            if judgement.lacksRoom, allowed == room { bulkheads.want(lane, signal) }
            // What the rate or a throttle leaves is looked at again by the clock.
            let isWorthMore = judgement.dead > 0 || judgement.left == 0 && left(of: lane, present) > 0
            if judgement.rows == limit, isWorthMore { signal.wake() }
        } catch {
            throttles.giveBack(allowed, of: lane)
            await giveWay(to: error, order, &book)
        }
    }

    /// What the rates of a lane still pay in the windows that are now.
    private func left(of lane: LaneState, _ present: Present) -> Int {
        let instant = present.instant(at: clock.now)
        return min(
            rates.left(of: lane.sender, at: instant, isUrgent: lane.isUrgent), campaigns.left(of: lane, at: instant))
    }

    /// How many rows of a lane can be done with now, if all of them are alive.
    private func wanted(of lane: LaneState, room: Int, allowed: Int) -> Int {
        switch lane.purpose {
        case .send: min(room, max(Self.fewest, allowed))
        case .decide: configuration.batch
        case .askPhone, .askMail: goesOnUnasked(lane) ? configuration.batch : room
        }
    }

    /// Beyond what the gate lets pass, urgent looks decide without asking.
    private func goesOnUnasked(_ lane: LaneState) -> Bool {
        switch lane.purpose {
        case .send, .decide: false
        case .askPhone, .askMail: lane.isUrgent && configuration.timing.firstPoll == nil
        }
    }

    /// What one take came to.
    private struct Taking: Sendable {
        var judgement = Admitter.Judgement()
        var purse: TakePurse?
        /// When the rows had been read.
        var readAt: ContinuousClock.Instant?
        var oldest: UInt64 = 0
        var next: UInt64 = 0
    }

    private func take(
        _ order: TakeOrder, by rules: ContactRules, room: Int
    ) async throws(StoreError) -> Taking {
        let admitter = Admitter(
            lane: order.lane, room: room, configuration: configuration, gate: gate, clock: clock, rules: rules,
            opener: configuration.opener)
        let startedAt = clock.now  // Before the intents are taken, so the fence is never late.
        let taking = Shared(Taking())
        let begun: Begun
        do throws(StoreError) {
            begun = try await store.take(order) { take in
                let readAt = clock.now
                return taking.withLock { taken in
                    taken.purse?.giveBack()  // Of a transaction that could not be begun.
                    var purse = purse(of: order, in: take)
                    let judgement = admitter.judge(take, paying: &purse)
                    taken = Taking(
                        judgement: judgement, purse: purse, readAt: readAt, oldest: take.oldestTransaction,
                        next: take.nextTransaction)
                    return admitter.asking(judgement) { settled in
                        taking.withLock { $0.judgement = settled }
                    }.verdict
                }
            }
        } catch {
            if !error.isOutcomeUnknown { taking.withLock { $0.purse?.giveBack() } }
            throw error
        }
        let taken = taking.withLock { $0 }
        taken.purse?.keep(begun.sends)
        handOut(begun, taken, of: order.lane, startedAt)
        return taken
    }

    /// What the rule of a take learns, and the caps' answer changes.
    private final class Shared: Sendable {
        private let taking: Mutex<Taking>

        init(_ taking: Taking) { self.taking = Mutex(taking) }

        func withLock<Value>(_ body: (inout sending Taking) -> sending Value) -> sending Value {
            taking.withLock(body)
        }
    }

    private func purse(of order: TakeOrder, in take: Take) -> TakePurse {
        TakePurse(
            sender: rates.purse(
                of: order.lane.sender, owning: order.window?.ownedSlot, in: take, isUrgent: order.lane.isUrgent),
            campaign: campaigns.purse(of: order.lane, window: order.campaign, in: take))
    }

    private func handOut(
        _ begun: Begun, _ taking: Taking, of lane: LaneState, _ startedAt: ContinuousClock.Instant
    ) {
        let judgement = taking.judgement
        if judgement.unreadable > 0 {
            WorkerMetrics.unreadable(judgement.unreadable)
            logger.error(
                "Rows that this version cannot read are held; see `outrider held`",
                metadata: ["rows": "\(judgement.unreadable)", "lane": "\(lane.lane.rawValue)"])
        }
        guard let lease = begun.leaseID, leases.begin(lease, jobs: begun.sends.count + begun.looks.count) else {
            return
        }
        WorkerMetrics.taken(begun.sends.count + begun.looks.count)
        for send in begun.sends {
            let due = Instant(microseconds: Int64(send.due.key.atMicroseconds))
            WorkerMetrics.waited(due.duration(to: send.takenAt), priority: lane.priority)
        }
        let readAt = taking.readAt ?? startedAt
        bulkheads.send(
            begun.sends, of: lane, lease: lease, startedAt: startedAt, readAt: readAt,
            pacing: taking.purse?.pacing, campaign: taking.purse?.campaign.pacing)
        bulkheads.look(begun.looks, of: lane, lease: lease, readAt: readAt)
    }

    /// A take that cannot be had is tried with fewer rows, down to one, which is then held: one row must not stop others.
    private func giveWay(to error: StoreError, _ order: TakeOrder, _ book: inout LaneBook) async {
        logger.warning(
            "Could not take due rows",
            metadata: [
                "error": "\(error)", "lane": "\(order.lane.lane.rawValue)", "rows": "\(order.limit)",
            ])
        if error.refusesWrites { onWrite("a take was refused: \(error)") }
        let blame = error.blame
        guard blame != .nobody, !book.shrink(order.lane.lane, from: order.limit, blaming: blame) else { return }
        do throws(StoreError) {
            let reason = "its row could not be read in time: \(error)"
            guard let job = try await store.holdFirst(of: order, because: reason) else { return }
            WorkerMetrics.unreadable(1)
            logger.error("A job whose row cannot be read in time is held", metadata: ["job.id": "\(job)"])
            signal.wake()
        } catch {
            logger.warning("Could not hold a row that cannot be read", metadata: ["error": "\(error)"])
        }
    }
}
