import Synchronization

/// Sends that came out longer than the claim had counted, until the claim loop books them against the sender's windows.
final class RateDebts: Sendable {
    private let owed = Mutex<[Int: Int]>([:])

    func owe(_ cost: Int, sender: Int) {
        guard cost > 0 else { return }
        owed.withLock { $0[sender, default: 0] += cost }
    }

    /// What is owed by sender, and owed no more.
    func collect() -> [Int: Int] {
        owed.withLock { owed in
            defer { owed = [:] }
            return owed
        }
    }
}
