package import Delivery
public import Postgres
package import Providers
import Schema

/// What catching up needs of the database.
public struct CatchUpStore: Sendable {
    /// What a look for work found.
    package enum Found: Sendable {
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

    package func claim(_ account: String, _ configuration: CatchUpConfiguration) async throws(PostgresError) -> Found {
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

/// What one look has to list: one number, or the whole account, from shortly before the last good moment on.
package struct CatchUpSpan: Sendable, Hashable {
    package var account: String
    package var channel: String
    package var address: String
    /// The lease.
    package var holder: String
    /// Where the list begins.
    package var since: Instant
    /// Where the pages read so far end.
    package var page: String?
    /// How often in a row the provider could not be asked.
    package var failures: Int

    /// - Throws: `PostgresError` when a column is not as its statement promises.
    package init(account: String, _ row: Row) throws(PostgresError) {
        self.account = account
        channel = try row.string("channel")
        address = try row.string("address")
        holder = try row.string("holder")
        since = Instant(microseconds: Int64(try row.int("since_us")))
        page = try row.optionalString("next_page")
        failures = try row.int("failures")
    }

    package var query: InboundQuery {
        InboundQuery(
            recipient: Channel(rawValue: channel).map { InboundQuery.Recipient(channel: $0, address: address) },
            since: since, page: page)
    }
}

extension Statement {
    static let watchNumbers = Schema.statement("watch_numbers")
    static let claimCatchUp = Schema.statement("claim_catch_up")
    static let keepCatchUp = Schema.statement("keep_catch_up")
    static let putOffCatchUp = Schema.statement("put_off_catch_up")
    static let hastenReceipts = Schema.statement("hasten_receipts")
}
