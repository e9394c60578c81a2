import Inbox
import Metrics

/// Counts what webhooks became. Dimensions are fixed words.
struct WebhookMetrics: Sendable {
    private let factory: PrometheusRegistry

    init(_ registry: PrometheusRegistry) { factory = registry }

    func answered(_ source: WebhookSource, _ result: WebhookResult, after duration: Duration) {
        Counter(
            label: "outrider.webhooks", dimensions: [("source", source.rawValue), ("result", result.word)],
            factory: factory
        ).increment()
        let (seconds, attoseconds) = duration.components
        Timer(label: "outrider.webhook.duration", dimensions: [("source", source.rawValue)], factory: factory)
            .recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    func stored(_ source: WebhookSource, _ fates: [Arrival.Fate]) {
        for fate in Arrival.Fate.allCases {
            let count = fates.count { $0 == fate }
            guard count > 0 else { continue }
            Counter(
                label: "outrider.arrivals", dimensions: [("source", source.rawValue), ("fate", fate.rawValue)],
                factory: factory
            ).increment(by: count)
        }
    }
}
