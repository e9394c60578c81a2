import CLibCurl
import Glibc
import Synchronization
import Threads

/// Sends HTTP requests, each at most once, and says of each whether it was answered, not sent, or cannot be known.
///
/// All transfers run on one thread inside libcurl's own wait; the actor is pinned to that thread.
public actor HTTPTransport {
    private struct Waiting {
        var id: UInt64
        var request: OutgoingRequest
        var deadline: ContinuousClock.Instant
        var permission: SendPermission
        var continuation: CheckedContinuation<HTTPResult, Never>
    }

    private struct Running {
        var transfer: CurlTransfer
        var continuation: CheckedContinuation<HTTPResult, Never>
    }

    private let configuration: HTTPTransportConfiguration
    private let multi: CurlMulti
    private let executor: ThreadExecutor
    private let gate = SendGate()
    private let cancelled = Mutex<[UInt64]>([])
    private var lastID: UInt64 = 0
    private var waiting: [Waiting] = []
    private var running: [UInt64: Running] = [:]
    private var isClosed = false
    private var closers: [CheckedContinuation<Void, Never>] = []

    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Starts the transport's thread. From here on the process ignores SIGPIPE, which OpenSSL's writes can raise.
    /// - Throws: `HTTPTransportError` when there is no thread or libcurl cannot be initialised.
    public init(configuration: HTTPTransportConfiguration = HTTPTransportConfiguration()) throws(HTTPTransportError) {
        signal(SIGPIPE, SIG_IGN)
        let multi = try CurlMulti(maximumConnections: configuration.maximumTransfers)
        self.configuration = configuration
        self.multi = multi
        executor = ThreadExecutor(name: "http-transport", wake: { multi.wakeUp() })
        do {
            try executor.start(park: { [weak self] in
                // The actor is let go before the wait, so that dropping the last reference ends the thread.
                let milliseconds = self?.assumeIsolated { $0.turn() } ?? 0
                multi.wait(milliseconds: milliseconds)
            })
        } catch {
            throw .noThread(errno: error.code)
        }
    }

    deinit { executor.stop() }

    /// Sends `request` and waits for its end, at most its total timeout.
    ///
    /// Cancelling the task ends the wait at once: `notSent` when nothing had left, else `unknown`.
    public func perform(_ request: OutgoingRequest) async -> HTTPResult {
        lastID += 1
        let id = lastID
        return await withTaskCancellationHandler {
            await withCheckedContinuation { accept(request, id: id, continuation: $0) }
        } onCancel: {
            cancelled.withLock { $0.append(id) }
            multi.wakeUp()
        }
    }

    /// The shutdown switch: from now on nothing that changes something at a provider leaves. Requests whose body has
    /// not begun end as not sent; the others, and reads (GET), go on to their end. Cannot be taken back.
    public nonisolated func stopSending() {
        gate.stop()
        multi.wakeUp()
    }

    /// Stops sending, refuses everything new, waits for the transfers on the wire (each bounded by its total timeout) and
    /// ends the thread.
    public func close() async {
        stopSending()
        isClosed = true
        for entry in waiting { entry.continuation.resume(returning: .notSent(NotSent(reason: .stopped))) }
        waiting = []
        if !running.isEmpty { await withCheckedContinuation { closers.append($0) } }
        executor.stop()
    }

    private func accept(_ request: OutgoingRequest, id: UInt64, continuation: CheckedContinuation<HTTPResult, Never>) {
        let permission = SendPermission(notAfter: request.notAfter, isRead: request.method == .get, gate: gate)
        let refusal = isClosed ? .stopped : permission.refusal()
        guard refusal == nil, waiting.count < configuration.maximumWaiting + freeSlots else {
            return continuation.resume(returning: .notSent(NotSent(reason: refusal ?? .queueFull)))
        }
        let deadline = ContinuousClock.now + request.totalTimeout
        waiting.append(
            Waiting(id: id, request: request, deadline: deadline, permission: permission, continuation: continuation))
    }

    private var freeSlots: Int { configuration.maximumTransfers - running.count }

    /// One turn of the loop; the answer is the longest wait before the next one, in milliseconds.
    private func turn() -> Int32 {
        withdrawCancelled()
        withdrawRefused(at: .now)
        startWaiting(at: .now)
        for (id, code) in multi.perform() { finish(id) { $0.result(code) } }
        startWaiting(at: .now)
        if running.isEmpty && isClosed {
            closers.forEach { $0.resume() }
            closers = []
        }
        // Fences and deadlines of what has not left are looked at this often; all else wakes the wait by itself.
        return running.isEmpty && waiting.isEmpty ? 60_000 : 250
    }

    private func withdrawCancelled() {
        let ids = cancelled.withLock { ids in
            defer { ids = [] }
            return Set(ids)
        }
        guard !ids.isEmpty else { return }
        dismissWaiting { ids.contains($0.id) ? .cancelled : nil }
        for id in ids {
            finish(id) { transfer in
                switch transfer.facts.classifyCancelled() {
                case .answered: preconditionFailure("a cancelled transfer has no answer")
                case .notSent(let reason): .notSent(reason)
                case .unknown(let reason): .unknown(reason)
                }
            }
        }
    }

    /// Ends what may no longer leave, so that nobody waits for a connection that will not be used.
    private func withdrawRefused(at now: ContinuousClock.Instant) {
        dismissWaiting { $0.permission.refusal(at: now) ?? (now > $0.deadline ? .timedOut : nil) }
        for (id, entry) in running {
            guard let reason = entry.transfer.permission.refusal(at: now), !entry.transfer.facts.hasLeft else {
                continue
            }
            finish(id) { _ in .notSent(NotSent(reason: reason)) }
        }
    }

    private func dismissWaiting(_ reason: (Waiting) -> NotSent.Reason?) {
        waiting.removeAll { entry in
            guard let reason = reason(entry) else { return false }
            entry.continuation.resume(returning: .notSent(NotSent(reason: reason)))
            return true
        }
    }

    private func startWaiting(at now: ContinuousClock.Instant) {
        let starting = waiting.prefix(max(0, freeSlots))
        waiting.removeFirst(starting.count)
        for entry in starting { start(entry, at: now) }
    }

    private func start(_ entry: Waiting, at now: ContinuousClock.Instant) {
        do throws(NotSent) {
            let transfer = try CurlTransfer(
                entry.request, id: entry.id, permission: entry.permission, remaining: entry.deadline - now,
                configuration: configuration)
            guard multi.add(transfer) else { throw NotSent(reason: .localFailure) }
            running[entry.id] = Running(transfer: transfer, continuation: entry.continuation)
        } catch {
            entry.continuation.resume(returning: .notSent(error))
        }
    }

    private func finish(_ id: UInt64, result: (CurlTransfer) -> HTTPResult) {
        guard let entry = running.removeValue(forKey: id) else { return }
        let result = result(entry.transfer)
        multi.remove(entry.transfer)
        entry.continuation.resume(returning: result)
    }
}

/// A transport could not be started.
public enum HTTPTransportError: Error, Equatable, Sendable {
    /// The system has no thread left; `errno` of the attempt.
    case noThread(errno: Int32)
    /// libcurl could not be initialised; its result code.
    case library(code: Int32)
}
