import Synchronization

/// Between the listening loop and its reader: bounded, and equal notifications are kept once.
///
/// When it overflows, everything in it becomes one `.reconnected`, which tells the reader to look for itself.
final class NotificationMailbox: Sendable {
    private struct State {
        var elements: [PostgresListener.Element] = []
        var reader: CheckedContinuation<PostgresListener.Element?, Never>?
        var isClosed = false
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) { self.capacity = capacity }

    func put(_ element: PostgresListener.Element) {
        let reader = state.withLock { state -> CheckedContinuation<PostgresListener.Element?, Never>? in
            if let reader = state.reader {
                state.reader = nil
                return reader
            }
            guard !state.isClosed, !state.elements.contains(element) else { return nil }
            if element == .reconnected || state.elements.count == capacity {
                state.elements = [.reconnected]
            } else {
                state.elements.append(element)
            }
            return nil
        }
        reader?.resume(returning: element)
    }

    /// The oldest element; nil once closed and empty. One reader at a time.
    func next() async -> PostgresListener.Element? {
        await withCheckedContinuation { continuation in
            let element = state.withLock { state -> PostgresListener.Element?? in
                if !state.elements.isEmpty { return .some(state.elements.removeFirst()) }
                if state.isClosed { return .some(nil) }
                precondition(state.reader == nil, "two readers of one listener")
                state.reader = continuation
                return nil
            }
            if let element { continuation.resume(returning: element) }
        }
    }

    func close() {
        let reader = state.withLock { state in
            state.isClosed = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
    }
}
