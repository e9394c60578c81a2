import Postgres

/// How to reach PostgreSQL.
struct DatabaseSettings: Sendable {
    let url: Secret
    /// Connections, 1–100.
    let poolSize: Int
    /// The URL leads to pgbouncer in transaction mode.
    let isPooled: Bool

    init?(_ reader: inout SettingsReader) {
        let url = reader.required(
            "OUTRIDER_DATABASE_URL", .databaseURL,
            remedy:
                "Set it, for example to postgresql://outrider@db.example.com/app, or name a file in OUTRIDER_DATABASE_URL_FILE."
        )
        let poolSize = reader.value("OUTRIDER_DATABASE_POOL_SIZE", .integer(1...100), default: 8)
        let isPooled = reader.value("OUTRIDER_DATABASE_PGBOUNCER", .flag, default: false)
        guard let url, let poolSize, let isPooled else { return nil }
        (self.url, self.poolSize, self.isPooled) = (url, poolSize, isPooled)
    }

    /// - Parameters:
    ///   - name: what `pg_stat_activity` shows.
    ///   - plans: pinned for a worker, whose statements are large and look everything up by key.
    ///   - login: the URL of another login to the same database; this one's own when nil.
    func configuration(
        named name: String, poolSize: Int? = nil, plans: PostgresConfiguration.Plans = .custom, login: Secret? = nil
    ) -> PostgresConfiguration {
        PostgresConfiguration(
            url: (login ?? url).exposed, applicationName: name, poolSize: poolSize ?? self.poolSize,
            preparation: isPooled ? .unnamed : .prepared, plans: plans)
    }
}
