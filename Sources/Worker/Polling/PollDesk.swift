import Delivery
import Providers

/// Where a worker's polls queue: so many questions a second, one question for many messages where that is worth it, and none
/// while the provider wants to be left alone.
///
/// Its callers each hold one of the worker's slots, which bounds the queue.
actor PollDesk {
    private struct Caller {
        var id: String
        var channel: Channel
        var answer: CheckedContinuation<StatusReading, Never>
    }

    /// Pages in a row that answer nobody, after which the messages that are asked about are too old for the list.
    private static let dryPages = 3
    /// Between two readings of the list from its newest page on.
    private static let listPause = Duration.seconds(2)

    private let source: any StatusSource
    private let budget: PollBudget
    private let clock: WorkClock
    private var callers: [Caller] = []
    private var isServing = false
    private var quiet: PollPause
    private var nextPage: String?
    private var dry = 0
    private var listsFrom: ContinuousClock.Instant?

    init(_ source: any StatusSource, budget: PollBudget, clock: WorkClock) {
        self.source = source
        self.budget = budget
        self.clock = clock
        quiet = PollPause(clock: clock)
    }

    /// How many wait for their question.
    var waiting: Int { callers.count }

    /// What became of a message; unavailable at once while the provider wants to be left alone. Ends by the source's own
    /// deadline after the queue, also when its task is cancelled.
    func reading(of id: String, on channel: Channel) async -> StatusReading {
        guard !quiet.isOn else { return Self.refused }
        return await withCheckedContinuation { answer in
            callers.append(Caller(id: id, channel: channel, answer: answer))
            guard !isServing else { return }
            isServing = true
            // Not awaited by anybody: it belongs to all callers, and ends when none is left.
            Task { await serve() }
        }
    }

    private func serve() async {
        while !callers.isEmpty {
            if quiet.isOn {
                giveUp()
                break
            }
            if isWorthAPage { await readPage() } else { askFirst() }
            try? await clock.sleep(for: .seconds(1) / budget.perSecond)
        }
        isServing = false
    }

    private func askFirst() {
        guard !callers.isEmpty else { return }
        let caller = callers.removeFirst()
        WorkerMetrics.polled("one")
        Task {
            let (reading, pushback) = await source.status(of: caller.id, on: caller.channel)
            quiet.note(pushback)
            caller.answer.resume(returning: reading)
        }
    }

    // MARK: The list

    private var isWorthAPage: Bool {
        callers.count { $0.channel != .voice } >= budget.listFrom && listsFrom.map { $0 <= clock.now } ?? true
    }

    private func readPage() async {
        WorkerMetrics.polled("page")
        let (page, pushback) = await source.statuses(page: nextPage)
        quiet.note(pushback)
        guard case .page(let receipts, let next) = page else { return endList() }
        let answered = callers.filter { receipts[$0.id] != nil }
        callers.removeAll { receipts[$0.id] != nil }
        for caller in answered {
            caller.answer.resume(returning: .facts(receipts[caller.id].map { [$0] } ?? []))
        }
        dry = answered.isEmpty ? dry + 1 : 0
        nextPage = next
        if next == nil || dry >= Self.dryPages { endList() }
    }

    private func endList() {
        nextPage = nil
        dry = 0
        listsFrom = clock.now + Self.listPause
    }

    // MARK: Backing off

    private static let refused = StatusReading.unavailable(reason: "asked_too_much")

    private func giveUp() {
        let refused = callers
        callers = []
        WorkerMetrics.polled("given_up", count: refused.count)
        for caller in refused { caller.answer.resume(returning: Self.refused) }
    }
}
