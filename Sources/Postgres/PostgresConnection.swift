import Synchronization
import Threads

/// One connection to PostgreSQL, on a thread of its own.
///
/// Its methods are synchronous inside, so two commands can never interleave. Every call has its own deadline, kept by the
/// client: a server that is frozen cannot hold it. After a deadline, a cancellation or a break the connection is closed
/// for good (`isUsable`), and its owner opens another.
actor PostgresConnection {
    private let configuration: PostgresConfiguration
    private let executor: ThreadExecutor
    private nonisolated let wake: WakeSignal
    private let session: LibPQSession
    private var prepared: [String: String] = [:]
    private var isStale = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// A connection that is not connected yet.
    /// - Throws: `.connectionLost` when the process has no thread or descriptor left.
    init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        self.configuration = configuration
        do throws(ThreadStartError) {
            executor = try ThreadExecutor(name: "postgres")
            wake = try WakeSignal()
        } catch {
            throw .connectionLost(error.description, .none)
        }
        session = LibPQSession(wake: wake)
    }

    deinit { executor.stop() }

    /// False once the connection must not be used again.
    var isUsable: Bool { session.isOpen && !isStale && !session.isInTransaction }

    var isInTransaction: Bool { session.isInTransaction }

    func close() { session.close() }

    // MARK: Calls from outside

    /// Opens the connection to the first host that takes it.
    nonisolated func connect() async throws(PostgresError) {
        try await cancellable { connection, cancellation throws(PostgresError) in
            try connection.connect(on: cancellation)
        }
    }

    nonisolated func run(
        _ statement: Statement, _ parameters: [Parameter], until deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> CommandResult {
        try await cancellable { connection, cancellation throws(PostgresError) in
            try connection.run(statement, parameters, Patience(deadline: deadline, cancellation: cancellation))
        }
    }

    /// Runs commands without parameters, separated by semicolons.
    nonisolated func run(
        script: String, until deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> CommandResult {
        try await cancellable { connection, cancellation throws(PostgresError) in
            let patience = Patience(deadline: deadline, cancellation: cancellation)
            return CommandResult(try connection.session.run(script: script, patience))
        }
    }

    /// Two rounds of statements in one transaction, each sent at once, and one between them if `ask` wants it. Both closures run
    /// on this connection's thread.
    nonisolated func exchange(
        _ first: [Command], within span: Duration, until deadline: ContinuousClock.Instant,
        ask: @escaping @Sendable ([[Row]]) -> [Command], decide: @escaping @Sendable ([[Row]], [[Row]]) -> [Command]
    ) async throws(PostgresError) -> [[Row]] {
        try await cancellable { connection, cancellation throws(PostgresError) in
            let patience = Patience(deadline: deadline, cancellation: cancellation)
            do throws(PostgresError) {
                return try connection.exchange(first, within: span, patience, ask, decide)
            } catch {
                connection.rollback(until: deadline)
                throw error
            }
        }
    }

    /// Rolls back unless the connection is gone already. Not cancelled with its task: the connection is to be used again.
    func rollback(until deadline: ContinuousClock.Instant) {
        guard session.isOpen, session.isInTransaction else { return }
        do throws(PostgresError) {
            let patience = Patience(deadline: deadline, cancellation: Cancellation(wake: wake))
            _ = try session.run(script: "ROLLBACK", patience)
        } catch {
            session.close()
        }
    }

    /// Waits for one notification; nil when the deadline passes first, which is no error.
    nonisolated func nextNotification(
        until deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> (channel: String, payload: String)? {
        try await cancellable { connection, cancellation throws(PostgresError) in
            try connection.session.nextNotification(Patience(deadline: deadline, cancellation: cancellation))
        }
    }

    /// Runs `body` on the connection's thread; cancelling the task wakes it from its wait.
    private nonisolated func cancellable<Value: Sendable>(
        _ body: @escaping @Sendable (isolated PostgresConnection, Cancellation) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let cancellation = Cancellation(wake: wake)
        let result = await withTaskCancellationHandler {
            await perform(body, cancellation)
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    private func perform<Value: Sendable>(
        _ body: @Sendable (isolated PostgresConnection, Cancellation) throws(PostgresError) -> Value,
        _ cancellation: Cancellation
    ) -> Result<Value, PostgresError> {
        do throws(PostgresError) {
            return .success(try body(self, cancellation))
        } catch {
            return .failure(error)
        }
    }

    // MARK: On the thread

    private func connect(on cancellation: Cancellation) throws(PostgresError) {
        var failure = PostgresError.connectionLost(ConnectFailure.other.rawValue, .none)
        for target in try ConnectionTarget.all(of: configuration) {
            let patience = Patience(deadline: .now + configuration.connectTimeout, cancellation: cancellation)
            do throws(PostgresError) {
                try session.connect(to: target, patience)
                if let settings = configuration.sessionSettings(serverVersion: session.serverVersion) {
                    _ = try session.run(script: settings, patience)
                }
                return
            } catch {
                session.close()
                failure = error.rolledBack
                if case .cancelled = failure { throw failure }
            }
        }
        throw failure
    }

    private func run(
        _ statement: Statement, _ parameters: [Parameter], _ patience: Patience
    ) throws(PostgresError) -> CommandResult {
        let values = try Self.encoded(parameters)
        do throws(PostgresError) {
            guard configuration.preparation == .prepared else {
                return CommandResult(try session.runUnnamed(statement, values, patience))
            }
            try prepare(statement, patience)
            return CommandResult(try session.runPrepared(statement, values, patience))
        } catch {
            isStale = isStale || error.sqlState?.meansStalePreparation == true
            throw error
        }
    }

    private func exchange(
        _ first: [Command], within span: Duration, _ patience: Patience, _ ask: ([[Row]]) -> [Command],
        _ decide: ([[Row]], [[Row]]) -> [Command]
    ) throws(PostgresError) -> [[Row]] {
        let second: [Command]
        do throws(PostgresError) {
            // The server is to give up a little before the client does, with a known outcome.
            let limit = "SET LOCAL statement_timeout = \(PostgresConfiguration.statementTimeout(within: span))"
            let opening = [Self.begin, limit] + [configuration.transactionSettings].compactMap(\.self)
            let read = try run(opening, first, [], patience).dropFirst(opening.count).map(\.rows)
            let between = ask(read)
            let asked = between.isEmpty ? [] : try run([], between, [], patience).map(\.rows)
            second = decide(read, asked)
        } catch {
            throw error.rolledBack
        }
        let written = try run([], second, ["COMMIT"], patience)
        guard written.last?.commandTag == "COMMIT" else {  // PostgreSQL answers ROLLBACK when a statement had failed.
            throw .server(.inFailedTransaction, message: "a statement had failed: rolled back", constraint: nil)
        }
        return written.dropLast().map(\.rows)
    }

    private static let begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

    /// Runs commands, statements and commands in one go, preparing on the way what is not prepared yet.
    private func run(
        _ before: [String], _ commands: [Command], _ after: [String], _ patience: Patience
    ) throws(PostgresError) -> [CommandResult] {
        var messages = before.map(PipelineMessage.command)
        var fresh: Set<String> = []
        var isPreparation = before.map { _ in false }
        for command in commands {
            let values = try Self.encoded(command.parameters)
            let statement = command.statement
            if configuration.preparation != .prepared {
                messages.append(.runUnnamed(statement, values))
            } else {
                if prepared[statement.name] == nil, fresh.insert(statement.name).inserted {
                    messages.append(.prepare(statement))
                    isPreparation.append(true)
                }
                messages.append(.runPrepared(statement, values))
            }
            isPreparation.append(false)
        }
        messages += after.map(PipelineMessage.command)
        isPreparation += after.map { _ in false }
        do throws(PostgresError) {
            let results = try session.pipeline(messages, patience)
            for command in commands where fresh.contains(command.statement.name) {
                prepared[command.statement.name] = command.statement.sql
            }
            return zip(results, isPreparation).filter { !$0.1 }.map(\.0)
        } catch {
            // Which of them were prepared is not known: a statement that is prepared twice would fail.
            isStale = isStale || !fresh.isEmpty || error.sqlState?.meansStalePreparation == true
            throw error
        }
    }

    private static func encoded(_ parameters: [Parameter]) throws(PostgresError) -> [String?] {
        let values = parameters.map(\.encoded)
        if let position = values.firstIndex(where: { $0?.utf8.contains(0) == true }) {
            throw .encoding(position: position + 1)
        }
        return values
    }

    private func prepare(_ statement: Statement, _ patience: Patience) throws(PostgresError) {
        guard let sql = prepared[statement.name] else {
            do throws(PostgresError) {
                try session.prepare(statement, patience)
            } catch {
                throw error.rolledBack  // Nothing runs while preparing.
            }
            prepared[statement.name] = statement.sql
            return
        }
        precondition(sql == statement.sql, "two statements are named \(statement.name)")
    }
}

/// How long one call may wait: until its deadline, or until its task is cancelled.
struct Patience: Sendable {
    let deadline: ContinuousClock.Instant
    let cancellation: Cancellation

    /// Milliseconds left for `poll`, rounded up; 0 when the deadline has passed.
    var millisecondsLeft: Int32 {
        Int32(clamping: max(0, (deadline - .now).milliseconds))
    }
}

/// Cancels one call. Each call has its own, so a late cancellation cannot hit the next call of the same connection.
final class Cancellation: Sendable {
    private let flag = Atomic(false)
    private let wake: WakeSignal

    init(wake: WakeSignal) { self.wake = wake }

    var isCancelled: Bool { flag.load(ordering: .acquiring) }

    func cancel() {
        flag.store(true, ordering: .releasing)
        wake.set()
    }
}
