package import Delivery
package import Postgres
package import Providers

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
