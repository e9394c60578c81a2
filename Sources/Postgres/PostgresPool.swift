/// A bounded set of connections that replaces broken ones by itself.
///
/// A connection has one user at a time, and one that is broken, late or inside a transaction is thrown away, never handed
/// on. Connections are opened when wanted, so a pool can be made before the database is up.
public final class PostgresPool: Sendable {
    public let configuration: PostgresConfiguration
    private let connections: ConnectionStore

    public init(_ configuration: PostgresConfiguration) {
        self.configuration = configuration
        connections = ConnectionStore(configuration)
    }

    /// Runs a statement and returns its rows.
    ///
    /// - Parameter deadline: for all of it, waiting for a connection included; `configuration.queryDeadline` when nil.
    ///   A longer one lifts the server's `statement_timeout` for this statement, at the price of a transaction.
    /// - Throws: `.server`, `.connectionLost`, `.deadlinePassed`, `.cancelled`, `.encoding`, `.poolClosed`, `.tooManyWaiters`.
    public func fetch(
        _ statement: Statement, _ parameters: [Parameter] = [], deadline: Duration? = nil
    ) async throws(PostgresError) -> [Row] {
        try await run(statement, parameters, deadline).rows
    }

    /// Runs a statement and returns how many rows it changed. Deadline and errors as in `fetch`.
    @discardableResult
    public func execute(
        _ statement: Statement, _ parameters: [Parameter] = [], deadline: Duration? = nil
    ) async throws(PostgresError) -> Int {
        try await run(statement, parameters, deadline).affectedRows
    }

    /// Runs commands without parameters, separated by semicolons, as one implicit transaction.
    public func run(script: String, deadline: Duration? = nil) async throws(PostgresError) {
        let deadline = deadline ?? configuration.queryDeadline
        if deadline > configuration.queryDeadline {
            return try await inTransaction(deadline) { transaction throws(PostgresError) in
                try await transaction.run(script: script)
            }.get()
        }
        let end = ContinuousClock.now + deadline
        let (connection, _) = try await started(until: end) { connection throws(PostgresError) in
            try await connection.run(script: script, until: end)
        }
        await connections.giveBack(connection)
    }

    /// Runs `body` in a transaction (READ COMMITTED) and commits; rolls back when `body` throws.
    ///
    /// - Parameter deadline: for getting a connection, and the default for each statement; `configuration.queryDeadline`
    ///   when nil.
    /// - Throws: what `body` throws, or a `PostgresError`. One of COMMIT itself may be `isOutcomeUnknown`; every other one
    ///   had no effect.
    public func transaction<Value: Sendable>(
        deadline: Duration? = nil, _ body: (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        try await inTransaction(deadline ?? configuration.queryDeadline, body).get()
    }

    /// The same for a body that can fail by the database only.
    public func transaction<Value: Sendable>(
        deadline: Duration? = nil, _ body: (PostgresTransaction) async throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        try await inTransaction(deadline ?? configuration.queryDeadline, body).get()
    }

    /// Runs two rounds of statements in one transaction (READ COMMITTED) and commits. Each round is sent at once, so all of
    /// it costs two round trips. Locks that the first round takes are held no longer than `decide` needs.
    ///
    /// - Parameters:
    ///   - first: What to read; its failure has no effect.
    ///   - decide: Called once, with the rows of each statement; says what to write. It must not wait for anything.
    /// - Returns: the rows of each statement of the second round.
    /// - Throws: as `transaction` does. Only a failure of the second round may be `isOutcomeUnknown`.
    public func exchange(
        _ first: [Command], deadline: Duration? = nil, decide: @escaping @Sendable ([[Row]]) -> [Command]
    ) async throws(PostgresError) -> [[Row]] {
        try await exchange(first, deadline: deadline, ask: { _ in [] }, decide: { read, _ in decide(read) })
    }

    /// The same with a round between the two, which costs a round trip only if there is something to ask.
    ///
    /// - Parameters:
    ///   - ask: Called with the rows of the first round; says what else to read. It must not wait for anything.
    ///   - decide: Called with the rows of the first round and of the round between.
    public func exchange(
        _ first: [Command], deadline: Duration? = nil, ask: @escaping @Sendable ([[Row]]) -> [Command],
        decide: @escaping @Sendable (_ read: [[Row]], _ asked: [[Row]]) -> [Command]
    ) async throws(PostgresError) -> [[Row]] {
        let deadline = min(deadline ?? configuration.queryDeadline, configuration.queryDeadline)
        let end = ContinuousClock.now + deadline
        let (connection, rows) = try await started(until: end) { connection throws(PostgresError) in
            try await connection.exchange(first, within: deadline, until: end, ask: ask, decide: decide)
        }
        await connections.giveBack(connection)
        return rows
    }

    /// Closes idle connections and refuses new calls; connections in use are closed when they come back.
    public func close() async { await connections.close() }

    // MARK: Parts

    private func run(
        _ statement: Statement, _ parameters: [Parameter], _ deadline: Duration?
    ) async throws(PostgresError) -> CommandResult {
        let deadline = deadline ?? configuration.queryDeadline
        guard deadline <= configuration.queryDeadline else {
            return try await inTransaction(deadline) { transaction throws(PostgresError) in
                try await transaction.answer(statement, parameters)
            }.get()
        }
        let end = ContinuousClock.now + deadline
        let (connection, answer) = try await started(until: end) { connection throws(PostgresError) in
            try await connection.run(statement, parameters, until: end)
        }
        await connections.giveBack(connection)
        return answer
    }

    /// Takes a connection and runs a first command on it; on success the caller holds the connection.
    ///
    /// A connection that turns out dead or stale before the command ran is replaced, until the deadline.
    private func started<Value: Sendable>(
        until end: ContinuousClock.Instant, _ first: (PostgresConnection) async throws(PostgresError) -> Value
    ) async throws(PostgresError) -> (PostgresConnection, Value) {
        var attemptsLeft = configuration.poolSize + 1  // Every idle connection may be dead after a restart.
        while true {
            let connection = try await connections.take(until: end)
            do throws(PostgresError) {
                return (connection, try await first(connection))
            } catch {
                await connections.giveBack(connection)
                attemptsLeft -= 1
                guard attemptsLeft > 0, error.isCuredByNewConnection else { throw error }
            }
        }
    }

    /// The body's own failure comes back as a value, after the rollback; throws for BEGIN and COMMIT.
    private func inTransaction<Value: Sendable, Failure: Error>(
        _ deadline: Duration, _ body: (PostgresTransaction) async throws(Failure) -> Value
    ) async throws(PostgresError) -> Result<Value, Failure> {
        let end = ContinuousClock.now + deadline
        let begin = begin(deadline)
        let (connection, _) = try await started(until: end) { connection throws(PostgresError) in
            try await connection.run(script: begin, until: end)
        }
        let transaction = PostgresTransaction(on: connection, deadline: deadline)
        let result: Result<Value, Failure>
        do throws(Failure) {
            result = .success(try await body(transaction))
        } catch {
            result = .failure(error)
        }
        transaction.end()
        return try await finish(result, within: min(deadline, configuration.queryDeadline), on: connection)
    }

    private func begin(_ deadline: Duration) -> String {
        guard deadline > configuration.queryDeadline else { return Self.begin }
        return "\(Self.begin); SET LOCAL statement_timeout = "
            + "\(PostgresConfiguration.statementTimeout(within: deadline))"
    }

    /// Whatever the role or the database says.
    private static let begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

    private func finish<Value, Failure>(
        _ result: Result<Value, Failure>, within deadline: Duration, on connection: PostgresConnection
    ) async throws(PostgresError) -> Result<Value, Failure> {
        let end = ContinuousClock.now + deadline
        guard case .success = result else {
            // A connection that cannot roll back is thrown away by the pool, and the server rolls back then.
            await connection.rollback(until: end)
            await connections.giveBack(connection)
            return result
        }
        let commit: CommandResult
        do throws(PostgresError) {
            commit = try await connection.run(script: "COMMIT", until: end)
        } catch {
            await connections.giveBack(connection)
            throw error
        }
        await connections.giveBack(connection)
        guard commit.commandTag == "COMMIT" else {  // PostgreSQL answers ROLLBACK when a statement had failed.
            throw .server(.inFailedTransaction, message: "a statement had failed: rolled back", constraint: nil)
        }
        return result
    }
}

extension PostgresError {
    /// Nothing ran, and the reason was this one connection.
    fileprivate var isCuredByNewConnection: Bool {
        switch self {
        case .connectionLost(_, let effect): effect == .none
        case .server(let state, _, _): state.meansStalePreparation
        case .deadlinePassed, .cancelled, .poolClosed, .tooManyWaiters, .decoding, .encoding, .configuration,
            .migration:
            false
        }
    }
}
