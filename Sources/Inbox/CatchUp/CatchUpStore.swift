public import Postgres

/// What catching up needs of the database.
public struct CatchUpStore: Sendable {
    /// What a look for work found.
    package enum Look: Sendable {
        /// Nobody needs to look now.
        case nothing
        /// Gateways saw everything.
        case covered
        case span(CatchUpSpan)
    }

    private let pool: PostgresPool

    /// - Parameter pool: a pool whose login has the role `outrider_worker`.
    public init(pool: PostgresPool) {
        self.pool = pool
    }

    package func watch(_ account: String) async throws(PostgresError) {
        try await pool.execute(.watchNumbers, [.text(account)])
    }

    package func claim(_ account: String, _ configuration: CatchUpConfiguration) async throws(PostgresError) -> Look {
        let row = try await pool.fetch(
            .claimCatchUp,
            [
                .text(account), .double(configuration.interval.inSeconds), .double(configuration.lease.inSeconds),
                .double(configuration.margin.inSeconds), .double(configuration.goneAfter.inSeconds),
                .double(configuration.listedEvery.inSeconds),
            ]
        ).first
        guard let row else { return .nothing }
        return try row.bool("is_covered") ? .covered : .span(try CatchUpSpan(account: account, row))
    }

    /// - Parameter next: the page to go on with; nil when the list is read to its end.
    /// - Returns: false when another worker has taken over.
    package func keep(
        _ span: CatchUpSpan, next: String?, lookAfter: Duration
    ) async throws(PostgresError) -> Bool {
        try await !pool.fetch(
            .keepCatchUp, [.uuid(span.holder), .text(next), .double(lookAfter.inSeconds)]
        ).isEmpty
    }

    package func putOff(
        _ span: CatchUpSpan, by pause: Duration, isFailure: Bool, beginningAgain: Bool = false
    ) async throws(PostgresError) {
        try await pool.execute(
            .putOffCatchUp,
            [.uuid(span.holder), .double(pause.inSeconds), .bool(isFailure), .bool(beginningAgain)])
    }

    /// - Returns: how many attempts will be asked about early.
    package func hasten(_ configuration: CatchUpConfiguration) async throws(PostgresError) -> Int {
        try await pool.execute(
            .hastenReceipts,
            [
                .double(configuration.goneAfter.inSeconds), .int(configuration.hastened),
                .int(configuration.hastenedPerSecond),
            ])
    }
}

extension Duration {
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
