import Synchronization

/// The batches this worker holds, and how many jobs of each are still to be recorded.
///
/// It is also what proves that a batch was never worked on. The answer to its claim was lost, so it was not begun here, and
/// once it is withdrawn it cannot be.
final class LeaseLedger: Sendable {
    private struct Batches {
        var open: [Int: Int] = [:]
        /// Begun, and left to the rescue.
        var forgotten: Set<Int> = []
        /// Never begun when the database was asked last: an answer may still have been on its way.
        var strays: Set<Int> = []
        /// Never begun, and never to begin.
        var withdrawn: Set<Int> = []
    }

    private let batches = Mutex(Batches())

    /// - Returns: false when the batch was withdrawn: nothing of it may be worked on.
    func begin(_ lease: Int, jobs: Int) -> Bool {
        batches.withLock { batches in
            guard !batches.withdrawn.contains(lease) else { return false }
            batches.open[lease] = jobs
            return true
        }
    }

    /// How many of these batches' jobs are recorded now; returns the batches that are done by it, without forgetting them.
    func settled(_ leases: [Int]) -> [Int] {
        let counts = leases.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        return batches.withLock { batches in
            counts.filter { lease, count in batches.open[lease].map { $0 <= count } ?? false }.map(\.key)
        }
    }

    /// One job each of these batches is recorded.
    func finish(_ leases: [Int]) {
        batches.withLock { batches in
            for lease in leases {
                guard let left = batches.open[lease] else { continue }
                batches.open[lease] = left > 1 ? left - 1 : nil
            }
        }
    }

    /// These batches are not held any more, though the database says so: a rescue finds what is left of them.
    func forget(_ leases: [Int]) {
        batches.withLock { batches in
            for lease in leases where batches.open.removeValue(forKey: lease) != nil {
                batches.forgotten.insert(lease)
            }
        }
    }

    /// Withdraws batches that the database says this worker holds, and that it never began: not when it was asked the
    /// last time, nor by now. A batch that is finished has no row any more, so naming it does nothing.
    ///
    /// - Returns: the batches of which certainly nothing was or will be sent.
    func withdraw(_ leases: [Int]) -> [Int] {
        batches.withLock { batches in
            let unknown = Set(leases).subtracting(batches.open.keys).subtracting(batches.forgotten)
            let given = unknown.intersection(batches.strays)
            batches.strays = unknown
            batches.withdrawn.formUnion(given)
            return given.sorted()
        }
    }

    var held: [Int] {
        batches.withLock { Array($0.open.keys) }
    }
}
