import CLibPQ

/// One libpq result. Cleared exactly once, wherever the value dies; never copied, never shared.
@safe struct ResultSet: ~Copyable {
    private let raw: OpaquePointer

    init(adopting raw: OpaquePointer) { unsafe self.raw = unsafe raw }

    deinit { unsafe PQclear(raw) }

    enum Outcome {
        case success
        /// COPY needs a conversation that this client does not hold.
        case copy
        /// Not run, because a command before it in the pipeline failed.
        case skipped
        /// The end of a pipeline.
        case synced
        case failure(PostgresError)
    }

    var outcome: Outcome {
        switch unsafe PQresultStatus(raw) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: .success
        case PGRES_PIPELINE_ABORTED: .skipped
        case PGRES_PIPELINE_SYNC: .synced
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: .copy
        default: .failure(error)
        }
    }

    /// The server's error; libpq's own failures have no SQLSTATE and mean a broken connection.
    private var error: PostgresError {
        guard let code = unsafe pq_sqlstate(raw) else {
            return .connectionLost("the connection to the database broke", .unknown)
        }
        let state = unsafe SQLState(String(cString: code))
        let message = unsafe pq_message_primary(raw).map { unsafe String(cString: $0) } ?? ""
        let constraint = unsafe pq_constraint_name(raw).map { unsafe String(cString: $0) }
        var shown = ServerMessage.blanked(message, state)
        if let constraint, message.hasPrefix("\(constraint):"), let hint = unsafe pq_hint(raw) {
            shown += ". \(unsafe String(cString: hint))"
        }
        return .server(state, message: shown, constraint: constraint)
    }

    /// The command tag, e.g. `INSERT 0 3` or `ROLLBACK`.
    var commandTag: String { unsafe String(cString: PQcmdStatus(raw)) }

    /// Rows inserted, updated, deleted or selected; 0 for other commands.
    var affectedRows: Int { unsafe Int(String(cString: PQcmdTuples(raw))) ?? 0 }

    /// All rows, copied out.
    var rows: [Row] {
        let columnCount = unsafe PQnfields(raw)
        let rowCount = unsafe PQntuples(raw)
        let layout = Row.Layout(names: (0..<columnCount).map { unsafe String(cString: PQfname(raw, $0)) })
        return (0..<rowCount).map { row in
            Row(layout: layout, values: (0..<columnCount).map { column in text(row, column) })
        }
    }

    private func text(_ row: Int32, _ column: Int32) -> String? {
        guard unsafe PQgetisnull(raw, row, column) == 0 else { return nil }
        return unsafe String(cString: PQgetvalue(raw, row, column))
    }
}

/// What a command gave back, copied out of libpq.
struct CommandResult: Sendable {
    let rows: [Row]
    let affectedRows: Int
    let commandTag: String

    init(_ result: consuming ResultSet) {
        rows = result.rows
        affectedRows = result.affectedRows
        commandTag = result.commandTag
    }
}
