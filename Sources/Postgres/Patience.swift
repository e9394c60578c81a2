import Synchronization
import Threads

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
