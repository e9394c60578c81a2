public import Postgres

/// A database whose tables a test looks at as a gateway fills them: attempts under way, receipts, suppressions.
public protocol GatewayTables: Sendable {
    /// Logs in as a superuser.
    var admin: PostgresPool { get }
}

extension GatewayTables {
    public static var person: String { "+15005550101" }
    public static var sender: String { "+15005550006" }
    /// The secret of each attempt.
    public static var token: String { "6f1c2f1e-93a1-4a52-9f5c-0d8a2f4f7a10" }

    /// A job whose first attempt has been begun with `token`.
    public func attempt(channel: String = "sms", address: String = person) async throws -> Int {
        let rows = try await query(
            """
            with job as (
                insert into outrider.jobs (channel, address, body, subject, category)
                values ($1, $2, 'hello', 'hello', 'alert') returning id)
            select id from job
            """, [.text(channel), .text(address)])
        let id = try rows[0].int("id")
        try await query(
            """
            insert into outrider.events (job_id, generation, kind, status, step, channel, sender_id, token, worker)
            values ($1, 1, 'intent', 'taken', 0, $2, 1, $3::uuid, 'w')
            """, [.int(id), .text(channel), .uuid(Self.token)])
        try await query("delete from outrider.due", [])
        return id
    }

    @discardableResult
    public func query(_ sql: String, _ parameters: [Parameter] = []) async throws -> [Row] {
        try await admin.fetch(Statement(name: "test_\(sql.hashValue)", sql: sql), parameters)
    }

    public func count(_ table: String, where condition: String = "true") async throws -> Int {
        try await query("select count(*) as n from outrider.\(table) where \(condition)")[0].int("n")
    }

    /// All that a webhook may write, in one text: equal before and after means nothing has changed.
    public func everything() async throws -> String {
        let tables = ["events", "due", "suppressions", "inbound_messages", "whatsapp_windows"]
        let selects = tables.map { "select '\($0)' as name, t::text as row from outrider.\($0) t" }
        let rows = try await query(
            "select string_agg(name || row, E'\\n' order by name, row) as text from (\(selects.joined(separator: " union all "))) a"
        )
        return try rows[0].optionalString("text") ?? ""
    }

    /// As if everything so far had been written longer ago.
    public func wroteEarlier(_ interval: String) async throws {
        try await query(
            "update outrider.inbound_messages set received_at = received_at - $1::interval", [.text(interval)])
    }

    /// The channels on which an address must not be contacted now.
    public func suppressed(_ address: String = person) async throws -> [String] {
        try await query(
            "select distinct channel from outrider.suppressions where address = $1 and lifted_at is null order by channel",
            [.text(address)]
        ).map { try $0.string("channel") }
    }
}
