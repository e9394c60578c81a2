import Glibc
import Synchronization

/// Runs an actor on one thread of its own, parked in a C library's wait while there is nothing to do.
///
/// The actor returns `executor.asUnownedSerialExecutor()` from `nonisolated var unownedExecutor`, keeps the executor in
/// a `let`, and calls `stop()` in its `deinit` or `close()`. A blocking call inside the actor then blocks only this
/// thread, never Swift's shared pool.
public final class ThreadExecutor: SerialExecutor {
    /// What the thread does between jobs. It blocks until I/O, a timeout or `wake`, and then returns.
    public typealias Park = @Sendable () -> Void

    private enum Phase {
        /// Jobs are kept until `start`. Becomes `running`.
        case waiting
        /// The thread takes jobs. Becomes `stopping`.
        case running
        /// The thread ends when the last job is done. Becomes `stopped`.
        case stopping
        /// No thread. A late job gets a short-lived one: `stopping` again.
        case stopped
    }

    private struct State {
        var phase = Phase.waiting
        var jobs: [UnownedJob] = []
        var thread: pthread_t?
    }

    private let name: String
    private let wake: @Sendable () -> Void
    private let state = Mutex(State())

    /// An executor whose thread is woken by `wake`; nothing runs before `start(park:)`.
    ///
    /// - Parameters:
    ///   - name: the thread's name; Linux keeps the first 15 bytes.
    ///   - wake: makes a running or the next `park` return. It is called from any thread and must not lose a wake given
    ///     before the wait: `curl_multi_wakeup` and `WakeSignal.set` both stay pending.
    public init(name: String, wake: @escaping @Sendable () -> Void) {
        self.name = name
        self.wake = wake
    }

    /// An executor whose thread has no wait of its own: it sleeps until there is a job. Already started.
    ///
    /// - Throws: `ThreadStartError` when there is no thread or descriptor left.
    public convenience init(name: String) throws(ThreadStartError) {
        let signal = try WakeSignal()
        self.init(name: name, wake: { signal.set() })
        try start(park: { signal.wait() })
    }

    /// Starts the thread. Called once.
    ///
    /// - Parameter park: runs on the thread, after the jobs at hand and before the next ones; the actor may be entered
    ///   from it with `assumeIsolated`. It must not keep the actor alive (capture it weakly).
    /// - Throws: `ThreadStartError` when there is no thread left.
    public func start(park: @escaping Park) throws(ThreadStartError) {
        state.withLock { state in
            precondition(state.phase == .waiting, "a ThreadExecutor is started once")
            state.phase = .running
        }
        try startThread(name: name) { [self] in run(park: park) }
    }

    /// Lets the thread end after the jobs already enqueued. A job that comes later still runs, on a short-lived thread.
    public func stop() {
        let mustWake = state.withLock { state in
            switch state.phase {
            case .waiting: state.phase = .stopped
            case .running: state.phase = .stopping
            case .stopping, .stopped: return false
            }
            return true
        }
        if mustWake { wake() }
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let needsThread = state.withLock { state in
            state.jobs.append(job)
            guard state.phase == .stopped else { return false }
            state.phase = .stopping
            return true
        }
        guard needsThread else { return wake() }
        do {
            try startThread(name: name) { [self] in run(park: {}) }
        } catch {
            fatalError("a late job of \(name) has no thread to run on: \(error)")
        }
    }

    /// Traps unless called on this executor's thread, as `assumeIsolated` and `preconditionIsolated` require.
    public func checkIsolated() {
        precondition(isCurrent, "not on the thread \(name)")
    }

    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    private var isCurrent: Bool { state.withLock { $0.thread == pthread_self() } }

    private func run(park: Park) {
        state.withLock { $0.thread = pthread_self() }
        while let jobs = nextJobs() {
            for job in jobs { unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
            if isOpen { park() }
        }
    }

    private var isOpen: Bool { state.withLock { $0.phase == .running && $0.jobs.isEmpty } }

    /// The jobs at hand, none while running idle, nil when this thread is to end.
    private func nextJobs() -> [UnownedJob]? {
        state.withLock { state in
            if state.phase == .stopping, state.jobs.isEmpty {
                state.phase = .stopped
                state.thread = nil
                return nil
            }
            defer { state.jobs.removeAll() }
            return state.jobs
        }
    }
}
