import Synchronization

/// One open transaction. Valid inside the closure it is given to; used later, it traps.
///
/// An error inside it has no effect on the database, whatever was lost, because COMMIT is not sent after an error that
/// leaves the closure.
public final class PostgresTransaction: Sendable {
    fileprivate let connection: PostgresConnection
    private let defaultDeadline: Duration
    private let isOpen = Mutex(true)

    init(on connection: PostgresConnection, deadline: Duration) {
        self.connection = connection
        defaultDeadline = deadline
    }

    /// Runs a statement and returns its rows.
    public func fetch(
        _ statement: Statement, _ parameters: [Parameter] = [], deadline: Duration? = nil
    ) async throws(PostgresError) -> [Row] {
        try await answer(statement, parameters, deadline).rows
    }

    /// Runs a statement and returns how many rows it changed.
    @discardableResult
    public func execute(
        _ statement: Statement, _ parameters: [Parameter] = [], deadline: Duration? = nil
    ) async throws(PostgresError) -> Int {
        try await answer(statement, parameters, deadline).affectedRows
    }

    /// Runs commands without parameters, separated by semicolons. They must not end the transaction.
    public func run(script: String, deadline: Duration? = nil) async throws(PostgresError) {
        checkOpen()
        do throws(PostgresError) {
            _ = try await connection.run(script: script, until: .now + (deadline ?? defaultDeadline))
        } catch {
            throw error.rolledBack
        }
    }

    func answer(
        _ statement: Statement, _ parameters: [Parameter], _ deadline: Duration? = nil
    ) async throws(PostgresError) -> CommandResult {
        checkOpen()
        do throws(PostgresError) {
            return try await connection.run(statement, parameters, until: .now + (deadline ?? defaultDeadline))
        } catch {
            throw error.rolledBack
        }
    }

    func end() { isOpen.withLock { $0 = false } }

    private func checkOpen() {
        precondition(isOpen.withLock { $0 }, "a transaction is used after it ended")
    }
}

extension PostgresTransaction {
    /// False when a script has ended the transaction behind our back.
    var isStillInTransaction: Bool {
        get async { await connection.isInTransaction }
    }
}
