import Delivery

/// Promise 7: a retry waits no longer than the cap of the backoff, on top of what the provider asked for (here at most
/// 8 s); so an outage is not followed by a silence longer than itself.
struct BackoffCapped: Checker {
    let name = "backoff-capped"

    mutating func see(_ fact: Fact, at now: Time) -> String? {
        guard case .placed(let row) = fact, row.reason == .dispatch, row.generation > 1 else { return nil }
        let limit = Time(Workload.backoffCap) + .seconds(9)
        return row.at - now > limit ? "\(row): \((row.at - now) / 1_000_000) s from now" : nil
    }
}
