import Delivery
import JobQueue
import Synchronization

/// A queue that the contract is tried on: its store, and a hand that reaches past it.
protocol ContractQueue: Sendable {
    var store: any WorkStore & EndStore { get }

    /// - Returns: its id.
    func add(_ sender: AskedSender) async throws -> Int
    /// - Returns: its id.
    func insert(_ job: AskedJob) async throws -> Int
    func change(_ change: Change) async throws
    /// The same from within a rule, on a connection of its own; it is committed when this returns.
    func changeMeanwhile(_ change: Change)

    /// What has happened to a job, as `attempt kind/status`, in the order of these words.
    func events(of job: Int) async throws -> [String]
    /// The due rows of a job, the first of them first.
    func dueRows(of job: Int) async throws -> [DueFact]
    /// As if this much time had gone by for all that is stored.
    func pass(_ duration: Duration) async throws
    /// While another transaction holds the due rows of a job.
    func holding(_ job: Int, _ body: () async throws -> Void) async throws
}

struct AskedSender: Sendable {
    var channel: Channel = .sms
    var rate: Double?
}

struct AskedJob: Sendable {
    var channel: Channel = .sms
    /// The person, by a number from 0 to 99.
    var person = 0
    var body = "Hello"
    var category: Delivery.Category = .transactional
    var campaign: String?
    /// Its steps; empty for a job of one channel.
    var ladder: [Channel] = []

    var phone: String { "+155500000" + (person < 10 ? "0" : "") + String(person) }
    var mail: String { "person\(person)@example.com" }
    var address: String { channel == .email ? mail : phone }
}

/// What somebody else does to the tables.
enum Change: Sendable {
    /// An empty tenant is each, no category is all of them.
    case suppress(String, Channel, tenant: String = "", category: Delivery.Category? = nil)
    case lift(String, Channel)
    case cancel(job: Int)
    case pause(campaign: String, Bool)
    case rate(campaign: String, Double)
    case enable(sender: Int, Bool)
    case delete(sender: Int)
    /// Numbers that begin so get nothing.
    case block(prefix: String)
    /// No more messages go to one address in a span of seconds.
    case cap(most: Int, span: Int)
    /// Numbers are looked up before messages of the category.
    case lookUp(Delivery.Category)
    /// A person decides about a held attempt, and a decision is due.
    case release(job: Int)
}

/// A due row as a test sees it.
struct DueFact: Sendable, Hashable {
    var lane: Int
    var reason: DueReason
    var step = 0
    var generation = 1
    var cost = 1
    /// Until it is due, in steps of five seconds, as the test itself takes time; 0 when it is due.
    var seconds = 0
}

/// What a store did that its contract does not allow.
struct Broken: Error, CustomStringConvertible {
    var description: String
}

func demand(_ isKept: Bool, _ rule: String) throws {
    if !isKept { throw Broken(description: rule) }
}

func demand<Value: Equatable>(_ value: Value, is expected: Value, _ rule: String) throws {
    if value != expected { throw Broken(description: "\(rule): \(value) instead of \(expected)") }
}

// MARK: What the cases ask

extension ContractQueue {
    func lanes() async throws -> [LaneState] {
        try await store.look([LaneSegment(lane: Lane(rawValue: -1), after: .start, until: .end)]).lanes
    }

    /// The lane in which the job's first due row stands.
    func lane(of job: Int) async throws -> LaneState {
        guard let row = try await dueRows(of: job).first else { throw Broken(description: "job \(job) has no due row") }
        guard let lane = try await lanes().first(where: { $0.lane.rawValue == row.lane }) else {
            throw Broken(description: "a look does not show the lane of job \(job)")
        }
        return lane
    }

    /// What a take saw, and what came of it.
    func take(
        _ lane: LaneState, limit: Int = 200, floor: DueKey = .start, worker: String = "w1", window: RateWindow? = nil,
        campaign: CampaignWindow? = nil,
        rule: @escaping @Sendable (Take) -> Verdict = { Verdict(sending: $0) }
    ) async throws -> (take: Take, begun: Begun) {
        let order = TakeOrder(
            lane: lane, floor: floor, limit: limit, worker: worker, window: window, campaign: campaign)
        let seen = Mutex<Take?>(nil)
        let begun = try await store.take(order) { take in
            seen.withLock { $0 = take }
            return rule(take)
        }
        guard let take = seen.withLock({ $0 }) else { throw Broken(description: "a take asks its rule") }
        return (take, begun)
    }

    /// A job whose first attempt is begun by a worker.
    func begun(_ job: AskedJob = AskedJob(), worker: String = "w1") async throws -> TakenJob {
        let id = try await insert(job)
        let begun = try await take(try await lane(of: id), worker: worker).begun
        guard let first = begun.sends.first(where: { $0.id == id }) else {
            throw Broken(description: "a take begins what its rule lets go")
        }
        return first
    }

    func record(_ records: Record..., doneLeases: [Int] = []) async throws {
        try await store.record(records, worker: "w1", doneLeases: doneLeases)
    }

    func register(_ workers: String...) async throws {
        for worker in workers {
            try await store.register(worker: worker, host: "host", processID: 1, version: "test")
        }
    }
}

extension Take {
    var jobs: [TakenJob] {
        rows.compactMap { if case .job(let job) = $0.state { job } else { nil } }
    }
}

extension Verdict {
    /// All of it is sent.
    init(sending take: Take, patience: Duration? = nil) {
        self.init()
        sends = take.jobs.map { Send($0, patience: patience) }
        done = take.rows.map(\.due)
    }

    /// All of it is sent for which the cap has room; the rest is done with.
    init(sending take: Take, within cap: Cap) {
        self.init(sending: take)
        let (sends, done) = (sends, done)
        question = CapQuestion(sends.map { CapClaim(cap, $0.job) }) { rooms in
            var verdict = Verdict()
            verdict.done = done
            var round = CapRound()
            for (send, room) in zip(sends, rooms) {
                let claims = room.map { [(cap: cap, room: $0)] } ?? []
                guard round.rule(on: claims, seed: send.job.id).0 == .allowed else { continue }
                verdict.sends.append(send)
                if let room, let use = CapUse(CapClaim(cap, send.job), room) { verdict.capUses.append(use) }
            }
            return verdict
        }
    }

    /// All of it is looked at.
    init(looking take: Take) {
        self.init()
        looks = take.jobs
        done = take.rows.map(\.due)
    }
}

extension TakenJob {
    func event(_ event: JobEvent) -> RecordedEvent {
        RecordedEvent(
            jobID: id, generation: generation, step: step, ladderID: ladderID, channel: channel,
            senderID: sender?.id, at: takenAt, event)
    }

    /// A due row of this job, as due now.
    func dueRow(_ reason: DueReason, step: Int? = nil, generation: Int? = nil, channel: Channel? = nil) -> NewDueRow {
        NewDueRow(
            jobID: id, at: takenAt, reason: reason, step: step ?? self.step, generation: generation ?? self.generation,
            ladderID: ladderID, channel: channel ?? self.channel, priority: priority)
    }
}
