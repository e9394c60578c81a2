import Synchronization

/// Wakes one loop. Any number of wakes while the loop is busy count as one, and none is lost.
final class Signal: Sendable {
    let stream: AsyncStream<Void>
    private let finished = Mutex(false)
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func wake() {
        continuation.yield()
    }

    /// Whether the loop is to end: a loop that is busy asks before it begins something new.
    var isFinished: Bool { finished.withLock { $0 } }

    /// Ends the loop after what is buffered.
    func finish() {
        finished.withLock { $0 = true }
        continuation.finish()
    }
}
