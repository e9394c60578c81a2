import Delivery
import Insight

/// What `outrider status` prints for people.
struct SummaryText {
    private let summary: Summary

    init(_ summary: Summary) { self.summary = summary }

    var text: String {
        [troubles, shard, standing, ended, doubts, workers, newest].compactMap(\.self).joined(
            separator: "\n\n")
    }

    private var troubles: String? {
        var lines = summary.troubles.map { "TROUBLE for \(Int($0.seconds)) s: \($0.text)\n        → \($0.remedy)" }
        if !summary.uncounted.isEmpty {
            lines.append("Not counted in time: \(summary.uncounted.map(\.rawValue).joined(separator: ", ")).")
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    private var shard: String? {
        summary.shard.map { "This database is shard \($0)." }
    }

    private var standing: String? {
        let states = summary.states.map { (label: $0.state, count: $0.count, isExact: $0.isExact) }
        let late = summary.oldestOverdueSeconds.map { "; the oldest due row is \(Int($0)) s late" } ?? ""
        return "Not ended\(late)\n" + BarPicture(counts: states).text
    }

    private var ended: String? {
        guard !summary.outcomes.isEmpty else { return "Nothing ended in the last 24 hours." }
        let counts = summary.outcomes.map { outcome in
            (
                label: outcome.channel.isEmpty ? outcome.outcome : "\(outcome.outcome) \(outcome.channel)",
                count: outcome.count, isExact: outcome.isExact
            )
        }
        return "Ended in the last 24 hours\n" + BarPicture(counts: counts).text
    }

    private var doubts: String? {
        let doubts = summary.doubts
        let unknown = doubts.unknown.reduce(0) { $0 + $1.count }
        guard unknown + doubts.duplicates + doubts.wastedEscalations > 0 else { return nil }
        let ways = Summary.Doubts.ways.compactMap { way in doubts.resolved[way].map { "\(way) \($0)" } }
        return """
            Unknown sends in the last 24 hours: \(unknown); resolved by \(ways.isEmpty ? "nothing yet" : ways.joined(separator: ", "))
            Found later: \(doubts.duplicates) duplicates, \(doubts.wastedEscalations) wasted escalations
            """
    }

    private var workers: String? {
        guard !summary.workers.isEmpty else { return "No worker is running: start one with `outrider work`." }
        var table = Table("worker", "host", "version", "state", "heartbeat (s ago)")
        for worker in summary.workers {
            table.add(
                worker.id, worker.host, worker.version, worker.state, String(Int(max(0, worker.heartbeatAgeSeconds))))
        }
        return table.text
    }

    private var newest: String? {
        guard !summary.recentJobs.isEmpty else { return nil }
        var table = Table("job", "kind", "ladder", "channel", "state", "attempts", "created (UTC)", "reason")
        for job in summary.recentJobs {
            table.add(
                String(job.id), job.kind, job.ladder, job.channel, job.state, String(job.attempts), job.createdAt,
                job.reason)
        }
        return table.text
    }
}

/// Counts as bars, the longest one `width` characters, every count above 0 at least one. One that is not exact says so.
struct BarPicture {
    let counts: [(label: String, count: Int, isExact: Bool)]
    var width = 40

    var text: String {
        let largest = counts.map(\.count).max() ?? 0
        let labelWidth = counts.map(\.label.count).max() ?? 0
        return counts.map { label, count, isExact in
            let length = largest == 0 ? 0 : max(count > 0 ? 1 : 0, count * width / largest)
            let space = String(repeating: " ", count: labelWidth - label.count)
            let bar = String(repeating: "█", count: length) + (length > 0 ? " " : "")
            return "\(label)\(space)  \(bar)\(isExact ? "" : "at least ")\(count)"
        }.joined(separator: "\n")
    }
}
