public import Postgres
import Schema

/// How many jobs are sealed with one key.
public struct SealCount: Sendable, Codable, Equatable {
    /// The id of the key.
    public var key: String
    /// Jobs that have no outcome yet: a worker needs the key.
    public var waiting: Int
    /// Jobs that have ended, and whose content is not purged yet: an export needs the key.
    public var ended: Int

    public init(key: String, waiting: Int = 0, ended: Int = 0) {
        self.key = key
        self.waiting = waiting
        self.ended = ended
    }
}

/// Which keys the jobs that are kept are sealed with.
///
/// No index leads to them, as each insert would pay for it: all jobs are walked, a part at a time, each in a transaction of its own.
public struct SealDesk: Sendable {
    /// Rows that one call looks at.
    public static let part = 50_000

    private let database: PostgresPool

    /// - Parameter database: a pool whose login has the role `outrider_operator`; for `due`, any role of a process.
    public init(_ database: PostgresPool) { self.database = database }

    /// The counts of the next part, and after which job the walk goes on; nil at its end.
    public func counts(after id: Int) async throws(PostgresError) -> (counts: [SealCount], next: Int?) {
        let row = try await database.fetch(.sealedJobs, [.int(id), .int(Self.part)])[0]
        let columns = [try row.textArray("keys"), try row.textArray("waiting"), try row.textArray("ended")]
        let counts = columns[0].indices.compactMap { index in
            columns[0][index].map { key in
                SealCount(
                    key: key, waiting: columns[1][index].flatMap { Int($0) } ?? 0,
                    ended: columns[2][index].flatMap { Int($0) } ?? 0)
            }
        }
        return (counts, try row.optionalInt("until"))
    }

    /// Of a part of the jobs that are due some time, how many are sealed, by the id of their key.
    public func due() async throws(PostgresError) -> [SealCount] {
        try await database.fetch(.doctorSeals).map { row throws(PostgresError) in
            SealCount(key: try row.string("key"), waiting: try row.int("count"))
        }
    }
}

extension Statement {
    static let sealedJobs = Schema.statement("sealed_jobs")
    static let doctorSeals = Schema.statement("doctor_seals")
}
