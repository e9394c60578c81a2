import Delivery
import JobQueue

/// The tables, as committed, and what is under way on them.
///
/// A statement runs in two moments: `begin` reads the committed rows (their snapshot) and takes locks, `commit` writes. What
/// other transactions commit in between is not seen, as in READ COMMITTED. Of two that insert one key, the first to
/// commit wins. Transaction ids are those of PostgreSQL's snapshots, which watermarks are made of.
struct SimulatedDatabase: Sendable {
    var jobs: [Int: JobRow] = [:]
    var due: [PlacedRow] = []
    var events: [Int: [RecordedEvent]] = [:]
    var eventKeys: Set<EventKey> = []
    var leases: [Int: LeaseRow] = [:]
    /// The last heartbeat of each worker.
    var workers: [String: Time] = [:]
    private(set) var senders: [SenderRow] = []
    private(set) var lanes: [Int: LaneRow] = [:]
    /// The campaigns that are paused.
    var pausedCampaigns: Set<Int> = []
    var canceledCampaigns: Set<Int> = []
    /// How many messages of each campaign may be begun; one that is not there has no budget.
    var budgets: [Int: Int] = [:]
    /// Jobs that have no due row yet, by campaign.
    var unfed: [Int: [Int]] = [:]
    /// The highest id that was fed. Only a planted bug reads it.
    var highestFed: [Int: Int] = [:]
    var schedules: [Int: ScheduleRow] = [:]
    /// `schedule_fires`.
    var fires: Set<FireKey> = []
    /// When each window was taken.
    var rateWindows: [WindowKey: Time] = [:]
    /// Messages a second of campaigns that have a rate.
    var campaignRates: [Int: Double] = [:]
    /// When each share was taken.
    var campaignWindows: [ShareKey: Time] = [:]
    /// Those in force, with their reason.
    var suppressions: [SuppressionKey: String] = [:]
    /// When one was last lifted.
    var liftedAt: [SuppressionKey: Time] = [:]
    /// `dead_addresses`.
    var dead: [DeadKey: DeadAddress] = [:]
    /// `number_lookups`.
    var lookups: [LookupKey: LookupRow] = [:]
    var windows: [ConversationKey: Time] = [:]
    var inbound: Set<String> = []
    /// When a STOP of each address to each tenant last came.
    var stoppedAt: [SpeakerKey: Time] = [:]
    var openSends: [OpenKey: OpenRow] = [:]
    var adopted: [String: AttemptKey] = [:]
    /// Calls that are to be ended.
    var ends: [AttemptKey: EndRow] = [:]
    var ladders: [Ladder] = []
    var contactRules = ContactRules(version: 1)
    /// `cap_uses`, the oldest first.
    var capUses: [CapKey: [CapUseRow]] = [:]

    // MARK: Under way

    /// Due rows that a transaction has locked.
    var locked: Set<Int> = []
    var pendingWindows: Set<WindowKey> = []
    var pendingShares: Set<ShareKey> = []
    /// The jobs that a transaction will count.
    var pendingCapUses: [CapKey: [Int]] = [:]
    /// Campaigns that a transaction feeds or sweeps.
    var fedNow: Set<Int> = []
    /// Schedules that a transaction looks at.
    var advancedNow: Set<Int> = []
    private(set) var running: Set<UInt64> = []
    /// What a transaction will commit, unless it is to be rolled back anyway.
    private var inFlight: [UInt64: @Sendable (inout World) -> Void] = [:]
    private(set) var nextTransaction: UInt64 = 100
    /// Counts crashes: a transaction of an earlier life is rolled back.
    private(set) var life = 0
    var isDown = false
    private var lastLease = 0
    private var lastRow = 0

    init() {
        for (kind, purpose) in [LaneState.Purpose.decide, .askPhone, .send, .askMail].enumerated() {
            for priority in 0...3 {
                let id = 4 * kind + priority
                lanes[id] = LaneRow(id: id, purpose: purpose, priority: priority)
            }
        }
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
    mutating func takeOver(from primary: SimulatedDatabase) {
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
        pendingShares = []
        pendingCapUses = [:]
        fedNow = []
        advancedNow = []
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

    /// Whether nobody waits for the attempt any more: something follows it, or its job has ended.
    func isGivenUp(_ attempt: AttemptKey) -> Bool {
        let events = events[attempt.jobID] ?? []
        return events.contains { event in
            event.attempt == attempt && (event.event.isHold || event.event.isContinued) || event.event.isEnd
        }
    }

    /// Whether the provider's word tells the attempt's message, or that there is none.
    func isAccountedFor(_ attempt: AttemptKey) -> Bool {
        events[attempt.jobID]?.contains { $0.attempt == attempt && $0.event.accountsForMessage } ?? false
    }

    func intent(_ job: Int, _ generation: Int) -> RecordedEvent? {
        events[job]?.first { $0.generation == generation && $0.event.isIntent }
    }

    func ladder(of job: JobRow) -> Ladder {
        if let id = job.ladderID { return ladders[id] }
        return Ladder(steps: [.single(job.channel ?? .sms, wait: job.waitSeconds.map { .seconds($0) })])
    }

    /// The channel of a step of a job, and where it reaches the person.
    func target(of job: JobRow, step: Int) -> (channel: Channel, address: String?) {
        let steps = ladder(of: job).steps
        let channel = steps[min(step, steps.count - 1)].channel
        return (channel, job.address(on: channel))
    }

    func sender(_ id: Int?) -> SenderRow? { senders.first { $0.id == id } }

    /// `tenants_of_number`: whom a word to a number of ours binds; an empty one is every tenant.
    func tenants(ofNumber number: String) -> [String] {
        let owners = senders.filter { $0.address == number }.map(\.tenant)
        guard !owners.isEmpty, !owners.contains(nil) else { return [""] }
        return Set(owners.compactMap(\.self)).sorted()
    }

    // MARK: Writing

    /// Inserts unless the key is there; returns whether it was new.
    mutating func insert(_ event: RecordedEvent) -> Bool {
        guard eventKeys.insert(event.key).inserted else { return false }
        events[event.jobID, default: []].append(event)
        return true
    }

    mutating func place(_ row: PlacedRow) -> PlacedRow {
        lastRow += 1
        var row = row
        row.number = lastRow
        due.append(row)
        return row
    }

    mutating func removeDue(_ rows: Set<Int>) {
        due.removeAll { rows.contains($0.number) }
    }

    /// Adds a sender with its lanes.
    mutating func add(_ sender: SenderRow) {
        senders.append(sender)
        for priority in 0...3 { addLane(priority: priority, sender: sender.id, campaign: nil) }
    }

    mutating func removeSender(_ id: Int) { senders.removeAll { $0.id == id } }

    mutating func change(sender id: Int, _ body: (inout SenderRow) -> Void) {
        for index in senders.indices where senders[index].id == id { body(&senders[index]) }
    }

    @discardableResult
    private mutating func addLane(priority: Int, sender: Int, campaign: Int?) -> LaneRow {
        let row = LaneRow(
            id: lanes.count, purpose: .send, priority: priority, senderID: sender, campaignID: campaign)
        lanes[row.id] = row
        return row
    }

    /// `outrider.send_lane`: where a send of a job and step stands. By address, so that one person always hears from the
    /// same number, but not from one that the provider refused for this recipient.
    mutating func sendLane(for job: JobRow, step: Int) -> Int {
        let (channel, address) = target(of: job, step: step)
        let reaching = senders.filter { $0.channel == channel }
        let own = reaching.filter { $0.tenant == job.tenant }
        let all = own.isEmpty ? reaching.filter { $0.tenant == nil } : own
        let refused = Set((events[job.id] ?? []).filter(\.event.refusesPair).compactMap(\.senderID))
        let serving = (all.contains(where: \.isEnabled) ? all.filter(\.isEnabled) : all)
            .filter { !refused.contains($0.id) }
        guard !serving.isEmpty else { return Lane.unserved(job.priority).rawValue }
        let sum = (address ?? "").utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
        let sender = serving[sum % serving.count].id
        let found = lanes.values.first {
            $0.purpose == .send && $0.priority == job.priority && $0.senderID == sender
                && $0.campaignID == job.campaignID
        }
        return (found ?? addLane(priority: job.priority, sender: sender, campaign: job.campaignID)).id
    }
}

extension Lane {
    /// `outrider.look_lane`: the lane of a look that sends nothing.
    static func look(_ reason: DueReason, priority: Int, on channel: Channel) -> Int {
        switch reason {
        case .receipt, .reconcile: (channel == .email ? askMail(priority) : askPhone(priority)).rawValue
        case .dispatch, .resume, .decide: decide(priority).rawValue
        }
    }
}
