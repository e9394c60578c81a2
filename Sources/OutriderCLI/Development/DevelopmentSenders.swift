import Postgres

/// One sender per channel for a development database that has none.
enum DevelopmentSenders {
    static func insertIfNone(in pool: PostgresPool) async throws(PostgresError) {
        try await pool.execute(.insertDevelopmentSenders)
    }
}
