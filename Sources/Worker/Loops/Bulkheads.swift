import HeapModule
import JobQueue
import Providers
import Synchronization

/// A send whose intent is committed.
struct BegunSend: Sendable {
    var job: TakenJob
    var lease: Int
    /// When its take began: its body leaves within the fence of this, or not at all.
    var startedAt: ContinuousClock.Instant
    /// When its row had been read: the database's clock is carried on from here.
    var readAt: ContinuousClock.Instant
}

/// A question to a provider.
enum Question: Sendable {
    case look(TakenJob, lease: Int, readAt: ContinuousClock.Instant)
}

/// How many requests to one provider are under way at once, by what they are.
struct ProviderSlots: Sendable {
    /// A worker asks few a second, however many slots it has; with fewer than these they would come one a take.
    private static let fewestQuestions = 16

    let sends: Int
    let urgentSends: Int
    let questions: Int
    let urgentQuestions: Int

    init(concurrency: Int) {
        let quarter = max(1, concurrency / 4)
        (sends, urgentSends) = (concurrency, quarter)
        (questions, urgentQuestions) = (max(Self.fewestQuestions, quarter), max(1, quarter / 4))
    }

    var all: Int { sends + urgentSends + questions + urgentQuestions }
}

/// The queues of each provider: what one of them makes wait, waits there, and nowhere else.
struct Bulkheads: Sendable {
    private let sends: [ProviderName: WorkQueue<BegunSend>]
    private let questions: [ProviderName: WorkQueue<Question>]
    private let pacer: Pacer

    /// Sends that are taken ahead are begun, and a STOP that comes meanwhile does not hold them back: little.
    private static let sendsAhead = Duration.milliseconds(150)
    /// Questions that are taken ahead do no harm: much, as a worker asks few a second, and each take costs the database.
    private static let questionsAhead = Duration.seconds(1)

    /// - Parameter concurrency: requests under way to each provider; a quarter more are for urgent ones.
    init(concurrency: Int, clock: WorkClock) {
        let slots = ProviderSlots(concurrency: concurrency)
        sends = Self.queues {
            WorkQueue(slots: slots.sends, reserve: slots.urgentSends, ahead: Self.sendsAhead, clock: clock)
        }
        questions = Self.queues {
            WorkQueue(slots: slots.questions, reserve: slots.urgentQuestions, ahead: Self.questionsAhead, clock: clock)
        }
        pacer = Pacer(clock: clock)
    }

    private static func queues<Item>(_ make: () -> WorkQueue<Item>) -> [ProviderName: WorkQueue<Item>] {
        Dictionary(uniqueKeysWithValues: ProviderName.allCases.map { ($0, make()) })
    }

    // MARK: Room

    /// How many sends, or questions, of a lane may begin now. Of what is not urgent none, where they would be too few to ask
    /// the database for.
    func room(for lane: LaneState) -> Int {
        switch lane.purpose {
        case .send: lane.sender.flatMap { room(in: sends[$0.channel.provider], for: lane) } ?? .max
        case .askPhone: room(in: questions[.twilio], for: lane) ?? 0
        case .askMail: room(in: questions[.sendgrid], for: lane) ?? 0
        case .decide: .max
        }
    }

    private func room<Item>(in queue: WorkQueue<Item>?, for lane: LaneState) -> Int? {
        lane.isUrgent ? queue?.room(isUrgent: true) : queue?.worthwhileRoom()
    }

    /// There was less room than a lane has work: `signal` is woken when there is more, at once if there is by now.
    func want(_ lane: LaneState, _ signal: Signal) {
        switch lane.purpose {
        case .send: lane.sender.flatMap { sends[$0.channel.provider] }?.want(signal, isUrgent: lane.isUrgent)
        case .askPhone: questions[.twilio]?.want(signal, isUrgent: lane.isUrgent)
        case .askMail: questions[.sendgrid]?.want(signal, isUrgent: lane.isUrgent)
        case .decide: break
        }
    }

    // MARK: Filling

    /// - Parameters:
    ///   - pacing: spreads the sends of a sender's window over the window; nil begins all at once.
    ///   - campaign: the same for a campaign's window, in which each message counts once. The slower of the two holds.
    func send(
        _ jobs: [TakenJob], of lane: LaneState, lease: Int, startedAt: ContinuousClock.Instant,
        readAt: ContinuousClock.Instant, pacing: Pacing?, campaign: Pacing? = nil
    ) {
        guard let provider = lane.sender?.channel.provider, let queue = sends[provider] else { return }
        let items = jobs.map { BegunSend(job: $0, lease: lease, startedAt: startedAt, readAt: readAt) }
        guard pacing != nil || campaign != nil else { return queue.add(items, isUrgent: lane.isUrgent) }
        var spent = 0
        for (number, item) in items.enumerated() {
            let delay = max(pacing?.delay(after: spent) ?? .zero, campaign?.delay(after: number) ?? .zero)
            pacer.add(at: startedAt + delay) { queue.add([item], isUrgent: lane.isUrgent) }
            spent += item.job.due.cost
        }
    }

    func look(_ jobs: [TakenJob], of lane: LaneState, lease: Int, readAt: ContinuousClock.Instant) {
        let queue = questions[lane.purpose == .askMail ? .sendgrid : .twilio]
        queue?.add(jobs.map { .look($0, lease: lease, readAt: readAt) }, isUrgent: lane.isUrgent)
    }

    // MARK: Working

    /// Works on everything until finished and empty.
    func run(
        sending: @escaping @Sendable (BegunSend) async -> Void, asking: @escaping @Sendable (Question) async -> Void
    ) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await pacer.run() }
            // By the providers' own order: a dictionary's is another one in each run.
            for name in ProviderName.allCases {
                if let queue = sends[name] { group.addTask { await queue.run(sending) } }
                if let queue = questions[name] { group.addTask { await queue.run(asking) } }
            }
        }
    }

    /// No more comes. What waits for its time does not wait any longer.
    func finish() {
        pacer.finish()
        for name in ProviderName.allCases {
            sends[name]?.finish()
            questions[name]?.finish()
        }
    }
}

extension LaneState {
    /// Whether it may use the reserves.
    var isUrgent: Bool { Urgency.priorities.contains(priority) }
}

/// How the sends of a window are spread over it.
struct Pacing: Sendable {
    var perWindow: Int
    var milliseconds: Int

    /// - Parameter spent: what was sent of the window before.
    func delay(after spent: Int) -> Duration {
        guard perWindow > 1 else { return .zero }
        let share = Double(min(spent, perWindow)) / Double(perWindow)
        return .milliseconds(Int(share * Double(min(milliseconds, 1000)) * 0.9))
    }
}

/// Does things at their time, in order.
final class Pacer: Sendable {
    private struct Entry: Comparable {
        var at: ContinuousClock.Instant
        var number: Int
        var action: @Sendable () -> Void

        static func == (one: Entry, other: Entry) -> Bool { one.number == other.number }
        static func < (one: Entry, other: Entry) -> Bool { (one.at, one.number) < (other.at, other.number) }
    }

    private struct State {
        var entries = Heap<Entry>()
        var count = 0
        var isFinished = false
    }

    private static let slice = Duration.milliseconds(25)

    private let clock: WorkClock
    private let state = Mutex(State())
    private let signal = Signal()

    init(clock: WorkClock) {
        self.clock = clock
    }

    func add(at time: ContinuousClock.Instant, _ action: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            guard !state.isFinished, time > clock.now else { return true }
            state.count += 1
            state.entries.insert(Entry(at: time, number: state.count, action: action))
            return false
        }
        if isLate { action() } else { signal.wake() }
    }

    func run() async {
        for await _ in signal.stream {
            while !Task.isCancelled, let next = state.withLock({ $0.entries.min?.at }) {
                // In slices, as an earlier one may be added meanwhile.
                try? await clock.sleep(until: min(next, clock.now + Self.slice))
                doDue()
            }
        }
        doDue()
    }

    private func doDue() {
        let now = clock.now
        while let entry = state.withLock({ state -> Entry? in
            guard let first = state.entries.min, state.isFinished || first.at <= now else { return nil }
            return state.entries.popMin()
        }) { entry.action() }
    }

    func finish() {
        state.withLock { $0.isFinished = true }
        doDue()
        signal.finish()
    }
}
