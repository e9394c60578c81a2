import Insight
import Postgres
import Signing

/// Whether contents are sealed, and whether this process can open what waits.
struct SealChecks {
    let pool: PostgresPool
    let seal: TextSeal

    func findings() async throws(PostgresError) -> [Finding] {
        let strange = try await SealDesk(pool).due().filter { !seal.keyIDs.contains($0.key) }
        return [finding]
            + strange.map { count in
                .failed(
                    "sealing",
                    "\(count.waiting) or more jobs that wait are sealed with the key \(count.key), which is not in OUTRIDER_SEAL_KEYS",
                    "Add it for every worker, and restart them. The jobs wait until then; see `outrider seal status`.")
            }
    }

    private var finding: Finding {
        guard let first = seal.keyIDs.first else {
            return .fine("sealing", "OUTRIDER_SEAL_KEYS is not set: what is enqueued is stored as it stands")
        }
        let others = seal.keyIDs.dropFirst()
        let also = others.isEmpty ? "" : "; \(others.joined(separator: ", ")) opens too"
        return .fine("sealing", "what `outrider enqueue` takes is sealed with the key \(first)\(also)")
    }
}
