public import Delivery
public import Postgres
import Schema

/// What a worker writes for those who look: tallies of what has ended, and what keeps it from sending.
///
/// None of it is on the way of a message. It may fail or be late, and nothing but a figure suffers.
public struct TallyStore: Sendable {
    /// Suppressions are counted one and all; many millions take seconds.
    private static let longCount = Duration.seconds(120)

    private let pool: PostgresPool

    /// - Parameter pool: a pool whose login has the role `outrider_worker`.
    public init(_ pool: PostgresPool) { self.pool = pool }

    /// Takes what has ended into the tallies.
    /// - Returns: whether there is more to take at once.
    public func tally() async throws(PostgresError) -> Bool {
        try await pool.fetch(.tally).first?.bool("has_more") ?? false
    }

    /// Counts the suppressions in force, unless a worker has done so in the last minutes.
    public func tallySuppressions() async throws(PostgresError) {
        _ = try await pool.fetch(.tallySuppressions, deadline: Self.longCount)
    }

    /// Says what keeps `process` from sending, and takes back what does not any more.
    public func report(_ troubles: [Trouble], of process: String) async throws(PostgresError) {
        try await pool.execute(
            .reportTroubles,
            [
                .text(process), .textArray(troubles.map(\.cause.rawValue)), .textArray(troubles.map(\.scope)),
                .textArray(troubles.map(\.detail)), .textArray(troubles.map { String($0.seconds) }),
            ])
    }
}

extension Statement {
    static let tally = Schema.statement("tally")
    static let tallySuppressions = Schema.statement("tally_suppressions")
    static let reportTroubles = Schema.statement("report_troubles")
}
