import ArgumentParser
import Postgres
import Signing

struct Enqueue: OutriderCommand {
    static let configuration = CommandConfiguration(
        abstract: "Insert one job and print its id.",
        discussion: """
            The same as a plain INSERT into outrider.jobs, which is what applications do. With --ladder it is a \
            notification that climbs; otherwise one message on one channel. A repeated --idempotency-key inserts \
            nothing and prints the first job's id.

            With OUTRIDER_SEAL_KEYS, body, subject and data are sealed before they leave this host, and only workers \
            with the key can read them. Addresses, metadata and media URLs are stored as they stand.

            Examples:
              outrider enqueue --channel sms --address +15005550010 \\
                --body 'Your table is ready' --category transactional
              outrider enqueue --ladder standard --phone +15005550010 \\
                --email ann@example.com --template outage --data '{"site": "North"}' \\
                --category alert --idempotency-key outage-17-ann

            \(ExitStatus.help)
            """)

    @OptionGroup var job: JobOptions

    @Flag(help: "Print a JSON object: the id, whether the job is new, and the key that sealed it.")
    var json = false

    func perform() async throws {
        let seal = try await SealSettings.seal()
        let sealed = try job.sealed(by: seal)
        let result = try await DatabaseVisit.make(as: "enqueue") { pool in
            try await insert(sealed, with: seal.keyIDs.first, in: pool)
        }
        if json { return try Console.json(result) }
        try Console.data(String(result.id))
        if !result.isNew { Console.note("There is a job with this idempotency key already; nothing was inserted.") }
    }

    private struct Result: Encodable {
        let id: Int
        let isNew: Bool
        /// The id of the key; nil when the job was not sealed, or not inserted.
        var sealedWith: String?
    }

    private func insert(_ sealed: String?, with key: String?, in pool: PostgresPool) async throws -> Result {
        let insertion = JobInsertion(columns: job.columns(sealed: sealed))
        if let row = try await pool.fetch(insertion.statement, insertion.parameters).first {
            return Result(id: try row.int("id"), isNew: true, sealedWith: sealed == nil ? nil : key)
        }
        let known = try await pool.fetch(.jobOfKey, [.text(job.idempotencyKey)]).first
        guard let known else {
            throw Failure("the job was not inserted, and its idempotency key is not visible to this login", .refused)
        }
        return Result(id: try known.int("id"), isNew: false)
    }
}

/// An INSERT into outrider.jobs that names only the columns that are given.
struct JobInsertion {
    let columns: [(name: String, value: Parameter)]

    /// Column names are ours, values are parameters.
    var statement: Statement {
        let names = columns.map(\.name)
        let places = columns.indices.map { "$\($0 + 1)" }
        return Statement(
            name: "enqueue",
            sql:
                "insert into outrider.jobs (\(names.joined(separator: ", "))) values (\(places.joined(separator: ", "))) returning id"
        )
    }

    var parameters: [Parameter] { columns.map(\.value) }
}
