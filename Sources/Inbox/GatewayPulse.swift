public import Postgres
import Schema

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
    static let gatewayBeats = Schema.statement("gateway_beats")
    static let gatewayEnds = Schema.statement("gateway_ends")
}
