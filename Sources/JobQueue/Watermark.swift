/// Where in a lane the next claim may start, so that it need not walk over the dead rows of all the claims before it.
///
/// A key that was claimed becomes the floor only once every transaction that ran when it was claimed has ended
/// (`pg_snapshot_xmin(now) ≥ pg_snapshot_xmax(then)`). Whatever was inserted before it is visible or gone by then.
/// Whatever is inserted after it sorts after it, because `due.at` is the clock at the insert. An idle reader that pins
/// dead rows does not hold it back. Rows that a rolled-back claim gives back lie below the floor: `sweep` finds those.
public struct Watermark: Sendable, Hashable {
    private struct Mark: Sendable, Hashable {
        var key: DueKey
        /// The first transaction id that had not been given out when the key was claimed.
        var nextTransaction: UInt64
    }

    /// Claims start after this key.
    public private(set) var floor = DueKey.start
    private var pending: [Mark] = []

    public init() {}

    /// Notes the last key of a claim, with `pg_snapshot_xmax` of the claim's snapshot.
    public mutating func claimed(_ key: DueKey, nextTransaction: UInt64) {
        guard key > floor else { return }
        if pending.count >= 64 {
            // Every other mark is forgotten, which only means starting lower for a while. The oldest stays, or a stream of
            // long transactions would keep the floor from ever rising.
            pending = pending.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
        }
        pending.append(Mark(key: key, nextTransaction: nextTransaction))
    }

    /// Raises the floor over every mark whose transactions have all ended, given `pg_snapshot_xmin` of a later snapshot.
    public mutating func confirm(oldestTransaction: UInt64) {
        while let mark = pending.first, mark.nextTransaction <= oldestTransaction {
            floor = max(floor, mark.key)
            pending.removeFirst()
        }
    }

    /// Where a sweep starts: `microseconds` before the floor, to find rows that were given back.
    public func swept(back microseconds: Int) -> DueKey {
        DueKey(atMicroseconds: max(0, floor.atMicroseconds - microseconds), jobID: 0)
    }
}

/// A place in a lane: due rows are claimed in this order.
public struct DueKey: Sendable, Hashable, Comparable {
    /// Microseconds since the Unix epoch, by the database's clock.
    public var atMicroseconds: Int
    public var jobID: Int

    public init(atMicroseconds: Int, jobID: Int) {
        self.atMicroseconds = atMicroseconds
        self.jobID = jobID
    }

    /// Before every row.
    public static let start = DueKey(atMicroseconds: 0, jobID: 0)
    /// After every row: the last years that PostgreSQL knows.
    public static let end = DueKey(atMicroseconds: 9_000_000_000_000_000_000, jobID: .max)

    public static func < (one: DueKey, other: DueKey) -> Bool {
        (one.atMicroseconds, one.jobID) < (other.atMicroseconds, other.jobID)
    }
}
