import Postgres
import TestDatabase

/// A migrated database with one sender of texts.
struct InboxFixture: GatewayTables {
    let admin: PostgresPool

    init() async throws {
        admin = PostgresPool(PostgresConfiguration(url: try await PostgresServer.migratedDatabase(), poolSize: 2))
        try await admin.run(
            script: "insert into outrider.senders (name, channel, address) values ('text', 'sms', '\(Self.sender)')")
    }
}
