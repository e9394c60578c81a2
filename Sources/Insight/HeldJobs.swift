public import Delivery
public import Postgres

/// Reads what waits for a person.
public struct HeldJobs: Sendable {
    private let database: PostgresPool
    private let names: AddressNames

    public init(_ database: PostgresPool, names: AddressNames = AddressNames()) {
        (self.database, self.names) = (database, names)
    }

    /// Those that wait longest come first.
    /// - Parameter limit: 1 to 1,000.
    public func oldest(_ limit: Int) async throws(PostgresError) -> [HeldJob] {
        var jobs: [HeldJob] = []
        for row in try await database.fetch(.heldJobs, [.int(limit)]) { jobs.append(try HeldJob(row, names)) }
        return jobs
    }

    /// Says for a held job what nobody could know; audited under the login's name.
    /// - Returns: what follows, in words.
    /// - Throws: with SQLSTATE P0002 when there is no such job, 55000 when it is not held.
    public func release(job: Int, asSent: Bool, reason: String) async throws(PostgresError) -> String {
        try await database.fetch(.releaseHeld, [.int(job), .bool(asSent), .text(reason)]).first?.string("result") ?? ""
    }
}

extension HeldJob {
    fileprivate init(_ row: Row, _ names: AddressNames) throws(PostgresError) {
        let channel = try row.string("channel")
        let evidence = JSON(parsing: Array(try row.string("evidence").utf8))?.array ?? []
        self.init(
            job: try row.int("job_id"), tenant: try row.string("tenant"), category: try row.string("category"),
            ladder: try row.string("ladder"), attempt: try row.int("generation"), step: try row.int("step"),
            channel: channel, sender: try row.string("sender"), address: names.name(try row.string("address")),
            heldAt: try row.string("held_at"), reason: try row.string("reason"),
            evidence: evidence.map(Evidence.init))
    }
}

extension HeldJob.Evidence {
    fileprivate init(_ json: JSON) {
        self.init(
            at: json["at"]?.string ?? "", event: json["event"]?.string ?? "", detail: json["detail"]?.string ?? "")
    }
}

/// A job that waits for a person, with what is known of the attempt in doubt. Holds no full address and no text.
public struct HeldJob: Sendable, Codable, Equatable {
    /// One fact about the attempt.
    public struct Evidence: Sendable, Codable, Equatable {
        /// UTC, ISO 8601 with milliseconds, by the database's clock.
        public var at: String
        public var event: String
        public var detail: String
    }

    public var job: Int
    public var tenant: String
    public var category: String
    /// Empty for a job of kind `send`.
    public var ladder: String
    public var attempt: Int
    public var step: Int
    public var channel: String
    /// The name of the sender; empty when there is none.
    public var sender: String
    /// Its shape, such as `+1…67`, and with a key its hash.
    public var address: String
    /// UTC, ISO 8601 with milliseconds.
    public var heldAt: String
    public var reason: String
    /// Oldest first.
    public var evidence: [Evidence]
}
