import Delivery
import Insight

/// What the database says at scrape time, as Prometheus text.
enum DatabaseMetrics {
    /// - Parameter summary: nil when the database did not answer; then only that is said.
    static func text(_ summary: Summary?) -> String {
        var text = PrometheusText()
        text.header("outrider_database_up", .gauge)
        text.sample("outrider_database_up", [], summary == nil ? 0 : 1)
        guard let summary else { return text.content }
        text.gauge("outrider_database_adopted", summary.displacement == nil ? 1 : 0)
        text.header("outrider_strays_total", .counter)
        text.sample("outrider_strays_total", [], summary.strays)
        text.header("outrider_due", .gauge)
        for due in summary.due {
            text.sample("outrider_due", [("reason", due.reason), ("when", due.isLater ? "later" : "now")], due.count)
        }
        text.gauge("outrider_oldest_overdue_seconds", summary.oldestOverdueSeconds ?? 0)
        text.gauge("outrider_unheard_seconds", summary.unheardSeconds ?? 0)
        text.header("outrider_jobs", .gauge)
        for state in summary.states { text.sample("outrider_jobs", [("state", state.state)], state.count) }
        text.header("outrider_jobs_ended_24h", .gauge)
        for ended in summary.outcomes {
            text.sample(
                "outrider_jobs_ended_24h",
                [(JobEvent.Kind.outcome.rawValue, ended.outcome), ("channel", ended.channel)], ended.count)
        }
        text.gauge("outrider_jobs_held", Double(summary.held))
        text.gauge("outrider_workers_alive", Double(summary.workers.count))
        text.header("outrider_suppressions", .gauge)
        for suppressed in summary.suppressions {
            text.sample("outrider_suppressions", [("channel", suppressed.channel)], suppressed.count)
        }
        add(summary.doubts, to: &text)
        return text.content
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
    fileprivate mutating func gauge(_ name: String, _ value: Double) {
        header(name, .gauge)
        sample(name, [], value)
    }

    fileprivate mutating func sample(_ name: String, _ dimensions: [(String, String)], _ count: Int) {
        sample(name, dimensions, Double(count))
    }
}
