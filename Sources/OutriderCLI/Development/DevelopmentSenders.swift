import Postgres

/// One sender per channel for a development database that has none.
enum DevelopmentSenders {
    static func insertIfNone(in pool: PostgresPool) async throws(PostgresError) {
        try await pool.execute(.insertSenders)
    }
}

extension Statement {
    fileprivate static let insertSenders = Statement(
        name: "development.senders",
        sql: """
            insert into outrider.senders (name, channel, address, display_name, rate_per_second)
            select 'dev-' || channel, channel, address, 'Outrider', 50
              from (values ('sms', '+15005550006'), ('voice', '+15005550006'), ('whatsapp', '+15005550006'),
                           ('email', 'outrider@example.com')) as s (channel, address)
             where not exists (select from outrider.senders)
            """)
}
