import Delivery
import JobQueue

/// The tables, as committed, and what is under way on them.
///
/// Statements run in two moments: `begin` reads the committed rows (their snapshot) and takes locks, `commit` writes. What
/// other transactions commit in between is not seen, as in READ COMMITTED. Of two that insert one key, the first to
/// commit wins. Transaction ids are those of PostgreSQL's snapshots, which watermarks are made of.
struct Database: Sendable {
    var jobs: [Int: JobRow] = [:]
    var due: [DueRow] = []
    var events: [Int: [RecordedEvent]] = [:]
    var eventKeys: Set<EventKey> = []
    var leases: [Int: LeaseRow] = [:]
    /// The last heartbeat of each worker.
    var workers: [String: Time] = [:]
    var senders: [SenderRow] = []
    var rateWindows: Set<WindowKey> = []
    var suppressions: [SuppressionKey: String] = [:]
    var windows: [ConversationKey: Time] = [:]
    var inbound: Set<String> = []
    /// When a STOP of each address last came.
    var stoppedAt: [String: Time] = [:]
    var openSends: [Int: OpenRow] = [:]
    var adopted: [String: FactAddress] = [:]
    var ladders: [Ladder] = []

    // MARK: Under way

    /// Due rows that a transaction has locked.
    var locked: Set<Int> = []
    var pendingWindows: Set<WindowKey> = []
    var pendingOpen: Set<Int> = []
    private(set) var running: Set<UInt64> = []
    /// What a transaction will commit, unless it is to be rolled back anyway.
    private var inFlight: [UInt64: @Sendable (inout World) -> Void] = [:]
    private(set) var nextTransaction: UInt64 = 100
    /// Counts crashes: a transaction of an earlier life is rolled back.
    private(set) var life = 0
    var isDown = false
    private var lastLease = 0
    private var lastRow = 0

    struct FactAddress: Sendable, Hashable {
        var jobID: Int
        var generation: Int
    }

    mutating func beginTransaction() -> UInt64 {
        defer { nextTransaction += 1 }
        running.insert(nextTransaction)
        return nextTransaction
    }

    mutating func endTransaction(_ id: UInt64) {
        running.remove(id)
        inFlight[id] = nil
    }

    mutating func prepare(_ id: UInt64, _ commit: @escaping @Sendable (inout World) -> Void) {
        inFlight[id] = commit
    }

    /// The transactions that a standby may or may not have received, in order.
    var prepared: [@Sendable (inout World) -> Void] {
        inFlight.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Takes over from a primary that is gone: its ids, its lives and its locks are not the standby's.
    mutating func takeOver(from primary: Database) {
        nextTransaction = primary.nextTransaction
        life = primary.life
        lastLease = primary.lastLease
        lastRow = primary.lastRow
        crash()
    }

    /// `pg_snapshot_xmin` and `pg_snapshot_xmax` of a snapshot taken now.
    var snapshot: (oldest: UInt64, next: UInt64) { (running.min() ?? nextTransaction, nextTransaction) }

    /// Everything not committed is gone, every connection broken.
    mutating func crash() {
        inFlight = [:]
        life += 1
        isDown = true
        locked = []
        pendingWindows = []
        pendingOpen = []
        running = []
    }

    mutating func newLease() -> Int {
        lastLease += 1
        return lastLease
    }

    func hasEnded(_ job: Int) -> Bool {
        eventKeys.contains(EventKey(jobID: job, generation: 0, .ended(nil)))
    }

    func isHeld(_ job: Int) -> Bool {
        let events = events[job] ?? []
        return events.contains { held in
            held.event.isHold && !events.contains { $0.event.isRelease && $0.generation == held.generation }
        }
    }

    func intent(_ job: Int, _ generation: Int) -> RecordedEvent? {
        events[job]?.first { $0.generation == generation && $0.event.isIntent }
    }

    func ladder(of job: JobRow) -> Ladder {
        if let id = job.ladderID { return ladders[id] }
        return Ladder(steps: [.single(job.channel ?? .sms, wait: job.waitSeconds.map { .seconds($0) })])
    }

    func sender(for address: String?, on channel: Channel) -> SenderRow? {
        let serving = senders.filter { $0.channel == channel }
        guard !serving.isEmpty else { return nil }
        let sum = (address ?? "").utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
        return serving[sum % serving.count]
    }

    func lane(for job: JobRow, step: Int) -> Int {
        let steps = ladder(of: job).steps
        let channel = steps[min(step, steps.count - 1)].channel
        guard let sender = sender(for: job.address(on: channel), on: channel) else { return Lane.unserved.rawValue }
        return sender.id * 4 + job.priority
    }

    // MARK: Writing

    /// Inserts unless the key is there; returns whether it was new.
    mutating func insert(_ event: RecordedEvent) -> Bool {
        guard eventKeys.insert(event.key).inserted else { return false }
        events[event.jobID, default: []].append(event)
        return true
    }

    mutating func place(_ row: DueRow) -> DueRow {
        lastRow += 1
        var row = row
        row.row = lastRow
        due.append(row)
        return row
    }

    mutating func removeDue(_ rows: Set<Int>) {
        due.removeAll { rows.contains($0.row) }
    }
}
