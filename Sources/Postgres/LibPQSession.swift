import CLibPQ
import Glibc
import Threads

/// One `PGconn`, driven without blocking: every wait is `poll` with a deadline on the socket and a wake signal.
///
/// Owned by one `PostgresConnection`, whose thread makes every call. After any error that is not `.server` the session is
/// closed, because its protocol state is unknown.
@safe final class LibPQSession {
    private var raw: OpaquePointer?
    private let wake: WakeSignal
    /// The server has sent a FATAL message between two commands, so it will hang up.
    private var hasGoodbye = false

    init(wake: WakeSignal) { self.wake = wake }

    deinit { close() }

    var isOpen: Bool { unsafe raw != nil }

    var serverVersion: Int { unsafe Int(PQserverVersion(raw)) }

    /// Also true in a failed transaction. False without a connection.
    var isInTransaction: Bool {
        let status = unsafe PQtransactionStatus(raw)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    /// Closes at once. In non-blocking mode libpq's goodbye does not wait for a frozen server.
    func close() {
        guard isOpen else { return }
        unsafe PQfinish(raw)
        unsafe raw = nil
    }

    // MARK: Connecting

    /// Connects to one host.
    /// - Throws: `.connectionLost` with the text of a `ConnectFailure`, `.deadlinePassed`, `.cancelled`.
    func connect(to target: ConnectionTarget, _ patience: Patience) throws(PostgresError) {
        close()
        hasGoodbye = false
        unsafe raw = Self.start(target)
        guard isOpen, unsafe PQstatus(raw) != CONNECTION_BAD else { throw connectFailure() }
        watchNotices()
        var state = PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            guard state != PGRES_POLLING_FAILED else { throw connectFailure() }
            _ = try wait(for: state == PGRES_POLLING_READING ? POLLIN : POLLOUT, patience, ifGivenUp: .none)
            state = unsafe PQconnectPoll(raw)
        }
        unsafe PQsetnonblocking(raw, 1)
    }

    /// Notices may hold row values, and libpq prints them by default: they are dropped. Between two commands libpq hands
    /// over a FATAL error as a notice; that one is remembered.
    private func watchNotices() {
        let receiver: PQnoticeReceiver = { context, notice in
            guard let context = unsafe context, unsafe pq_is_fatal(notice) != 0 else { return }
            unsafe Unmanaged<LibPQSession>.fromOpaque(context).takeUnretainedValue().hasGoodbye = true
        }
        // Unretained, because this object closes the connection before it dies.
        unsafe PQsetNoticeReceiver(raw, receiver, Unmanaged.passUnretained(self).toOpaque())
    }

    private func connectFailure() -> PostgresError {
        let message = isOpen ? unsafe String(cString: PQerrorMessage(raw)) : ""
        close()
        return .connectionLost(ConnectFailure.text(libpqMessage: message), .none)
    }

    private static func start(_ target: ConnectionTarget) -> OpaquePointer? {
        unsafe withCStrings(target.keywords.map(\.name)) { names in
            unsafe withCStrings(target.keywords.map(\.value)) { values in
                unsafe PQconnectStartParams(names, values, 0)
            }
        }
    }

    // MARK: Commands

    /// Throws `.connectionLost(_, .none)` when the server has hung up since the last call, before anything is sent.
    func checkAlive() throws(PostgresError) {
        guard isOpen else { throw .connectionLost("the database connection is closed", .none) }
        var rounds = 0  // Bounded for a flood of notifications.
        while rounds < 64, isReadable {
            rounds += 1
            let isRead = unsafe PQconsumeInput(raw) == 1
            _ = unsafe PQisBusy(raw)  // Reads the messages, so that a goodbye is noticed before the stream ends.
            guard isRead, !hasGoodbye, unsafe PQstatus(raw) == CONNECTION_OK else {
                close()
                throw .connectionLost("the database closed the connection", .none)
            }
        }
    }

    /// Runs commands without parameters, separated by semicolons, and returns the last one's result.
    func run(script: String, _ patience: Patience) throws(PostgresError) -> ResultSet {
        guard !script.utf8.contains(0) else { throw .encoding(position: 0) }
        return try converse(patience) { unsafe PQsendQuery(raw, script) }
    }

    func prepare(_ statement: Statement, _ patience: Patience) throws(PostgresError) {
        _ = try converse(patience) { unsafe PQsendPrepare(raw, statement.name, statement.sql, 0, nil) }
    }

    func runPrepared(
        _ statement: Statement, _ values: [String?], _ patience: Patience
    ) throws(PostgresError) -> ResultSet {
        try converse(patience) {
            unsafe withCStrings(values) {
                unsafe PQsendQueryPrepared(raw, statement.name, Int32(values.count), $0, nil, nil, 0)
            }
        }
    }

    func runUnnamed(
        _ statement: Statement, _ values: [String?], _ patience: Patience
    ) throws(PostgresError) -> ResultSet {
        try converse(patience) {
            unsafe withCStrings(values) {
                unsafe PQsendQueryParams(raw, statement.sql, Int32(values.count), nil, $0, nil, nil, 0)
            }
        }
    }

    /// Waits for one notification; nil when the deadline passes first, which leaves the session usable.
    func nextNotification(_ patience: Patience) throws(PostgresError) -> (channel: String, payload: String)? {
        while true {
            try checkAlive()
            if let notification = unsafe PQnotifies(raw) {
                defer { unsafe PQfreemem(notification) }
                return unsafe (
                    String(cString: notification.pointee.relname), String(cString: notification.pointee.extra)
                )
            }
            if patience.millisecondsLeft == 0 { return nil }
            guard try wait(for: POLLIN, patience, closingAtDeadline: false, ifGivenUp: .none) != 0 else { return nil }
        }
    }

    /// Sends, flushes and reads until the server is ready for the next command, and returns the last result.
    private func converse(_ patience: Patience, _ send: () -> Int32) throws(PostgresError) -> ResultSet {
        try checkAlive()
        if patience.cancellation.isCancelled { throw .cancelled(.none) }
        guard send() == 1 else {
            close()
            throw .connectionLost("the database connection refused a command", .none)
        }
        var last: ResultSet?
        var failure: PostgresError?
        while true {
            try waitForResult(patience)
            guard let next = unsafe PQgetResult(raw) else { break }
            let result = unsafe ResultSet(adopting: next)
            switch result.outcome {
            case .success, .skipped, .synced: break  // The latter two come in pipeline mode alone.
            case .failure(let error): failure = failure ?? error
            case .copy:
                close()
                throw .configuration("COPY FROM STDIN and COPY TO STDOUT cannot be run through this client")
            }
            last = consume result
        }
        // Whatever was answered before the connection broke, the commit that follows the answer may be lost.
        guard unsafe PQstatus(raw) == CONNECTION_OK else { throw lost() }
        if let failure { throw failure }
        guard let last else { throw lost() }
        return last
    }

    /// Reads while writing: a server that waits for us to read would otherwise never take the rest of a long command.
    func waitForResult(_ patience: Patience) throws(PostgresError) {
        while true {
            let unsent = unsafe PQflush(raw)
            guard unsent >= 0 else { throw lost() }
            if unsent == 0, unsafe PQisBusy(raw) == 0 { return }
            let ready = try wait(for: unsent == 0 ? POLLIN : POLLIN | POLLOUT, patience, ifGivenUp: .unknown)
            if ready & ~Int32(POLLOUT) != 0, unsafe PQconsumeInput(raw) == 0 { throw lost() }
        }
    }

    func lost() -> PostgresError {
        close()
        return .connectionLost("the connection to the database broke", .unknown)
    }

    // MARK: Pipeline mode
    // https://www.postgresql.org/docs/15/libpq-pipeline-mode.html

    var isConnected: Bool { unsafe PQstatus(raw) == CONNECTION_OK }

    func enterPipeline() -> Bool { unsafe PQenterPipelineMode(raw) == 1 }

    func leavePipeline() -> Bool { unsafe PQexitPipelineMode(raw) == 1 }

    /// Marks where a failure ends: what comes after it is run again.
    func endPipeline() -> Bool { unsafe PQpipelineSync(raw) == 1 }

    func send(_ message: PipelineMessage) -> Bool {
        switch message {
        case .command(let text):
            unsafe PQsendQueryParams(raw, text, 0, nil, nil, nil, nil, 0) == 1
        case .prepare(let statement):
            unsafe PQsendPrepare(raw, statement.name, statement.sql, 0, nil) == 1
        case .runPrepared(let statement, let values):
            unsafe withCStrings(values) {
                unsafe PQsendQueryPrepared(raw, statement.name, Int32(values.count), $0, nil, nil, 0)
            } == 1
        case .runUnnamed(let statement, let values):
            unsafe withCStrings(values) {
                unsafe PQsendQueryParams(raw, statement.sql, Int32(values.count), nil, $0, nil, nil, 0)
            } == 1
        }
    }

    func takeResult() -> ResultSet? {
        guard let next = unsafe PQgetResult(raw) else { return nil }
        return unsafe ResultSet(adopting: next)
    }

    // MARK: Waiting

    private var isReadable: Bool {
        var entry = pollfd(fd: unsafe PQsocket(raw), events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 0) > 0
    }

    /// Waits for the socket and returns its `poll` events; 0 when the deadline passed and `closingAtDeadline` is false.
    private func wait(
        for events: Int32, _ patience: Patience, closingAtDeadline: Bool = true, ifGivenUp effect: PostgresError.Effect
    ) throws(PostgresError) -> Int32 {
        while true {
            if patience.cancellation.isCancelled {
                close()
                throw .cancelled(effect)
            }
            let milliseconds = patience.millisecondsLeft
            guard milliseconds > 0 else {
                guard closingAtDeadline else { return 0 }
                close()
                throw .deadlinePassed(effect)
            }
            var entries = [
                pollfd(fd: unsafe PQsocket(raw), events: Int16(events), revents: 0),
                pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            // Bytes that OpenSSL has already taken off the socket do not wake `poll`, so under TLS the wait is cut in slices.
            let isEncrypted = unsafe PQsslInUse(raw) != 0
            let ready = unsafe poll(&entries, 2, isEncrypted ? min(milliseconds, 500) : milliseconds)
            if entries[1].revents != 0 { wake.clear() }
            if entries[0].revents != 0 { return Int32(entries[0].revents) }
            if ready == 0, isEncrypted { return POLLIN }
        }
    }
}

/// Calls `body` with a NULL-terminated array of C strings, NULL where an element is nil. The strings die with the call.
private func withCStrings<Result>(
    _ strings: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
    var copies: [UnsafePointer<CChar>?] = unsafe []
    defer { unsafe copies.forEach { unsafe free(UnsafeMutableRawPointer(mutating: $0)) } }
    for string in strings { unsafe copies.append(string.flatMap { unsafe UnsafePointer(strdup($0)) }) }
    unsafe copies.append(nil)
    return unsafe copies.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
}
