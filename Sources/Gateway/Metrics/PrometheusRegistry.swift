public import CoreMetrics
import Synchronization

/// Keeps what the program counts and writes it as Prometheus text (exposition format 0.0.4).
///
/// Bounded: a name has at most 1,000 series and there are at most 1,000 names; what comes beyond is counted in
/// `outrider_metrics_dropped_total` and not shown.
public final class PrometheusRegistry: MetricsFactory, Sendable {
    static let maximumFamilies = 1_000
    static let maximumSeries = 1_000

    private struct State {
        var families: [String: PrometheusFamily] = [:]
        var dropped = 0
    }

    private let state = Mutex(State())

    private let process: ProcessMetrics

    /// - Parameter version: of the program, for `outrider_build_info`.
    public init(version: String = "unversioned") { process = ProcessMetrics(version: version) }

    /// What a scrape shows: everything that is counted, and what is known of the process.
    func scrape() -> String { text() + process.text }

    /// Everything that is counted, sorted by name, so that two scrapes can be compared.
    func text() -> String {
        let (families, dropped) = state.withLock { ($0.families, $0.dropped) }
        var text = PrometheusText()
        for name in families.keys.sorted() { families[name]?.write(name: name, to: &text) }
        text.header("outrider_metrics_dropped_total", .counter)
        text.sample("outrider_metrics_dropped_total", [], Double(dropped))
        return text.content
    }

    // MARK: MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        value(PrometheusText.name(label, suffix: "_total"), .counter, dimensions)
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        value(PrometheusText.name(label, suffix: "_total"), .counter, dimensions)
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        value(PrometheusText.name(label), .gauge, dimensions)
    }

    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return value(PrometheusText.name(label), .gauge, dimensions) }
        return histogram(PrometheusText.name(label), bounds: PrometheusHistogram.amounts, dimensions)
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(PrometheusText.name(label, suffix: "_seconds"), bounds: PrometheusHistogram.seconds, dimensions)
    }

    // Series stay: a counter that vanished between two scrapes would lose its count.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    // MARK: Series

    private func value(
        _ name: String, _ kind: PrometheusFamily.Kind, _ dimensions: [(String, String)]
    ) -> PrometheusValue {
        let series = series(name, kind, dimensions) { .value(PrometheusValue()) }
        guard case .value(let value) = series else { return PrometheusValue() }
        return value
    }

    private func histogram(
        _ name: String, bounds: [Double], _ dimensions: [(String, String)]
    ) -> PrometheusHistogram {
        let series = series(name, .histogram, dimensions) { .histogram(PrometheusHistogram(bounds: bounds)) }
        guard case .histogram(let histogram) = series else { return PrometheusHistogram(bounds: bounds) }
        return histogram
    }

    /// The series of this name and these dimensions, made if need be; nil when it may not be shown.
    private func series(
        _ name: String, _ kind: PrometheusFamily.Kind, _ dimensions: [(String, String)],
        make: () -> PrometheusFamily.Series
    ) -> PrometheusFamily.Series? {
        let labels = PrometheusText.labels(dimensions)
        return state.withLock { state in
            if let known = state.families[name]?.series[labels], state.families[name]?.kind == kind { return known }
            let family = state.families[name] ?? PrometheusFamily(kind: kind)
            let isNew = state.families[name] == nil
            guard family.kind == kind, family.series.count < Self.maximumSeries,
                !isNew || state.families.count < Self.maximumFamilies
            else {
                state.dropped += 1
                return nil
            }
            let series = make()
            state.families[name, default: family].series[labels] = series
            return series
        }
    }
}
