import CoreMetrics
import Synchronization

/// Observations counted in fixed buckets, so that scrapes of several processes can be added up.
final class PrometheusHistogram: RecorderHandler, TimerHandler, Sendable {
    /// For durations: 5 ms to an hour. What waits in a queue may wait long.
    static let seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600]
    /// For sizes and counts.
    static let amounts: [Double] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000]

    private struct State {
        var counts: [Int]
        var sum = 0.0
        var total = 0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: [Int](repeating: 0, count: bounds.count)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = bounds.firstIndex { value <= $0 }
        state.withLock { state in
            if let bucket { state.counts[bucket] += 1 }
            state.sum += value
            state.total += 1
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func write(name: String, labels: String, to text: inout PrometheusText) {
        let state = state.withLock { $0 }
        let separator = labels.isEmpty ? "" : ","
        var cumulative = 0
        for (bound, count) in zip(bounds, state.counts) {
            cumulative += count
            text.line(
                name + "_bucket", "\(labels)\(separator)le=\"\(PrometheusText.number(bound))\"", Double(cumulative))
        }
        text.line(name + "_bucket", "\(labels)\(separator)le=\"+Inf\"", Double(state.total))
        text.line(name + "_sum", labels, state.sum)
        text.line(name + "_count", labels, Double(state.total))
    }
}
