/// Which connections exist, which are idle, and who waits for one, in order of arrival.
///
/// Connections are opened by tasks of the store, not of the callers. So a slow name lookup or a dead host never holds
/// a caller past its deadline.
actor ConnectionStore {
    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<Result<PostgresConnection, PostgresError>, Never>
    }

    private let configuration: PostgresConfiguration
    private var idle: [PostgresConnection] = []
    private var waiters: [Waiter] = []
    private var lastID = 0
    /// Idle, in use, and being opened.
    private var count = 0
    private var opening = 0
    private var isClosed = false
    /// Why the last try to connect failed: a better answer than "deadline passed".
    private var connectFailure: PostgresError?

    init(_ configuration: PostgresConfiguration) { self.configuration = configuration }

    /// A connection for the caller alone, until `giveBack`.
    func take(until deadline: ContinuousClock.Instant) async throws(PostgresError) -> PostgresConnection {
        if isClosed { throw .poolClosed }
        if Task.isCancelled { throw .cancelled(.none) }
        if let connection = idle.popLast() { return connection }
        guard waiters.count < configuration.maximumWaiters else { throw .tooManyWaiters }
        lastID += 1
        let id = lastID
        // Ends with this call: cancelled below.
        let timer = Task {
            guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
            resume(id, .failure(connectFailure ?? .deadlinePassed(.none)))
        }
        defer { timer.cancel() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiters.append(Waiter(id: id, continuation: continuation))
                openWhatIsWanted()
            }
        } onCancel: {
            // Runs after the waiter is in the list, because the actor is busy until then.
            Task { await self.resume(id, .failure(.cancelled(.none))) }
        }
        return try result.get()
    }

    /// Takes a connection back; one that must not be used again is dropped and replaced when somebody waits.
    func giveBack(_ connection: PostgresConnection) async {
        if await connection.isUsable { return handOn(connection) }
        await connection.close()
        count -= 1
        openWhatIsWanted()
    }

    func close() async {
        isClosed = true
        for waiter in waiters { waiter.continuation.resume(returning: .failure(.poolClosed)) }
        waiters = []
        let connections = idle
        idle = []
        for connection in connections { await connection.close() }
    }

    private func handOn(_ connection: PostgresConnection) {
        if isClosed {
            count -= 1  // Dropped here, which closes it.
        } else if waiters.isEmpty {
            idle.append(connection)
        } else {
            waiters.removeFirst().continuation.resume(returning: .success(connection))
        }
    }

    private func resume(_ id: Int, _ result: Result<PostgresConnection, PostgresError>) {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return }
        waiters.remove(at: index).continuation.resume(returning: result)
    }

    private func openWhatIsWanted() {
        while waiters.count > opening, count < configuration.poolSize, !isClosed {
            count += 1
            opening += 1
            // Ends by itself when it has connected, or when nobody waits.
            Task { await openOne() }
        }
    }

    /// Connects, trying again with jitter while somebody waits.
    private func openOne() async {
        var pause = 100
        while !waiters.isEmpty {
            do throws(PostgresError) {
                let connection = try PostgresConnection(configuration)
                try await connection.connect()
                opening -= 1
                connectFailure = nil
                return handOn(connection)
            } catch {
                connectFailure = error
                if error.isPermanentConnectFailure { failAll(error) }
            }
            try? await Task.sleep(for: .milliseconds(Int.random(in: pause / 2...pause)))
            pause = min(pause * 2, 2_000)
        }
        opening -= 1
        count -= 1
    }

    private func failAll(_ error: PostgresError) {
        for waiter in waiters { waiter.continuation.resume(returning: .failure(error)) }
        waiters = []
    }
}

extension PostgresError {
    /// Waiting does not help: the configuration or the server must be changed first.
    fileprivate var isPermanentConnectFailure: Bool {
        switch self {
        case .configuration: true
        case .connectionLost(let reason, _): ConnectFailure.isPermanent(reason)
        case .server, .deadlinePassed, .cancelled, .poolClosed, .tooManyWaiters, .decoding, .encoding, .migration:
            false
        }
    }
}
