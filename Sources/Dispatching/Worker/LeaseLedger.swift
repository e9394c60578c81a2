import Synchronization

/// The batches this worker holds, and how many jobs of each are still to be recorded.
final class LeaseLedger: Sendable {
    private let open = Mutex<[Int: Int]>([:])

    func begin(_ lease: Int, jobs: Int) {
        open.withLock { $0[lease] = jobs }
    }

    /// How many of these batches' jobs are recorded now; returns the batches that are done by it, without forgetting them.
    func settled(_ leases: [Int]) -> [Int] {
        let counts = leases.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        return open.withLock { open in
            counts.filter { lease, count in open[lease].map { $0 <= count } ?? false }.map(\.key)
        }
    }

    /// One job each of these batches is recorded.
    func finish(_ leases: [Int]) {
        open.withLock { open in
            for lease in leases {
                guard let left = open[lease] else { continue }
                open[lease] = left > 1 ? left - 1 : nil
            }
        }
    }

    /// These batches are not held any more, though the database says so: a rescue finds what is left of them.
    func forget(_ leases: [Int]) {
        open.withLock { open in
            for lease in leases { open[lease] = nil }
        }
    }

    var held: [Int] {
        open.withLock { Array($0.keys) }
    }
}
