import ArgumentParser
import Delivery
import Foundation
import Insight
import JobQueue
import Postgres
import Rendering

struct CampaignPreview: OutriderCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "Say what a campaign would do, before it does anything.",
        discussion: """
            Reads the campaign's audience, or FILE as `outrider campaign load` would, and decides for each person what \
            would happen first: by the rules that admit a send, with the text that would be sent. Nothing is written and \
            nobody is told. Rows that are wrong are named by line. The time is that of the senders' rates.

            Examples: outrider campaign preview spring
                      outrider campaign preview spring people.csv --json

            \(ExitStatus.help)
            """)

    @OptionGroup var campaign: CampaignOptions
    @Argument(help: "A CSV file, or - for standard input.") var file: String?
    @Flag(help: "Print JSON.") var json = false

    func perform() async throws {
        let report = try await DatabaseVisit.make(as: "campaign preview", poolSize: 2) { pool in
            let store = AudienceStore(pool)
            guard let plan = try await store.plan(of: campaign.name, tenant: campaign.tenant) else {
                throw Failure("its jobs alone say what this campaign is: there is nothing to preview", .refused)
            }
            let forecast = try await forecast(plan, store)
            let end: String? =
                if let seconds = forecast.seconds { try await store.end(of: plan, after: seconds) } else { nil }
            return Report(forecast, plan, end: end)
        }
        if json { try Console.json(report) } else { try Console.data(report.text(of: campaign.name)) }
    }

    private func forecast(_ plan: CampaignPlan, _ store: AudienceStore) async throws -> CampaignForecast {
        var progress = LoadProgress(isShown: !json)
        if let file {
            var forecast = CampaignForecast(plan, by: try await store.contact(of: plan))
            var people = try AudienceFile(file)
            while true {
                let batch = try people.batch()
                guard batch.count > 0 else { return forecast }
                forecast.add(batch, try await store.outlook(of: batch, in: plan))
                progress.show(forecast.rows)
            }
        }
        guard plan.audience != nil else {
            throw Failure("the campaign has no audience: name the file that is to be loaded", .refused)
        }
        return try await CampaignForecast.make(of: plan, from: store, by: try await store.contact(of: plan)) {
            progress.show($0)
        }
    }

    /// A forecast as it is shown.
    private struct Report: Encodable {
        let rows, duplicates, refused: Int
        let people: [String: Int]
        let segments: [String: Int]
        let unusual: [String: Int]
        /// With Twilio's Smart Encoding.
        let smartSegments: [String: Int]
        let replaced: [String: Int]
        /// What carriers and people may miss in its texts.
        let warnings: [String]
        let costs: [String: Int]
        let variants: [String: Int]
        /// By currency.
        let money: [String: Double]
        let seconds: Double?
        let duration: String?
        /// When it would be done if it began now, in UTC.
        let end: String?
        let hours: String?
        /// Messages a second that the campaign allows itself.
        let rate: Double?
        let problems: [CampaignForecast.Problem]
        let samples: [CampaignForecast.Sample]

        init(_ forecast: CampaignForecast, _ plan: CampaignPlan, end: String?) {
            (variants, money) = (forecast.variants, forecast.money)
            (self.end, hours, rate) = (end, plan.hours, plan.ownRate)
            (rows, duplicates, refused) = (forecast.rows, forecast.duplicates, forecast.refused)
            (people, unusual, costs) = (forecast.people, forecast.unusual, forecast.costs)
            segments = Dictionary(uniqueKeysWithValues: forecast.segments.map { (String($0.key), $0.value) })
            smartSegments = Dictionary(uniqueKeysWithValues: forecast.smartSegments.map { (String($0.key), $0.value) })
            (replaced, warnings) = (forecast.replaced, plan.warnings)
            (seconds, duration) = (forecast.seconds, forecast.duration)
            (problems, samples) = (forecast.problems, forecast.samples)
        }

        func text(of name: String) -> String {
            let all = people.values.reduce(0, +)
            var table = Table("what would happen first", "people", "share", "")
            for (what, count) in people.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
                let share = Double(count) / Double(max(1, all))
                table.add(what, String(count), Bar.percent(share), Bar.text(share))
            }
            var parts = [
                "\(name): \(all) people in \(rows) rows; \(duplicates) are there twice, \(refused) are refused",
                table.text,
            ]
            if !variants.isEmpty {
                var table = Table("variant", "people")
                for (variant, people) in variants.sorted(by: { $0.key < $1.key }) { table.add(variant, String(people)) }
                parts.append(table.text)
            }
            if !segments.isEmpty { parts.append(segmentLines) }
            if !replaced.isEmpty { parts.append(smartLine) }
            if !warnings.isEmpty { parts.append(warnings.map { "look: \($0)" }.joined(separator: "\n")) }
            parts.append(timeLine)
            let sums = money.sorted { $0.key < $1.key }.map { "\(CampaignReport.money($0.value)) \($0.key)" }
            if !sums.isEmpty { parts.append("By outrider.prices this costs \(sums.joined(separator: " or ")).") }
            if !problems.isEmpty {
                let more = problems.count < refused ? ["…"] : []
                parts.append((problems.map { "line \($0.line): \($0.problem)" } + more).joined(separator: "\n"))
            }
            parts += samples.map { "— line \($0.line), by \($0.channel) —\n\($0.text)" }
            return parts.joined(separator: "\n\n")
        }

        private var segmentLines: String {
            var table = Table("segments", "people")
            for (count, people) in segments.sorted(by: { (Int($0.key) ?? 0) < (Int($1.key) ?? 0) }) {
                table.add(count, String(people))
            }
            guard !unusual.isEmpty else { return table.text }
            let characters = unusual.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5)
                .map { "\(SMSEncoding.name(of: $0.key)) (\($0.value) people)" }
            return table.text + "\nTexts are UCS-2, of 70 characters a segment, because of "
                + characters.joined(separator: ", ")
        }

        private var smartLine: String {
            let characters = replaced.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5)
                .map { "\(SMSEncoding.name(of: $0.key)) (\($0.value) people)" }
            return
                "All texts make \(Self.sum(segments)) segments. With Smart Encoding, a setting of a Messaging Service, "
                + "they make \(Self.sum(smartSegments)): it replaces \(characters.joined(separator: ", "))"
        }

        /// Segments of all people.
        private static func sum(_ segments: [String: Int]) -> Int {
            segments.map { (Int($0.key) ?? 0) * $0.value }.reduce(0, +)
        }

        private var timeLine: String {
            let cost = costs.sorted { $0.key < $1.key }.map { "\($0.value) by \($0.key)" }.joined(separator: ", ")
            guard let duration else {
                return "Costs of the senders' rates: \(cost). A sender has no rate: as fast as workers send."
            }
            let done = end.map { " It would be done by \($0) UTC" } ?? ""
            let window = hours.map { ", as it writes from \($0) only" } ?? ""
            let own = rate.map { ", and with its own of \($0.formatted()) messages a second," } ?? ""
            return
                "Costs of the senders' rates: \(cost). At these\(own) it takes \(duration).\(done)\(window)\(end == nil ? "" : ".")"
        }
    }
}
