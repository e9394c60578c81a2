import Foundation
import Insight
import Rendering

/// A rehearsal beside the preview of its campaign. Figures of a part of the people are made those of all.
struct RehearsalReport: Encodable {
    struct Line: Encodable {
        let what: String
        let predicted, rehearsed: Double?
        /// In per cent of what was predicted.
        let difference: Double?

        init(_ what: String, _ predicted: Double?, _ rehearsed: Double?) {
            (self.what, self.predicted, self.rehearsed) = (what, predicted, rehearsed)
            difference =
                if let predicted, let rehearsed, predicted > 0 { (rehearsed - predicted) / predicted * 100 } else {
                    nil
                }
        }
    }

    let campaign: String
    /// Of the whole audience, and of those who were rehearsed.
    let people, rehearsedPeople: Int
    let pace, waits: Double
    let isCapped, isWhole: Bool
    let fates: String
    let comparison: [Line]
    let report: CampaignReport

    init(
        _ campaign: String, _ forecast: CampaignForecast, people: Int, rehearsed: Int, _ scale: RehearsalScale,
        fates: String, _ result: RehearsalResult
    ) {
        (self.campaign, self.people, rehearsedPeople) = (campaign, people, rehearsed)
        (pace, waits, isCapped) = (scale.pace, scale.waits, scale.isCapped)
        (self.fates, isWhole) = (fates, result.isWhole)
        report = result.report.scaled(scale.whole)
        func whole(_ count: Int) -> Double { Double(scale.whole(count)) }
        var lines = [Line("people", Double(people), whole(result.first.values.reduce(0, +)))]
        for what in Set(forecast.people.keys).union(result.first.keys).sorted() {
            lines.append(Line("first: \(what)", Double(forecast.people[what] ?? 0), whole(result.first[what] ?? 0)))
        }
        if forecast.costs["sms"] != nil || result.segments > 0 {
            lines.append(
                Line("segments of first texts taken", Double(forecast.costs["sms"] ?? 0), whole(result.firstSegments)))
            lines.append(Line("segments of all texts taken", nil, whole(result.segments)))
        }
        for (channel, count) in result.sends.sorted(by: { $0.key < $1.key }) {
            lines.append(Line("messages by \(channel)", nil, whole(count)))
        }
        lines.append(Line("seconds until the last is begun", forecast.seconds, result.begunAfter))
        lines.append(Line("seconds until all have ended", nil, result.endedAfter))
        comparison = lines
    }

    var text: String {
        [head, CampaignText(report).text, table].joined(separator: "\n\n")
    }

    private var head: String {
        var parts = [
            rehearsedPeople < people
                ? "\(campaign): rehearsed with \(rehearsedPeople) of \(people) people; the figures are made those of all, so small ones are rough"
                : "\(campaign): rehearsed with all \(people) people",
            "Simulated providers: \(fates). Sent \(Self.number(pace)) times faster, waited \(Self.number(waits)) times shorter.",
            "Start, end and sending hours were not heeded.",
        ]
        if isCapped { parts.append("A faster rehearsal was asked for than this host does.") }
        if !isWhole { parts.append("It was given up before everybody had ended.") }
        return parts.joined(separator: "\n")
    }

    private var table: String {
        var table = Table("", "preview", "rehearsal", "difference")
        for line in comparison {
            table.add(
                line.what, line.predicted.map(Self.number) ?? "", line.rehearsed.map(Self.number) ?? "",
                line.difference.map { "\($0 < 0 ? "−" : "+")\(Self.number(abs($0))) %" } ?? "")
        }
        return table.text
    }

    /// Whole, or with one place.
    private static func number(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}

extension CampaignReport {
    /// The same with each count made larger, and without the course and the deeds, which are those of the rehearsal.
    func scaled(_ whole: (Int) -> Int) -> CampaignReport {
        var scaled = self
        for index in scaled.counts.indices {
            let count = scaled.counts[index]
            (scaled.counts[index].people, scaled.counts[index].begun) = (whole(count.people), whole(count.begun))
            (scaled.counts[index].attempts, scaled.counts[index].segments) = (
                whole(count.attempts), whole(count.segments)
            )
            scaled.counts[index].ended = whole(count.ended)
        }
        (scaled.progress.people, scaled.progress.begun) = (whole(progress.people), whole(progress.begun))
        (scaled.progress.ended, scaled.progress.delivered) = (whole(progress.ended), whole(progress.delivered))
        (scaled.progress.attempts, scaled.progress.segments) = (whole(progress.attempts), whole(progress.segments))
        (scaled.minutes, scaled.history, scaled.progress.load) = ([], [], nil)
        return scaled
    }
}
