public import Delivery
public import Postgres
import Schema

/// Finds the jobs of a person among the newest ones: no index leads from an address to jobs, as it would cost each insert.
public struct PersonSearch: Sendable {
    /// What is looked at: for an address by PostgreSQL, for a hash here, as each must be made anew.
    public static let newestByAddress = 200_000
    public static let newestByHash = 50_000
    public static let most = 100
    private static let page = 5_000

    private let database: PostgresPool
    private let names: AddressNames
    private let deadline: Duration

    /// - Parameter deadline: for one search.
    public init(_ database: PostgresPool, names: AddressNames, deadline: Duration = .seconds(5)) {
        (self.database, self.names, self.deadline) = (database, names, deadline)
    }

    /// What to look for: a full number, an e-mail address, or a hash as logs and pages show it.
    public enum Wanted: Sendable, Equatable {
        /// In lower case.
        case address(String)
        /// With its `#`.
        case hash(String)

        /// Nil for what is neither.
        public init?(_ text: String) {
            let text = text.unicodeScalars.split { $0.properties.isWhitespace }.map { String($0) }.joined()
            let digits = text.hasPrefix("#") ? text.dropFirst() : text[...]
            if let phone = try? PhoneNumber(text) {
                self = .address(phone.e164)
            } else if let email = try? EmailAddress(text) {
                self = .address(email.canonical)
            } else if digits.utf8.count == 12, digits.allSatisfy(\.isHexDigit) {
                self = .hash("#" + String(digits).asciiLowercased)
            } else {
                return nil
            }
        }
    }

    /// The newest first.
    public func jobs(of wanted: Wanted) async throws(PostgresError) -> PersonJobs {
        let end = ContinuousClock.now + deadline
        switch wanted {
        case .address(let address):
            let rows = try await fetch(
                .newestJobsTo, [.text(address), .int(Self.newestByAddress), .int(Self.most)], end)
            let jobs = try rows.map { row throws(PostgresError) in try PersonJobs.Job(row) }
            return PersonJobs(name: names.name(address), looked: Self.newestByAddress, jobs: jobs)
        case .hash(let hash): return try await jobs(hash, end)
        }
    }

    private func jobs(_ hash: String, _ end: ContinuousClock.Instant) async throws(PostgresError) -> PersonJobs {
        var found = PersonJobs(name: hash, looked: 0, jobs: [])
        var below = Int.max
        while found.looked < Self.newestByHash, found.jobs.count < Self.most {
            let rows = try await fetch(.newestAddresses, [.int(below), .int(Self.page)], end)
            for row in rows {
                let addresses = try row.textArray("addresses").compactMap(\.self)
                guard let address = addresses.first(where: { names.tag($0) == hash }) else { continue }
                found.name = names.name(address)
                found.jobs.append(try PersonJobs.Job(row))
            }
            found.looked += rows.count
            guard rows.count == Self.page, let last = rows.last else { break }
            below = try last.int("id")
        }
        return found
    }

    /// How whom a job is for is called; nobody where this login may not know.
    public func recipients(of job: Int) async throws(PostgresError) -> [String] {
        let rows = try await fetch(.recipients, [.int(job)], .now + deadline)
        return try rows.first?.textArray("addresses").compactMap(\.self).map(names.name) ?? []
    }

    private func fetch(
        _ statement: Statement, _ parameters: [Parameter], _ end: ContinuousClock.Instant
    ) async throws(PostgresError) -> [Row] {
        try await database.fetch(statement, parameters, deadline: max(.zero, end - .now))
    }
}

/// The jobs of a person that a search found.
public struct PersonJobs: Sendable, Encodable {
    public struct Job: Sendable, Encodable {
        public var id: Int
        public var kind: String
        public var category: String
        /// UTC, ISO 8601 with milliseconds.
        public var createdAt: String

        fileprivate init(_ row: Row) throws(PostgresError) {
            (id, kind) = (try row.int("id"), try row.string("kind"))
            (category, createdAt) = (try row.string("category"), try row.string("created_at"))
        }
    }

    /// The shape of the address and its hash; the hash alone where nothing was found by it.
    public var name: String
    /// How many of the newest jobs were looked at, at most.
    public var looked: Int
    public var jobs: [Job]
}

extension Statement {
    static let newestJobsTo = Schema.statement("newest_jobs_to")
    static let newestAddresses = Schema.statement("newest_addresses")
    static let recipients = Schema.statement("recipients")
}
