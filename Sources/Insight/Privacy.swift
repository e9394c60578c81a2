public import Postgres
import Schema

/// What is kept about one address, outside of its jobs and messages: so many rows of a table.
public struct PersonalRows: Sendable, Codable, Equatable {
    public var place: String
    /// What an erasure does about them.
    public var fate: Fate
    public var count: Int

    public enum Fate: String, Sendable, Codable {
        case purge, keep
        case byHand = "change by hand"
    }
}

/// The part of what is kept that a walk has come through.
public struct PersonalPart<ID: Sendable>: Sendable {
    public var found: [ID]
    /// Jobs that have not ended; messages that are a STOP or START.
    public var special: [ID]
    /// After which row the walk goes on; nil at its end.
    public var next: ID?
}

/// The data of one person, for whoever answers that person: each call is a function of the schema.
///
/// Jobs have no index by address, so they are walked, a part at a time, each in a transaction of its own.
public struct PrivacyDesk: Sendable {
    /// Rows that one call looks at.
    public static let part = 50_000
    /// Rows that one call purges or hands out.
    public static let batch = 500

    private let database: PostgresPool

    /// - Parameter database: a pool whose login has the role `outrider_operator`.
    public init(_ database: PostgresPool) { self.database = database }

    /// The jobs to an address among the next part.
    public func jobs(of address: String, after id: Int) async throws(PostgresError) -> PersonalPart<Int> {
        let row = try await database.fetch(.jobsToAddress, [.text(address), .int(id), .int(Self.part)])[0]
        return PersonalPart(
            found: try Self.numbers(row, "ids"), special: try Self.numbers(row, "under_way"),
            next: try row.optionalInt("until"))
    }

    /// What an address wrote to us, among the next part.
    public func messages(of address: String, after id: String) async throws(PostgresError) -> PersonalPart<String> {
        let row = try await database.fetch(.inboundOfAddress, [.text(address), .text(id), .int(Self.part)])[0]
        return PersonalPart(
            found: try row.textArray("ids").compactMap(\.self), special: try row.textArray("words").compactMap(\.self),
            next: try row.optionalString("until"))
    }

    /// What the other tables hold.
    public func elsewhere(_ address: String) async throws(PostgresError) -> [PersonalRows] {
        try await database.fetch(.heldElsewhere, [.text(address)]).map { row throws(PostgresError) in
            PersonalRows(
                place: try row.string("place"), fate: PersonalRows.Fate(rawValue: try row.string("fate")) ?? .keep,
                count: try row.int("count"))
        }
    }

    public func cancel(job: Int) async throws(PostgresError) {
        _ = try await database.fetch(.cancelJob, [.int(job)])
    }

    /// Takes content and addresses out of jobs of an address that have ended.
    /// - Returns: of how many.
    public func forget(jobs: some Collection<Int>, of address: String) async throws(PostgresError) -> Int {
        try await database.fetch(.forgetJobs, [.textArray(jobs.map { String($0) }), .text(address)])[0].int("count")
    }

    /// Takes out who wrote messages.
    /// - Returns: of how many; a STOP or START stays.
    public func forget(messages: some Collection<String>) async throws(PostgresError) -> Int {
        try await database.fetch(.forgetInbound, [.textArray(Array(messages))])[0].int("count")
    }

    /// Purges what the other tables hold and need not keep.
    public func forgetElsewhere(_ address: String) async throws(PostgresError) {
        _ = try await database.fetch(.forgetElsewhere, [.text(address)])
    }

    /// Each as a JSON object. Never log them.
    public func records(ofJobs jobs: some Collection<Int>) async throws(PostgresError) -> [String] {
        try await records(.exportJobs, .textArray(jobs.map { String($0) }))
    }

    /// Each as a JSON object. Never log them.
    public func records(ofMessages messages: some Collection<String>) async throws(PostgresError) -> [String] {
        try await records(.exportInbound, .textArray(Array(messages)))
    }

    /// The rows of the other tables, each with its table and as a JSON object. Never log them.
    public func recordsElsewhere(
        _ address: String
    ) async throws(PostgresError) -> [(place: String, record: String)] {
        var records: [(place: String, record: String)] = []
        for row in try await database.fetch(.exportElsewhere, [.text(address)]) {
            records.append((try row.string("place"), try row.string("record")))
        }
        return records
    }

    /// Keeps who does what with the data of an address. The record holds a digest of the address.
    /// - Parameter counts: rows by table.
    public func note(
        _ what: String, of address: String, reason: String, counts: [String: Int] = [:]
    ) async throws(PostgresError) {
        let detail = counts.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        _ = try await database.fetch(
            .notePrivacy, [.text(what), .text(address), .text(reason), .text("{\(detail)}")])
    }

    private func records(_ statement: Statement, _ ids: Parameter) async throws(PostgresError) -> [String] {
        try await database.fetch(statement, [ids]).map { row throws(PostgresError) in try row.string("record") }
    }

    private static func numbers(_ row: Row, _ column: String) throws(PostgresError) -> [Int] {
        guard try row.optionalString(column) != nil else { return [] }
        return try row.textArray(column).compactMap { $0.flatMap { Int($0) } }
    }
}

extension Statement {
    static let jobsToAddress = Schema.statement("jobs_to_address")
    static let inboundOfAddress = Schema.statement("inbound_of_address")
    static let heldElsewhere = Schema.statement("held_elsewhere")
    static let cancelJob = Schema.statement("cancel_job")
    static let forgetJobs = Schema.statement("forget_jobs")
    static let forgetInbound = Schema.statement("forget_inbound")
    static let forgetElsewhere = Schema.statement("forget_elsewhere")
    static let exportJobs = Schema.statement("export_jobs")
    static let exportInbound = Schema.statement("export_inbound")
    static let exportElsewhere = Schema.statement("export_elsewhere")
    static let notePrivacy = Schema.statement("note_privacy")
}
