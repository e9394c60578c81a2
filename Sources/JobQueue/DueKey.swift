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

    public static func < (one: DueKey, other: DueKey) -> Bool {
        (one.atMicroseconds, one.jobID) < (other.atMicroseconds, other.jobID)
    }
}
