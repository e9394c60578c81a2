public import Postgres
import Schema

/// What is purged once it was kept as long as the retention rules say.
///
/// None of it is on the way of a message: jobs are purged after their outcome alone.
public struct PurgeStore: Sendable {
    private let pool: PostgresPool

    /// - Parameter pool: a pool whose login has the role `outrider_worker`.
    public init(_ pool: PostgresPool) { self.pool = pool }

    /// Purges a part: at most about a thousand jobs, and as many messages of people.
    /// - Returns: whether there is more to do at once.
    public func purge() async throws(PostgresError) -> Bool {
        try await pool.fetch(.purge).first?.bool("has_more") ?? false
    }
}

extension Statement {
    static let purge = Schema.statement("purge")
}
