public import Delivery

/// What the events of one job tell: its attempts, and whether it has ended. Folding the same events in any order gives the same history.
public struct JobHistory: Sendable, Hashable {
    public var attempts: [Attempt] = []
    public var isEnded = false
    /// The provider's id of each attempt that was taken, by generation.
    public var providerIDs: [Int: String] = [:]
    /// The token each attempt's callbacks carry, by generation.
    public var tokens: [Int: String] = [:]
    /// The attempts that nobody could account for at first, and whose end in that sense is not recorded yet, by generation.
    public var doubted: Set<Int> = []
    /// The attempts that a provider is known to have answered, by generation.
    public var answered: Set<Int> = []

    public init(_ rows: [EventRow] = []) {
        for (generation, rows) in Dictionary(grouping: rows, by: \.generation) {
            if generation == 0 {
                isEnded = rows.contains { $0.kind == "outcome" }
            } else {
                add(generation, rows)
            }
        }
        attempts.sort { $0.generation < $1.generation }
        let resent = Set(rows.filter { $0.kind == "next" && $0.code == "resend" }.map { $0.generation + 1 })
        for index in attempts.indices {
            attempts[index].isResend = resent.contains(attempts[index].generation)
        }
    }

    private mutating func add(_ generation: Int, _ rows: [EventRow]) {
        let first = rows.min { $0.at < $1.at }
        var attempt = Attempt(
            generation: generation, step: rows.compactMap(\.step).min() ?? 0,
            begunAt: Instant(microseconds: first?.at ?? 0))
        for row in rows {
            if let fact = row.fact {
                attempt.learn(fact, at: Instant(microseconds: row.at))
            }
            if row.kind == "next" {
                attempt.isContinued = true
            }
            if row.kind == "intent" {
                tokens[generation] = row.token
            }
            if let id = row.providerID, row.kind == "answer" || providerIDs[generation] == nil {
                providerIDs[generation] = id
            }
            if let seconds = row.retryAfter {
                attempt.retryAfter = max(attempt.retryAfter ?? .zero, .seconds(seconds))
            }
        }
        let reconciliations = rows.filter { $0.kind == "reconciled" }
        let listings = reconciliations.filter { $0.status.hasPrefix("listing") }
        if rows.contains(where: { $0.kind == "answer" && !["unknown", "lost"].contains($0.status) }) {
            answered.insert(generation)
        }
        attempt.failedListings = reconciliations.count { $0.status.hasPrefix("unavailable") }
        attempt.failedPolls = reconciliations.count { $0.status.hasPrefix("unread") }
        if rows.contains(where: { $0.kind == "answer" && ["unknown", "lost"].contains($0.status) }),
            !reconciliations.contains(where: { $0.status == "resolved" })
        {
            doubted.insert(generation)
        }
        attempt.listings = listings.count
        attempt.listedAt = listings.map { Instant(microseconds: $0.at) }.max()
        attempt.isHeld = rows.contains { $0.kind == "held" } && !rows.contains { $0.kind == "released" }
        attempts.append(attempt)
    }
}
