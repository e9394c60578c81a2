import Synchronization

/// The shutdown switch: asked on the transport's thread just before anything irrevocable leaves, thrown from any thread.
final class SendGate: Sendable {
    private let stopped = Atomic(false)

    var isStopped: Bool { stopped.load(ordering: .acquiring) }

    func stop() { stopped.store(true, ordering: .releasing) }
}
