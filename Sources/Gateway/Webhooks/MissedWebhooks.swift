import Synchronization

/// Whether a genuine webhook could not be stored. Twilio repeats one for 15 seconds only, so what it said is looked up.
final class MissedWebhooks: Sendable {
    private let isMissing = Mutex(false)

    func note() { isMissing.withLock { $0 = true } }

    /// Whether there was one since the last call.
    func take() -> Bool {
        isMissing.withLock { missing in
            defer { missing = false }
            return missing
        }
    }
}
