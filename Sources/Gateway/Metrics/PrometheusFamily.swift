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
