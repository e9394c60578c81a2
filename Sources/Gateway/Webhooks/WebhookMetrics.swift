import Inbox
import Metrics

/// Counts what webhooks became. Dimensions are fixed words.
struct WebhookMetrics: Sendable {
    private let factory: PrometheusRegistry

    /// Every series is there from the start, at 0: a rule on an increase would miss the first event of one that is born by it.
    init(_ registry: PrometheusRegistry) {
        factory = registry
        for source in WebhookSource.allCases {
            for result in WebhookResult.words { answers(source, result).increment(by: 0) }
            for fate in Arrival.Fate.allCases { arrivals(source, fate).increment(by: 0) }
            _ = duration(source)
        }
    }

    func answered(_ source: WebhookSource, _ result: WebhookResult, after duration: Duration) {
        answers(source, result.word).increment()
        let (seconds, attoseconds) = duration.components
        self.duration(source).recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    func stored(_ source: WebhookSource, _ fates: [Arrival.Fate]) {
        for fate in Arrival.Fate.allCases {
            let count = fates.count { $0 == fate }
            guard count > 0 else { continue }
            arrivals(source, fate).increment(by: count)
        }
    }

    private func answers(_ source: WebhookSource, _ result: String) -> Counter {
        Counter(
            label: "outrider.webhooks", dimensions: [("source", source.rawValue), ("result", result)], factory: factory)
    }

    private func arrivals(_ source: WebhookSource, _ fate: Arrival.Fate) -> Counter {
        Counter(
            label: "outrider.arrivals", dimensions: [("source", source.rawValue), ("fate", fate.rawValue)],
            factory: factory)
    }

    private func duration(_ source: WebhookSource) -> Timer {
        Timer(label: "outrider.webhook.duration", dimensions: [("source", source.rawValue)], factory: factory)
    }
}
