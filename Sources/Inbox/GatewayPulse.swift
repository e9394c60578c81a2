public import Postgres

/// How a gateway says that it serves webhooks and can store them, so that what nobody could bring is looked up.
///
/// It is a matter of the database and of the process that listens; whether the way from the provider to the process is
/// open, it cannot know.
public struct GatewayPulse: Sendable {
    /// How often to beat.
    public static let interval = Duration.seconds(5)

    private let pool: PostgresPool
    private let id: String

    /// - Parameters:
    ///   - pool: a pool whose login has the role `outrider_gateway`.
    ///   - id: a name that no other gateway has, ever.
    public init(pool: PostgresPool, id: String) {
        self.pool = pool
        self.id = id
    }

    /// Says that it serves now. After a silence of more than six beats it counts as new, and after a gap in which it could
    /// not store what came.
    public func beat(afterGap hasGap: Bool = false) async throws(PostgresError) {
        let silence = hasGap ? Duration.zero : Self.interval * 6
        try await pool.execute(.gatewayBeats, [.text(id), .double(silence.inSeconds)])
    }

    /// Says that it will not serve any more.
    public func end() async throws(PostgresError) {
        try await pool.execute(.gatewayEnds, [.text(id)])
    }
}

extension Statement {
    /// $1 id, $2 seconds of silence that make a gap. Gateways that have been gone for a day are forgotten on the way.
    static let gatewayBeats = Statement(
        name: "gateway.beats",
        sql: """
            with gone as (
                delete from outrider.gateways
                 where id in (select id from outrider.gateways
                               where id <> $1 and beat_at < clock_timestamp() - interval '1 day' for update skip locked)
            )
            insert into outrider.gateways as g (id) values ($1)
            on conflict (id) do update
               set beat_at = clock_timestamp(),
                   up_since = case when g.beat_at < clock_timestamp() - make_interval(secs => $2) then clock_timestamp()
                                   else g.up_since end
            """)

    static let gatewayEnds = Statement(name: "gateway.ends", sql: "delete from outrider.gateways where id = $1")
}
