import Delivery
import Insight
import Postgres
import Schema

/// The rows that say what a campaign is, table by table: read from the real database, and put into a rehearsal's own.
///
/// They are copied whole, whatever columns a table has. What is to be copied too is one more line in
/// `sql/statements/rehearsal_rows.sql`.
struct RehearsalRows: Sendable {
    struct Table: Sendable {
        var name: String
        /// JSON objects, columns by their names.
        var rows: [JSON]
    }

    private(set) var tables: [Table] = []

    init(_ tables: [Table]) { self.tables = tables }

    /// Reads only. Needs the role `outrider_operator`.
    init(of campaign: CampaignName, from pool: PostgresPool) async throws(PostgresError) {
        for row in try await pool.fetch(.rehearsalRows, [.text(campaign.name), .text(campaign.tenant)]) {
            let rows = JSON(parsing: Array(try row.string("rows").utf8))?.array ?? []
            tables.append(Table(name: try row.string("table"), rows: rows))
        }
    }

    subscript(table: String) -> [JSON] { tables.first { $0.name == table }?.rows ?? [] }

    /// Whose the campaign is.
    var tenant: String? { self["campaigns"].first?["tenant"]?.string }
    var category: String { self["campaign_definitions"].first?["category"]?.string ?? "" }

    /// The slowest sender that serves a channel.
    func leastRate(of channel: String) -> Double? {
        self["senders"].filter { $0["channel"]?.string == channel && $0["enabled"] != false }
            .compactMap { $0["rate_per_second"]?.double }.min()
    }

    /// The longest wait of the campaign's ladder, or of its one channel.
    func longestWait(on channels: [Channel]) -> Int {
        guard let ladder = self["campaign_definitions"].first?["ladder"]?.string else {
            return channels.map(Self.wait).max() ?? 0
        }
        let newest = self["ladders"].filter { $0["name"]?.string == ladder }
            .max { ($0["version"]?.integer ?? 0) < ($1["version"]?.integer ?? 0) }
        return self["ladder_steps"].filter { $0["ladder_id"] == newest?["id"] }
            .compactMap { $0["wait_seconds"]?.integer }.max() ?? 0
    }

    /// Seconds that a message without a ladder waits for its receipt.
    static func wait(of channel: Channel) -> Int { Int(LadderStep.single(channel).wait / .seconds(1)) }

    // MARK: Made fit

    /// The rows as the rehearsal has them: a draft that is not bound to times, with rates and waits at its scale.
    func adapted(to scale: RehearsalScale) -> RehearsalRows {
        RehearsalRows(
            tables.map { table in
                Table(name: table.name, rows: table.rows.map { Self.adapted($0, of: table.name, to: scale) })
            })
    }

    private static func adapted(_ row: JSON, of table: String, to scale: RehearsalScale) -> JSON {
        guard case .object(var members) = row else { return row }
        for index in members.indices {
            let value = members[index].value
            switch (table, members[index].name) {
            case (_, "rate_per_second"):
                if let rate = value.double { members[index].value = .number(String(scale.rate(rate))) }
            case ("ladder_steps", "wait_seconds"):
                let channel = row["channel"]?.string.flatMap(Channel.init) ?? .sms
                if let wait = value.integer { members[index].value = .integer(scale.wait(wait, on: channel)) }
            case ("senders", "paused_until"), ("senders", "paused_reason"), ("campaign_definitions", "audience"),
                ("campaign_definitions", "not_after"), ("campaigns", "starts_at"), ("campaigns", "ended_at"):
                members[index].value = .null
            case ("campaigns", "state"): members[index].value = "draft"
            case ("campaigns", "paused_at"): members[index].value = "now"
            case ("campaigns", "paused_reason"): members[index].value = "not started yet"
            default: break
            }
        }
        return .object(members)
    }

    // MARK: Put down

    /// Replaces what a fresh schema has in these tables.
    func insert(into pool: PostgresPool) async throws {
        try await pool.transaction { transaction in
            // Rows of one table may need those of the next. And a ladder that comes whole is no change of one.
            try await transaction.run(script: "set local session_replication_role = replica")
            for table in tables { try await transaction.run(script: "delete from outrider.\(table.name)") }
            for table in tables where table.name != "senders" { try await Self.insert(table, in: transaction) }
            // A sender gets its lanes by a trigger.
            try await transaction.run(script: "set local session_replication_role = origin")
            for table in tables where table.name == "senders" { try await Self.insert(table, in: transaction) }
        }
    }

    private static func insert(_ table: Table, in transaction: PostgresTransaction) async throws {
        let rows = String(decoding: JSON.array(table.rows).encoded, as: UTF8.self)
        _ = try await transaction.fetch(
            Statement(
                name: "rehearsal_\(table.name)",
                sql: """
                    insert into outrider.\(table.name) overriding system value
                    select (row).* from jsonb_populate_recordset(null::outrider.\(table.name), $1::jsonb) as row
                    """), [.text(rows)])
    }
}

extension JSON {
    fileprivate var double: Double? { if case .number(let text) = self { Double(text) } else { nil } }
}

extension Statement {
    static let rehearsalRows = Schema.statement("rehearsal_rows")
    static let rehearsalPeople = Schema.statement("rehearsal_people")
    static let rehearsalContact = Schema.statement("rehearsal_contact")
    static let rehearsalWaits = Schema.statement("rehearsal_waits")
    static let rehearsalCourse = Schema.statement("rehearsal_course")
}
