import Delivery
import Insight

/// What the database says at scrape time, as Prometheus text.
enum DatabaseMetrics {
    /// - Parameters:
    ///   - summary: nil when it could not be read; then it is only said whether the database is up.
    ///   - isUp: whether the database answers.
    static func text(_ summary: Summary?, isUp: Bool) -> String {
        var text = PrometheusText()
        text.gauge("outrider_database_up", isUp ? 1 : 0)
        guard let summary else { return text.content }
        text.header("outrider_strays_total", .counter)
        text.sample("outrider_strays_total", [], summary.strays)
        text.gauge("outrider_figures_late", Double(summary.uncounted.count))
        addQueue(summary, to: &text)
        addEnded(summary, to: &text)
        text.gauge("outrider_unheard_seconds", summary.unheardSeconds ?? 0, of: .unheard, summary)
        text.gauge("outrider_workers_alive", Double(summary.workers.count), of: .workers, summary)
        text.header("outrider_suppressions", .gauge)
        for suppressed in summary.suppressions {
            text.sample("outrider_suppressions", [("channel", suppressed.channel)], suppressed.count)
        }
        addPauses(summary.senders, to: &text)
        if !summary.uncounted.contains(.doubts) { add(summary.doubts, to: &text) }
        return text.content
    }

    private static func addQueue(_ summary: Summary, to text: inout PrometheusText) {
        text.header("outrider_due", .gauge)
        for due in summary.due { text.sample("outrider_due", due.labels, due.count) }
        text.header("outrider_due_exact", .gauge)
        for due in summary.due { text.sample("outrider_due_exact", due.labels, due.isExact ? 1 : 0) }
        text.gauge("outrider_oldest_overdue_seconds", summary.oldestOverdueSeconds ?? 0, of: .overdue, summary)
        text.header("outrider_jobs", .gauge)
        for state in summary.states { text.sample("outrider_jobs", [("state", state.state)], state.count) }
        text.header("outrider_jobs_exact", .gauge)
        for state in summary.states {
            text.sample("outrider_jobs_exact", [("state", state.state)], state.isExact ? 1 : 0)
        }
        text.gauge("outrider_jobs_held", Double(summary.held), of: .held, summary)
    }

    private static func addEnded(_ summary: Summary, to text: inout PrometheusText) {
        text.header("outrider_jobs_ended_24h", .gauge)
        for ended in summary.outcomes {
            text.sample(
                "outrider_jobs_ended_24h",
                [(JobEvent.Kind.outcome.rawValue, ended.outcome), ("channel", ended.channel)], ended.count)
        }
        let isExact = summary.outcomes.allSatisfy(\.isExact)
        text.gauge("outrider_jobs_ended_24h_exact", isExact ? 1 : 0, of: .outcomes, summary)
    }

    /// Every channel has its sample, and every code that pauses a sender now.
    private static func addPauses(_ senders: [Condition.Sender], to text: inout PrometheusText) {
        text.header("outrider_sender_paused", .gauge)
        for channel in Channel.allCases {
            let paused = senders.filter { $0.channel == channel && $0.isPaused }
            let codes = Set(paused.compactMap(\.code)).sorted()
            for code in [""] + codes {
                let count = paused.count { ($0.code ?? "") == code }
                text.sample("outrider_sender_paused", [("channel", channel.rawValue), ("code", code)], count)
            }
        }
    }

    /// Every way has its sample, so that an alert need not tell none from missing.
    private static func add(_ doubts: Summary.Doubts, to text: inout PrometheusText) {
        text.header("outrider_unknown_sends_24h", .gauge)
        for unknown in doubts.unknown {
            text.sample(
                "outrider_unknown_sends_24h",
                [(JobEvent.Kind.answer.rawValue, unknown.answer), ("channel", unknown.channel)], unknown.count)
        }
        text.header("outrider_unknown_sends_resolved_24h", .gauge)
        for way in Summary.Doubts.ways {
            text.sample("outrider_unknown_sends_resolved_24h", [("by", way)], doubts.resolved[way] ?? 0)
        }
        text.gauge("outrider_resends_24h", Double(doubts.resolved["resend"] ?? 0))
        text.gauge("outrider_duplicates_24h", Double(doubts.duplicates))
        text.gauge("outrider_wasted_escalations_24h", Double(doubts.wastedEscalations))
    }
}

extension PrometheusText {
    /// Left out when its part was not read in time: it is not 0 then, but unknown.
    fileprivate mutating func gauge(_ name: String, _ value: Double, of part: Summary.Part, _ summary: Summary) {
        guard !summary.uncounted.contains(part) else { return }
        gauge(name, value)
    }

    fileprivate mutating func gauge(_ name: String, _ value: Double) {
        header(name, .gauge)
        sample(name, [], value)
    }

    fileprivate mutating func sample(_ name: String, _ dimensions: [(String, String)], _ count: Int) {
        sample(name, dimensions, Double(count))
    }
}

extension Summary.DueCount {
    fileprivate var labels: [(String, String)] { [("reason", reason), ("when", isLater ? "later" : "now")] }
}
