public import Delivery
public import Postgres
import Schema

/// What is on record about persons: whom not to contact, and who agreed to what.
public enum Evidence: String, Sendable, CaseIterable {
    case suppressions, consents

    /// As a file has them, in this order.
    public var columns: [String] {
        switch self {
        case .suppressions: ["address", "channel", "reason", "tenant", "category", "source", "created_at", "lifted_at"]
        case .consents: ["address", "channel", "category", "text_shown", "source", "at", "tenant"]
        }
    }

    /// Those without which a record says nothing.
    public var needed: [String] {
        switch self {
        case .suppressions: ["address"]
        case .consents: ["address", "channel", "category", "text_shown", "source"]
        }
    }

    /// The column that a rule of the database is about, such as `consent_needs_a_source`; nil when that is not known.
    public func column(of rule: String) -> String? {
        let words = rule.split(separator: "_")
        let subject = ["consent", "suppression"].contains(words.first ?? "") ? words.dropFirst() : words[...]
        guard let first = subject.first else { return nil }
        // Of "needs_the_text_that_was_shown" it is the text, of "channels_must_fit" the channel.
        if first == "needs" { return columns.first { $0.split(separator: "_").contains { subject.contains($0) } } }
        return columns.first { first.hasPrefix($0) }
    }

    /// A record as it is read.
    public struct Entry: Sendable {
        public var id: Int
        /// By `columns`. Never log them.
        public var fields: [String?]
    }

    /// What became of a record of a file.
    public struct Taken: Sendable {
        /// How many rows it added: none where it says nothing new.
        public var added: Int
        /// The rule that it breaks.
        public var problem: String?
    }
}

/// Evidence as operators see and write it: each call is a function of the schema.
public struct EvidenceDesk: Sendable {
    /// Records that are read or written in one call.
    public static let batchSize = 1_000

    private let database: PostgresPool

    /// - Parameter database: a pool whose login has the role `outrider_operator`.
    public init(_ database: PostgresPool) { self.database = database }

    /// The oldest first.
    /// - Parameters:
    ///   - id: those after it.
    ///   - address: of this one alone.
    ///   - withLifted: suppressions that were lifted, too.
    public func page(
        of evidence: Evidence, after id: Int, address: String? = nil, withLifted: Bool = false, limit: Int = batchSize
    ) async throws(PostgresError) -> [Evidence.Entry] {
        let rows =
            switch evidence {
            case .suppressions:
                try await database.fetch(
                    .listSuppressions, [.int(id), .int(limit), .text(address), .bool(withLifted)])
            case .consents: try await database.fetch(.listConsents, [.int(id), .int(limit), .text(address)])
            }
        var entries: [Evidence.Entry] = []
        for row in rows {
            var fields: [String?] = []
            for column in evidence.columns { fields.append(try row.optionalString(column)) }
            entries.append(Evidence.Entry(id: try row.int("id"), fields: fields))
        }
        return entries
    }

    /// Takes in records of a file, each by itself.
    /// - Parameter isDryRun: says what would become of them, and writes nothing.
    public func take(
        _ records: [CSVFields], as evidence: Evidence, isDryRun: Bool
    ) async throws(PostgresError) -> [Evidence.Taken] {
        func column(_ name: String) -> Parameter { .textArray(records.map { $0.values[name] }) }
        let rows =
            switch evidence {
            case .suppressions:
                try await database.fetch(
                    .importSuppressions,
                    ["address", "channel", "reason", "tenant", "category"].map(column) + [.bool(isDryRun)])
            case .consents:
                try await database.fetch(
                    .importConsents,
                    ["address", "channel", "category", "text_shown", "source", "at", "tenant"].map(column)
                        + [.bool(isDryRun)])
            }
        var taken: [Evidence.Taken] = []
        for row in rows {
            taken.append(Evidence.Taken(added: try row.int("added"), problem: try row.optionalString("problem")))
        }
        return taken
    }

    /// - Parameter channels: nil is all that reach the address.
    /// What `dead` answers of each number.
    public static let deadColumns = ["address", "channel", "class", "code", "job", "since", "until"]

    /// Numbers that are remembered as dead, the newest first, in the order of `deadColumns`.
    public func dead(of address: String?, limit: Int) async throws(PostgresError) -> [[String]] {
        var found: [[String]] = []
        for row in try await database.fetch(.listDead, [.int(limit), .text(address)]) {
            var fields: [String] = []
            for column in Self.deadColumns { fields.append(try row.string(column)) }
            found.append(fields)
        }
        return found
    }

    /// - Returns: on how many channels it was remembered.
    public func forgetDead(
        _ address: String, on channels: [String]?, reason: String?
    ) async throws(PostgresError) -> Int {
        let chosen = channels.map { Parameter.textArray($0) } ?? .null
        return try await database.fetch(.forgetDead, [.text(address), chosen, .text(reason)])[0].int("count")
    }

    /// - Returns: how many suppressions are new.
    public func suppress(_ address: String, on channels: [String]?, reason: String) async throws(PostgresError) -> Int {
        try await database.fetch(
            .suppressAddress, [.text(address), channels.map { Parameter.textArray($0) } ?? .null, .text(reason)])[0]
            .int("count")
    }

    /// - Returns: how many suppressions were in force.
    /// - Parameter reason: kept with the login's name: it is the evidence.
    public func lift(
        _ address: String, on channels: [String]?, reason: String
    ) async throws(PostgresError) -> Int {
        let chosen = channels.map { Parameter.textArray($0) } ?? .null
        return try await database.fetch(.liftAddress, [.text(address), chosen, .text(reason)])[0].int("count")
    }
}

extension Statement {
    static let listSuppressions = Schema.statement("list_suppressions")
    static let listDead = Schema.statement("list_dead")
    static let forgetDead = Schema.statement("forget_dead")
    static let listConsents = Schema.statement("list_consents")
    static let importSuppressions = Schema.statement("import_suppressions")
    static let importConsents = Schema.statement("import_consents")
    static let suppressAddress = Schema.statement("suppress_address")
    static let liftAddress = Schema.statement("lift_address")
}
