import Synchronization

/// The shutdown switch: asked on the transport's thread just before anything irrevocable leaves, thrown from any thread.
final class SendGate: Sendable {
    private let stopped = Atomic(false)

    var isStopped: Bool { stopped.load(ordering: .acquiring) }

    func stop() { stopped.store(true, ordering: .releasing) }
}

/// Whether a request may still leave: its fence has not passed, and sending is not switched off.
struct SendPermission {
    let notAfter: ContinuousClock.Instant?
    /// Reads change nothing at the provider, so shutdown lets them finish.
    let isRead: Bool
    let gate: SendGate

    /// The reason to hold the request back, nil when it may leave.
    func refusal(at now: ContinuousClock.Instant = .now) -> NotSent.Reason? {
        if gate.isStopped && !isRead { return .stopped }
        if let notAfter, now > notAfter { return .fencePassed }
        return nil
    }
}
