import CoreMetrics
import Synchronization

/// All series of one name.
struct PrometheusFamily: Sendable {
    enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    enum Series: Sendable {
        case value(PrometheusValue)
        case histogram(PrometheusHistogram)
    }

    let kind: Kind
    /// By the labels in text form.
    var series: [String: Series] = [:]

    init(kind: Kind) { self.kind = kind }

    func write(name: String, to text: inout PrometheusText) {
        text.header(name, kind)
        for labels in series.keys.sorted() {
            switch series[labels] {
            case .value(let value): text.line(name, labels, value.current)
            case .histogram(let histogram): histogram.write(name: name, labels: labels, to: &text)
            case nil: break
            }
        }
    }
}

/// One number that goes up (a counter) or both ways (a gauge); its family says which.
final class PrometheusValue: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, Sendable {
    private let value = Mutex(0.0)

    var current: Double { value.withLock { $0 } }

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { increment(by: -amount) }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func reset() { set(0.0) }
}
