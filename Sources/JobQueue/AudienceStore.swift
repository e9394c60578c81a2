import Delivery
public import Postgres
import Schema

/// How the people of a campaign come into the queue: read from a table or a file, and added a batch at a time.
///
/// Each batch is a transaction of its own. A person is added once, by key and by address, so a load that was cut off is
/// begun again from the start.
public struct AudienceStore: Sendable {
    /// People that are added in one transaction.
    public static let batchSize = 5_000
    /// A view may sort and join before its first row comes.
    private static let patience = Duration.seconds(600)

    private let pool: PostgresPool

    /// - Parameter pool: a pool of at least two connections when an audience is to be read.
    public init(_ pool: PostgresPool) { self.pool = pool }

    func fetch(_ statement: Statement, _ parameters: [Parameter]) async throws(PostgresError) -> [Row] {
        try await pool.fetch(statement, parameters)
    }

    // MARK: Loads

    /// Takes on a load that no worker works on; nil when there is none.
    public func claim() async throws(PostgresError) -> AudienceLoad? {
        guard let row = try await pool.fetch(.claimLoad).first else { return nil }
        return AudienceLoad(
            key: LoadKey(id: try row.int("load_id"), holder: try row.string("holder")),
            campaign: try row.string("campaign"), audience: try row.optionalString("audience"),
            failures: try row.int("failures"))
    }

    /// Begins to load people from a file.
    public func begin(
        _ campaign: String, file: String, reason: String? = nil, tenant: String?
    ) async throws(PostgresError) -> LoadKey {
        let row = try await pool.fetch(.beginLoad, [.text(campaign), .text(file), .text(reason), .text(tenant)])[0]
        return LoadKey(id: try row.int("load_id"), holder: try row.string("holder"))
    }

    /// - Returns: how many are new, and whom the database refuses itself.
    @discardableResult
    public func add(_ batch: AudienceBatch, to load: LoadKey) async throws(PostgresError) -> AudienceBatch.Addition {
        let row = try await pool.fetch(.addPeople, [.int(load.id), .uuid(load.holder)] + batch.parameters)[0]
        let lines = try row.intArray("refused_lines")
        let problems = try row.textArray("refused_problems")
        return AudienceBatch.Addition(
            added: try row.int("added"), heldOut: try row.int("held_out"),
            refused: zip(lines, problems).map { AudienceRefusal(line: $0, reason: .rule($1 ?? "")) })
    }

    /// Looks at some jobs of a campaign's earlier waves, and asks again for those that were not reached.
    /// - Returns: how many it looked at; 0 when all have been.
    public func retry(_ load: LoadKey) async throws(PostgresError) -> Int {
        try await pool.fetch(.retryPart, [.int(load.id), .uuid(load.holder)]).first?.int("looked") ?? 0
    }

    /// Says that the load goes on, while its audience is slow to read.
    /// - Returns: false when another worker has taken it over, or it was ended.
    public func beat(_ load: LoadKey) async throws(PostgresError) -> Bool {
        try await pool.fetch(.beatLoad, [.int(load.id), .uuid(load.holder)]).first?.bool("is_mine") ?? false
    }

    /// Everybody has been read; or the load cannot go on, and why.
    public func end(_ load: LoadKey, failure: String? = nil) async throws(PostgresError) {
        _ = try await pool.fetch(.endLoad, [.int(load.id), .uuid(load.holder), .text(failure)])
    }

    /// The audience could not be read: a worker tries again later.
    public func putOff(_ load: LoadKey, by pause: Duration, because failure: String) async throws(PostgresError) {
        _ = try await pool.fetch(
            .putOffLoad,
            [.int(load.id), .uuid(load.holder), .double(Double(pause.components.seconds)), .text(failure)])
    }

    // MARK: Reading

    /// Reads all rows of an audience, a batch at a time, in one transaction that writes nothing.
    ///
    /// It has no transaction id, so it holds back no worker's watermark, however long it takes.
    /// - Parameter body: called with each batch, in order; what it throws ends the reading. The next batch is read meanwhile.
    public func read(_ audience: String, _ body: (AudienceBatch) async throws -> Void) async throws {
        try await read(audience, preparing: { _ in }, { batch, _ in try await body(batch) })
    }

    /// The same with something found out of each batch before it is its turn.
    public func read<Prepared: Sendable>(
        _ audience: String, preparing prepare: @Sendable (AudienceBatch) async throws -> Prepared,
        _ body: (AudienceBatch, Prepared) async throws -> Void
    ) async throws {
        try await pool.transaction(deadline: Self.patience) { (transaction: PostgresTransaction) in
            try await transaction.run(
                script: """
                    set transaction isolation level repeatable read, read only;
                    set local statement_timeout = '\(Self.patience.components.seconds)s'
                    """)
            // Again: another view may stand there since the campaign was made.
            let relation = try await transaction.fetch(.checkAudience, [.text(audience)])[0].string("relation")
            try await transaction.run(
                script: """
                    declare outrider_audience no scroll cursor for
                    select case when octet_length(person) <= 70000 then person end as person
                      from (select to_jsonb(person)::text as person from \(relation) as person offset 0) as people
                    """)
            var batch = try await Self.next(after: 0, in: transaction)
            var prepared = try await prepare(batch)
            var lines = 0
            while batch.count > 0 {
                lines += batch.count
                let read = lines
                async let ahead = {
                    let next = try await Self.next(after: read, in: transaction)
                    return (next, try await prepare(next))
                }()
                try await body(batch, prepared)
                (batch, prepared) = try await ahead
            }
        }
    }

    private static func next(
        after line: Int, in transaction: PostgresTransaction
    ) async throws(PostgresError) -> AudienceBatch {
        var batch = AudienceBatch()
        for (number, row) in try await transaction.fetch(.fetchAudience).enumerated() {
            let line = line + number + 1
            if let person = try row.optionalString("person") {
                batch.add(row: line, Array(person.utf8))
            } else {
                batch.add(AudienceRefusal(line: line, reason: .rule("must have at most 64 kilobytes of data")))
            }
        }
        return batch
    }
}

/// Which load a batch belongs to, and who may add to it.
public struct LoadKey: Sendable, Hashable {
    public var id: Int
    public var holder: String
}

/// A load that this worker has taken on.
public struct AudienceLoad: Sendable, Hashable {
    public var key: LoadKey
    public var campaign: String
    /// The table or view, as the database has checked its name; nil where those are asked again who were not reached.
    public var audience: String?
    /// How often in a row the audience could not be read.
    public var failures: Int
}

extension Statement {
    static let claimLoad = Schema.statement("claim_load")
    static let checkAudience = Schema.statement("check_audience")
    static let beatLoad = Schema.statement("beat_load")
    static let beginLoad = Schema.statement("begin_load")
    static let addPeople = Schema.statement("add_people")
    static let retryPart = Schema.statement("retry_part")
    static let endLoad = Schema.statement("end_load")
    static let putOffLoad = Schema.statement("put_off_load")
    static let fetchAudience = Statement(
        name: "fetch_audience", sql: "fetch \(AudienceStore.batchSize) from outrider_audience")
}
