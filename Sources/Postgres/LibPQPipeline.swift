import CLibPQ

/// One message to the server in pipeline mode.
enum PipelineMessage {
    /// A command without parameters, such as `BEGIN`.
    case command(String)
    case prepare(Statement)
    case runPrepared(Statement, [String?])
    case runUnnamed(Statement, [String?])
}

extension LibPQSession {
    /// Sends several messages at once and reads their results, in order: one wait for all of them.
    ///
    /// - Throws: the first failure. The server has run none of the messages after it, and a transaction that was open is a
    ///   failed one.
    func pipeline(_ messages: [PipelineMessage], _ patience: Patience) throws(PostgresError) -> [CommandResult] {
        try checkAlive()
        if patience.cancellation.isCancelled { throw .cancelled(.none) }
        guard enterPipeline(), messages.allSatisfy(send), endPipeline() else {
            close()
            throw .connectionLost("the database connection refused a command", .none)
        }
        var results: [CommandResult] = []
        var failure: PostgresError?
        for _ in messages {
            let result = try nextResult(patience)
            let outcome = result.outcome
            let answer = CommandResult(result)
            switch outcome {
            case .success: results.append(answer)
            case .failure(let error): failure = failure ?? error
            case .skipped: break  // An earlier one failed.
            case .copy, .synced:
                close()
                throw .configuration("a command in a pipeline was answered out of turn")
            }
            try expectEnd(patience)
        }
        let end = try nextResult(patience)
        guard case .synced = end.outcome, leavePipeline(), isConnected else { throw lost() }
        if let failure { throw failure }
        return results
    }

    private func nextResult(_ patience: Patience) throws(PostgresError) -> ResultSet {
        try waitForResult(patience)
        guard let result = takeResult() else { throw lost() }
        return result
    }

    /// Each message's results end with none.
    private func expectEnd(_ patience: Patience) throws(PostgresError) {
        try waitForResult(patience)
        guard takeResult() == nil else { throw lost() }
    }
}
