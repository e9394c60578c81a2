public import Postgres
import Schema

/// A cap as operators see it.
public struct CapStatus: Sendable, Codable {
    public var name: String
    public var subject: String
    public var category: String?
    public var channel: String?
    public var tenant: String?
    /// Messages; nil when it counts money.
    public var most: Int?
    /// A decimal number; nil when it counts messages.
    public var money: String?
    public var currency: String?
    public var spanSeconds: Int
    public var excess: String
    public var mode: String
    /// Messages for which it had no room.
    public var lastHour: Int
    public var lastDay: Int

    /// All of them, by name.
    public static func all(_ pool: PostgresPool) async throws(PostgresError) -> [CapStatus] {
        var caps: [CapStatus] = []
        for row in try await pool.fetch(.capStatus) { caps.append(try CapStatus(row)) }
        return caps
    }

    private init(_ row: Row) throws(PostgresError) {
        name = try row.string("name")
        subject = try row.string("subject")
        category = try row.optionalString("category")
        channel = try row.optionalString("channel")
        tenant = try row.optionalString("tenant")
        most = try row.optionalInt("most")
        money = try row.optionalString("money")
        currency = try row.optionalString("currency")
        spanSeconds = try row.int("span_seconds")
        excess = try row.string("excess")
        mode = try row.string("mode")
        lastHour = try row.int("last_hour")
        lastDay = try row.int("last_day")
    }

    /// Such as `10` or `500 EUR`.
    public var amount: String { most.map(String.init) ?? "\(money ?? "") \(currency ?? "")" }

    /// Such as `2 h`.
    public var span: String {
        for (unit, seconds) in [("d", 86_400), ("h", 3_600), ("min", 60)] where spanSeconds % seconds == 0 {
            return "\(spanSeconds / seconds) \(unit)"
        }
        return "\(spanSeconds) s"
    }

    /// What it binds, such as `otp sms`; `everything` when it names nothing.
    public var scope: String {
        let words = [category, channel, tenant.map { "of \($0)" }].compactMap(\.self)
        return words.isEmpty ? "everything" : words.joined(separator: " ")
    }
}

extension Statement {
    static let capStatus = Schema.statement("cap_status")
}
