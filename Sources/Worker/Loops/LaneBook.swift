import Delivery
import JobQueue

/// What one loop remembers of the lanes: how far each is done, how much of each to read at once, and whose turn it is.
struct LaneBook {
    /// Looked at again every so often from this far before the floor, for rows that a rolled-back take gave back.
    private static let sweepBack = 5 * 60 * 1_000_000

    private let priorities: ClosedRange<Int>
    private var watermarks: [Lane: Watermark] = [:]
    /// Lanes of other priorities, which other loops serve: a look steps over them. A lane keeps its priority for ever.
    private var foreign: Set<Lane> = []
    /// Rows a take may ask for, of lanes where less than a whole batch was found to be right.
    private var limits: [Lane: Int] = [:]
    /// How often a take of one row failed, since one of the lane was had.
    private var failuresOfOne: [Lane: Int] = [:]
    /// After how many of them the row counts as the cause: one may be of a moment.
    private static let enoughFailures = 3
    /// Rows a take asks for beyond what may be sent now, because those before them were dead.
    private var extras: [Lane: Int] = [:]
    /// When rows of a lane were last read of which none could be sent.
    private var clearedAt: [Lane: ContinuousClock.Instant] = [:]
    private static let clearEvery = Duration.seconds(1)
    /// The lanes that had rows since the last tidying.
    private var seen: Set<Lane> = []
    /// So many floors are kept of lanes that have no rows: below them a look might walk over what is dead.
    private static let fewIdle = 32
    /// The lane served last, by priority.
    private var lastServed: [Int: Lane] = [:]

    init(priorities: ClosedRange<Int>) {
        self.priorities = priorities
    }

    // MARK: Looking

    /// The index in parts, so that a look begins in each lane where this loop knows that everything before is gone.
    func segments(sweeping: Bool) -> [LaneSegment] {
        let floors = watermarks.compactMap { lane, _ -> (lane: Lane, floor: DueKey)? in
            let floor = floor(of: lane, sweeping: sweeping)
            return floor == .start ? nil : (lane, floor)
        }
        let steps = (floors + foreign.map { ($0, .end) }).sorted { $0.lane.rawValue < $1.lane.rawValue }
        var segments: [LaneSegment] = []
        var (from, after) = (Lane(rawValue: -1), DueKey.start)
        for (lane, floor) in steps {
            segments.append(LaneSegment(lane: from, after: after, until: lane))
            (from, after) = (lane, floor)
        }
        return segments + [LaneSegment(lane: from, after: after, until: .end)]
    }

    func floor(of lane: Lane, sweeping: Bool) -> DueKey {
        guard let watermark = watermarks[lane] else { return .start }
        return sweeping ? watermark.swept(back: Self.sweepBack) : watermark.floor
    }

    /// Forgets the floors: the next look goes over the whole index.
    mutating func forgetFloors() {
        watermarks = [:]
        foreign = []
    }

    /// Forgets the lanes of other loops, and the floors of lanes that had no rows since the last time, if there are many: each
    /// is a step of every look, and campaigns come and go.
    mutating func tidy() {
        foreign = []
        clearedAt = clearedAt.filter { seen.contains($0.key) }
        let idle = watermarks.keys.filter { !seen.contains($0) }
        if idle.count > Self.fewIdle {
            for lane in idle { (watermarks[lane], extras[lane], limits[lane]) = (nil, nil, nil) }
        }
        seen = []
    }

    /// A floor in the future says that the database's clock was set back: rows that come now sort before it.
    ///
    /// - Returns: whether there was one.
    mutating func forgetFloors(after present: Instant) -> Bool {
        let before = watermarks.count
        watermarks = watermarks.filter { $0.value.floor.atMicroseconds <= Int(present.microseconds) }
        return watermarks.count < before
    }

    /// Those lanes of a look that may be taken now, the most urgent first; lanes of equal priority take turns.
    mutating func turns(_ look: LaneSurvey) -> [LaneState] {
        seen.formUnion(look.lanes.map(\.lane))
        foreign.formUnion(look.lanes.filter { !priorities.contains($0.priority) }.map(\.lane))
        let due = look.lanes.filter {
            $0.isOpen && priorities.contains($0.priority) && $0.first.atMicroseconds <= Int(look.present.microseconds)
        }
        return due.sorted { one, other in
            (one.priority, isBehind(one), one.lane.rawValue) < (other.priority, isBehind(other), other.lane.rawValue)
        }
    }

    private func isBehind(_ state: LaneState) -> Int {
        state.lane.rawValue <= lastServed[state.priority]?.rawValue ?? -1 ? 1 : 0
    }

    // MARK: Taking

    /// How many rows to ask for.
    ///
    /// - Parameter wanted: how many can begin now.
    func limit(of lane: Lane, wanted: Int, batch: Int) -> Int {
        max(1, min(batch, max(wanted, extras[lane] ?? 0), limits[lane] ?? batch))
    }

    /// Whether rows may be read although none can be sent now: for those that need not be sent. A lane that had mostly those
    /// goes on; else it is seldom.
    mutating func mayClear(_ lane: Lane, at now: ContinuousClock.Instant) -> Bool {
        guard extras[lane] == nil else { return true }
        guard clearedAt[lane].map({ now - $0 >= Self.clearEvery }) ?? true else { return false }
        clearedAt[lane] = now
        return true
    }

    /// A take of the lane could not be had: fewer rows are asked for, down to one.
    ///
    /// - Returns: false when one alone has failed often enough to be held.
    mutating func shrink(_ lane: Lane, from limit: Int, blaming blame: StoreError.Blame) -> Bool {
        limits[lane] = max(1, limit / 4)
        guard limit == 1, blame == .row else { return true }
        failuresOfOne[lane, default: 0] += 1
        return failuresOfOne[lane, default: 0] < Self.enoughFailures
    }

    /// Takes note of what a take brought.
    ///
    /// - Parameters:
    ///   - last: the last of the rows that are gone without one before it that stayed.
    ///   - isMostlyDead: whether most of the rows were of jobs that send nothing.
    mutating func took(
        _ lane: LaneState, limit: Int, last: DueKey?, isMostlyDead: Bool, oldest: UInt64, next: UInt64, batch: Int
    ) {
        lastServed[lane.priority] = lane.lane
        failuresOfOne[lane.lane] = nil
        extras[lane.lane] = isMostlyDead ? min(batch, limit * 2) : nil
        if let shrunk = limits[lane.lane] { limits[lane.lane] = shrunk * 2 >= batch ? nil : shrunk * 2 }
        var watermark = watermarks[lane.lane] ?? Watermark()
        watermark.confirm(oldestTransaction: oldest)
        if let last { watermark.claimed(last, nextTransaction: next) }
        watermarks[lane.lane] = watermark
    }
}
