import DequeModule
import Synchronization

/// What waits for a free slot of one provider, and the slots themselves: as many requests are under way at once as there
/// are slots, and a provider that hangs keeps none but its own.
///
/// A reserve of slots is for urgent items alone, so that a thousand offers under way keep no one-time password waiting. So
/// that a worker with few slots does not ask the database for each of them, a little more is taken than can begin now: what
/// the slots will begin within a moment, by how long an item takes lately.
final class WorkQueue<Item: Sendable>: Sendable {
    private typealias Continuation = CheckedContinuation<Item?, Never>

    private struct State {
        var urgent: Deque<Item> = []
        var others: Deque<Item> = []
        /// Idle slots.
        var waiting: Deque<Continuation> = []
        var waitingReserve: Deque<Continuation> = []
        var isFinished = false
        /// The loops that wanted more room than there was.
        var wanting: [Wanting] = []
        var pace = Pace()
    }

    private struct Wanting {
        var signal: Signal
        var isUrgent: Bool
    }

    let slots: Int
    let reserve: Int
    /// What is taken ahead: so much time's work of the slots, in seconds.
    private let ahead: Double
    private let clock: WorkClock
    private let state = Mutex(State())

    init(slots: Int, reserve: Int, ahead: Duration, clock: WorkClock) {
        self.slots = slots
        self.reserve = reserve
        self.ahead = ahead / .seconds(1)
        self.clock = clock
    }

    // MARK: Filling

    /// How many more items may be taken on.
    func room(isUrgent: Bool) -> Int {
        state.withLock { room(isUrgent: isUrgent, in: $0) }
    }

    /// How many more items that are not urgent are worth asking the database for: none while what waits is enough for the
    /// slots. A loop looks for many reasons, and would else take two rows here and three there.
    func worthwhileRoom() -> Int {
        state.withLock { isWorthAsking(isUrgent: false, in: $0) ? room(isUrgent: false, in: $0) : 0 }
    }

    private func room(isUrgent: Bool, in state: State) -> Int {
        let idle = isUrgent ? state.waiting.count + state.waitingReserve.count : state.waiting.count
        let lookahead = state.pace.lookahead(slots: slots, seconds: ahead)
        return max(0, idle + lookahead - queued(isUrgent: isUrgent, in: state))
    }

    /// What is begun before more that is taken on.
    private func queued(isUrgent: Bool, in state: State) -> Int {
        isUrgent ? state.urgent.count : state.urgent.count + state.others.count
    }

    /// What there was room for was not enough: `signal` is woken when there is more. That may be so by now, and no slot
    /// become idle after this: then it is woken at once.
    func want(_ signal: Signal, isUrgent: Bool) {
        let isThere = state.withLock { state in
            guard !state.isFinished else { return false }
            guard !isWorthAsking(isUrgent: isUrgent, in: state) else { return true }
            if !state.wanting.contains(where: { $0.signal === signal && $0.isUrgent == isUrgent }) {
                state.wanting.append(Wanting(signal: signal, isUrgent: isUrgent))
            }
            return false
        }
        if isThere { signal.wake() }
    }

    func add(_ items: [Item], isUrgent: Bool) {
        let started = state.withLock { state -> [(Continuation, Item)] in
            if isUrgent { state.urgent.append(contentsOf: items) } else { state.others.append(contentsOf: items) }
            return Self.start(&state)
        }
        for (slot, item) in started { slot.resume(returning: item) }
    }

    /// Hands what waits to idle slots.
    private static func start(_ state: inout State) -> [(Continuation, Item)] {
        var started: [(Continuation, Item)] = []
        while !state.urgent.isEmpty, let slot = state.waitingReserve.popFirst() ?? state.waiting.popFirst() {
            started.append((slot, state.urgent.removeFirst()))
        }
        while !state.others.isEmpty, let slot = state.waiting.popFirst() {
            started.append((slot, state.others.removeFirst()))
        }
        return started
    }

    /// No more items come.
    func finish() {
        let idle = state.withLock { state -> Deque<Continuation> in
            state.isFinished = true
            defer { (state.waiting, state.waitingReserve) = ([], []) }
            return state.waiting + state.waitingReserve
        }
        for slot in idle { slot.resume(returning: nil) }
    }

    // MARK: Slots

    /// Works on items with all slots until the queue is finished and empty.
    func run(_ work: @escaping @Sendable (Item) async -> Void) async {
        await withDiscardingTaskGroup { group in
            for slot in 0..<(slots + reserve) {
                group.addTask {
                    while let item = await self.next(inReserve: slot >= self.slots) {
                        let startedAt = self.clock.now
                        await work(item)
                        let span = self.clock.now - startedAt
                        self.state.withLock { $0.pace.took(span) }
                    }
                }
            }
        }
    }

    private func next(inReserve: Bool) async -> Item? {
        await withCheckedContinuation { slot in
            let (item, isOver, wanting) = state.withLock { state -> (Item?, Bool, [Signal]) in
                let item = state.urgent.popFirst() ?? (inReserve ? nil : state.others.popFirst())
                if item == nil, !state.isFinished {
                    if inReserve { state.waitingReserve.append(slot) } else { state.waiting.append(slot) }
                }
                return (item, state.isFinished, whoGetsRoom(&state))
            }
            if item != nil || isOver { slot.resume(returning: item) }
            for signal in wanting { signal.wake() }
        }
    }

    /// Who wanted room, once there is enough of its kind.
    private func whoGetsRoom(_ state: inout State) -> [Signal] {
        guard !state.wanting.isEmpty, !state.isFinished else { return [] }
        let served = state.wanting.filter { isWorthAsking(isUrgent: $0.isUrgent, in: state) }
        state.wanting.removeAll { wanting in served.contains { $0.signal === wanting.signal } }
        return served.map(\.signal)
    }

    /// Whether there is enough room to be worth asking the database: a quarter of the slots, or half of what is taken ahead;
    /// for what is urgent any slot of the reserve.
    private func isWorthAsking(isUrgent: Bool, in state: State) -> Bool {
        guard room(isUrgent: isUrgent, in: state) > 0 else { return false }
        let few = state.pace.lookahead(slots: slots, seconds: ahead) / 2
        return state.waiting.count >= max(1, slots / 4) || queued(isUrgent: isUrgent, in: state) <= few
            || isUrgent && !state.waitingReserve.isEmpty
    }
}

/// How long an item takes lately, and so how many the slots begin in a moment.
private struct Pace {
    private static let limit = 200.0
    /// How much one more item says.
    private static let weight = 0.05

    private var meanSeconds: Double?

    mutating func took(_ span: Duration) {
        let seconds = span / .seconds(1)
        meanSeconds = meanSeconds.map { $0 + Self.weight * (seconds - $0) } ?? seconds
    }

    func lookahead(slots: Int, seconds: Double) -> Int {
        guard let meanSeconds else { return 0 }
        return Int(min(Self.limit, Double(slots) / max(meanSeconds, 0.000_1) * seconds))
    }
}
