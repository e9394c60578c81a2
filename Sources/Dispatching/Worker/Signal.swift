import Synchronization

/// Wakes one loop. Any number of wakes while the loop is busy count as one, and none is lost.
final class Signal: Sendable {
    let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func wake() {
        continuation.yield()
    }

    /// Ends the loop after what is buffered.
    func finish() {
        continuation.finish()
    }
}
