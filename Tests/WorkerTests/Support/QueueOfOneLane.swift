import Delivery
import JobQueue
import Synchronization

@testable import Worker

/// A store of one lane of texts. Its clock is the test's, and each call takes a moment of it.
final class QueueOfOneLane: WorkStore {
    struct Figures: Sendable {
        var takes = 0
        /// Rows that were locked.
        var rows = 0
        /// Rows that are done with, without a send.
        var dead = 0
        /// When sends began, since the clock's start.
        var begun: [Duration] = []
        /// Windows of the rate that were won.
        var windows: Set<Int> = []
        /// Shares of each window of the campaign's rate that were won.
        var shares: [Int: Int] = [:]
        /// How many records each commit brought, and when it began.
        var commits: [(records: Int, at: Duration)] = []
        /// When somebody looked for the dead, and after which silence one counts as dead.
        var rescues: [(deadAfter: Duration, at: Duration)] = []
    }

    private struct State {
        var rows: [TakenJob]
        var figures = Figures()
        var outages: Int

        mutating func win(_ window: CampaignWindow, in slot: Int, rows: Int) -> CampaignTaking {
            let taken = figures.shares[slot] ?? 0
            let messages = min(rows, window.wanted) - (window.ownedSlot == slot ? window.left : 0)
            let count = min(window.rate.shares - taken, window.rate.shares(for: max(0, messages)))
            figures.shares[slot] = taken + count
            let won = (taken..<(taken + count)).reduce(0) { $0 + window.rate.messages(inShare: $1) }
            return CampaignTaking(slot: slot, won: won, isSpent: taken + count == window.rate.shares)
        }
    }

    private static let roundTrip = Duration.milliseconds(2)
    private let clock: any ManualClock
    private let rate: Double?
    private let campaignRate: Double?
    /// How long a commit takes.
    private let commit: Duration
    private let state: Mutex<State>

    /// - Parameters:
    ///   - outages: how often it is not there when a worker registers.
    ///   - isDead: whether the person of a row, by its place, has opted out.
    init(
        rows: Int = 0, rate: Double? = nil, campaignRate: Double? = nil, commit: Duration = .zero,
        outages: Int = 0, clock: any ManualClock,
        isDead: (Int) -> Bool = { _ in false }
    ) {
        self.clock = clock
        self.commit = commit
        self.rate = rate
        self.campaignRate = campaignRate
        state = Mutex(
            State(
                rows: (0..<rows).map { id in Sample.job(id + 1) { $0.isSuppressed = isDead(id + 1) } },
                outages: outages))
    }

    var figures: Figures { state.withLock { $0.figures } }
    var waiting: Int { state.withLock { $0.rows.count } }
    private var present: Instant { Sample.now.advanced(by: clock.passed) }

    func look(_ segments: [LaneSegment]) async throws(StoreError) -> LaneSurvey {
        clock.pass(Self.roundTrip)
        var lane = Sample.lane(rate: rate)
        if let campaignRate { (lane.campaignID, lane.campaignRate) = (1, campaignRate) }
        return LaneSurvey(present: present, lanes: waiting == 0 ? [] : [lane])
    }

    func take(
        _ order: TakeOrder, rule: @escaping @Sendable (Take) -> Verdict
    ) async throws(StoreError) -> Begun {
        clock.pass(Self.roundTrip)
        return state.withLock { state in
            let slot = Int(present.microseconds) / 1000 / (order.window?.milliseconds ?? 1000)
            let campaignSlot = Int(present.microseconds) / 1000 / (order.campaign?.rate.milliseconds ?? 1000)
            let isPayable = order.campaign.map { window in
                window.ownedSlot == campaignSlot || state.figures.shares[campaignSlot] ?? 0 < window.rate.shares
            }
            guard isPayable ?? true else {
                state.figures.takes += 1
                let nothing = CampaignTaking(slot: campaignSlot, won: 0, isSpent: true)
                _ = rule(
                    Take(takenAt: present, rows: [], campaign: nothing, oldestTransaction: 10, nextTransaction: 11))
                return Begun()
            }
            let wins = order.window.map { $0.ownedSlot != slot } ?? false
            let mayTake = !wins || state.figures.windows.insert(slot).inserted
            let rows = mayTake ? Array(state.rows.prefix(order.limit)) : []
            let verdict = rule(
                Take(
                    takenAt: present, rows: rows.map { TakenRow($0.due, .job($0)) }, slot: slot,
                    wonSlot: wins && mayTake ? slot : nil,
                    campaign: order.campaign.map { state.win($0, in: campaignSlot, rows: rows.count) },
                    oldestTransaction: 10, nextTransaction: 11))
            let done = Set(verdict.done.map(\.jobID))
            state.rows.removeAll { done.contains($0.id) }
            state.figures.takes += 1
            state.figures.rows += rows.count
            state.figures.dead += done.count - verdict.sends.count
            state.figures.begun += verdict.sends.map { _ in clock.passed }
            return Begun(sends: verdict.sends.map(\.job), leaseID: verdict.sends.isEmpty ? nil : state.figures.takes)
        }
    }

    func holdFirst(of order: TakeOrder, because reason: String) async throws(StoreError) -> Int? { nil }
    func record(_ records: [Record], worker: String, doneLeases: [Int]) async throws(StoreError) {
        state.withLock { $0.figures.commits.append((records.count, clock.passed)) }
        clock.pass(commit)
    }
    func adopt(
        _ providerID: String, job: Int, generation: Int, tenant: String, unlessOpen others: LookAlikes
    ) async throws(StoreError) -> Ownership { .ours }
    func register(worker: String, host: String, processID: Int, version: String) async throws(StoreError) {
        let isDown = state.withLock { state in
            defer { state.outages = max(0, state.outages - 1) }
            return state.outages > 0
        }
        guard !isDown else { throw .unreadable("it is not there") }
    }
    func heartbeat(worker: String, state: String) async throws(StoreError) -> Bool { true }
    func remove(worker: String) async throws(StoreError) {}
    func rescue(
        worker: String, holding leases: [Int], deadAfter: Duration, reconcileAfter: Duration
    ) async throws(StoreError) -> Rescue {
        state.withLock { $0.figures.rescues.append((deadAfter, clock.passed)) }
        return Rescue(deadWorkers: 0, looks: 0, lost: 0)
    }
    func leases(of worker: String) async throws(StoreError) -> [Int] { [] }
    func withdraw(_ leases: [Int], worker: String) async throws(StoreError) -> Int { 0 }
    func errorClasses() async throws(StoreError) -> [String: [String: ErrorClass]] { [:] }
    func contactRules() async throws(StoreError) -> ContactRules { ContactRules() }
    func reroute() async throws(StoreError) -> Int { 0 }
    func judgePrefixes() async throws(StoreError) -> [Condition.PumpedPrefix] { [] }
    func keepHouse() async throws(StoreError) {}
}
