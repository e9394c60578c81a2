import Synchronization

/// How many jobs may be worked on at once: a claim never takes more than can begin now.
final class Slots: Sendable {
    private let free: Mutex<Int>
    private let onRelease: @Sendable () -> Void

    init(_ count: Int, onRelease: @escaping @Sendable () -> Void) {
        free = Mutex(count)
        self.onRelease = onRelease
    }

    var available: Int { free.withLock { $0 } }

    func take(_ count: Int) {
        free.withLock { $0 -= count }
    }

    func release() {
        free.withLock { $0 += 1 }
        onRelease()
    }
}
