import ArgumentParser
import Foundation
import Insight
import Postgres

struct CampaignList: OutriderCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List campaigns and how far each has come.",
        discussion: """
            The newest come first. The bar is the share of people who have ended.

            Examples: outrider campaign list --watch
                      outrider campaign list --json | jq '.[] | select(.state == "paused") | .name'

            \(ExitStatus.help)
            """)

    @Option(help: "Only those of this tenant.") var tenant: String?
    @Option(help: "How many at most, 1 to 1000.") var limit = 20
    @Flag(help: "Print JSON.") var json = false
    @Flag(help: "Print again every 2 seconds until interrupted.") var watch = false

    func validate() throws {
        guard (1...1_000).contains(limit) else { throw ValidationError("--limit is 1 to 1000.") }
    }

    func perform() async throws {
        try await DatabaseVisit.make(as: "campaign list") { pool in
            repeat {
                let campaigns = try await Campaigns(pool).newest(limit, tenant: tenant)
                if watch, !json, Console.isTerminal { try Console.data("\u{1B}[H\u{1B}[2J") }
                if json {
                    try Console.json(campaigns)
                } else if campaigns.isEmpty {
                    Console.note("There is no campaign.")
                } else {
                    try Console.data(Self.table(campaigns).text)
                }
                if watch { try await Task.sleep(for: .seconds(2)) }
            } while watch
        }
    }

    private static func table(_ campaigns: [CampaignProgress]) -> Table {
        var table = Table("campaign", "tenant", "state", "people", "done", "delivered", "", "")
        for campaign in campaigns {
            table.add(
                campaign.name, campaign.tenant, campaign.state, String(campaign.people), String(campaign.ended),
                String(campaign.delivered), Bar.text(campaign.share), campaign.note)
        }
        return table
    }
}

struct CampaignReportCommand: OutriderCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Show what a campaign has come to, exactly and as of now.",
        discussion: """
            By outcome, channel, class of failure, calling code, variant and wave. --people prints a line for each person \
            as CSV: key, job, what became of it and why; --failed only of those whom nothing reached. --chart writes how many \
            began and ended, minute by minute, as a picture.

            Examples: outrider campaign report spring
                      outrider campaign report spring --json | jq '.progress.delivered'
                      outrider campaign report spring --people --failed > failed.csv
                      outrider campaign report spring --chart spring.svg

            \(ExitStatus.help)
            """)

    @OptionGroup var campaign: CampaignOptions
    @Flag(help: "Print JSON.") var json = false
    @Flag(help: "Print people as CSV.") var people = false
    @Flag(help: "With --people: only those who ended and were not reached.") var failed = false
    @Option(help: "Also draw its course into this SVG file.") var chart: String?

    func validate() throws {
        if failed, !people { throw ValidationError("--failed goes with --people.") }
        if people, chart != nil { throw ValidationError("--chart goes with the report, not with --people.") }
        if people, json { throw ValidationError("--people prints CSV: leave --json out.") }
    }

    func perform() async throws {
        try await DatabaseVisit.make(as: "campaign report") { pool in
            let campaigns = Campaigns(pool)
            if people { return try await printPeople(campaigns) }
            guard let report = try await campaigns.report(campaign.campaign) else {
                throw Failure("there is no campaign of this name that this login may see", .refused)
            }
            if let chart { try draw(report, into: chart) }
            if json { return try Console.json(report) }
            try Console.data(CampaignText(report).text)
        }
    }

    private func draw(_ report: CampaignReport, into path: String) throws {
        guard let chart = CampaignChart(report) else {
            throw Failure(
                "there is nothing to draw yet: a course takes two minutes in which something happened", .refused)
        }
        do {
            try chart.file.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw Failure("\(path) cannot be written: \(error.localizedDescription)", .output)
        }
        Console.note("Drawn into \(path)")
    }

    private func printPeople(_ campaigns: Campaigns) async throws {
        try Console.data(CampaignPerson.csvHeader)
        var last = 0
        while true {
            let page = try await campaigns.people(of: campaign.campaign, after: last, limit: 1_000)
            guard let end = page.last else { return }
            last = end.job
            let lines = page.filter { !failed || $0.isFailure }.map(\.csv)
            if !lines.isEmpty { try Console.data(lines.joined(separator: "\n")) }
        }
    }
}

/// A campaign's figures for a person at a terminal.
struct CampaignText {
    private let report: CampaignReport
    private var progress: CampaignProgress { report.progress }

    init(_ report: CampaignReport) { self.report = report }

    var text: String {
        var parts = [head]
        for (title, key) in CampaignReport.divisions {
            let sums = report.ended(by: key)
            // One wave says nothing.
            guard sums.count > (title == "wave" ? 1 : 0) else { continue }
            var table = Table(title, "people", "share", "")
            for (name, people) in sums {
                let share = Double(people) / Double(max(1, progress.ended))
                table.add(name, String(people), Bar.percent(share), Bar.text(share))
            }
            parts.append(table.text)
        }
        if !report.history.isEmpty { parts.append(history) }
        return parts.joined(separator: "\n\n")
    }

    private static let mostDeeds = 10

    private var history: String {
        var table = Table("at (UTC)", "who", "what", "why")
        for deed in report.history.prefix(Self.mostDeeds) { table.add(deed.at, deed.who, deed.what, deed.reason) }
        return table.text
    }

    private var limits: String {
        let heldOut = progress.heldOut > 0 ? "\(progress.heldOut) held out: they get nothing on purpose" : ""
        let budget = progress.budget.isEmpty ? "" : "budget: \(progress.budget)"
        let rate = progress.rate.isEmpty ? "" : "rate: at most \(progress.rate) a second"
        return [report.priceLine, budget, rate, heldOut].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var head: String {
        let state = [progress.state, progress.reason].filter { !$0.isEmpty }.joined(separator: ": ")
        return """
            \(progress.name): \(state)
            \(Bar.text(progress.share, width: 40)) \(Bar.percent(progress.share))
            \(progress.people) people: \(progress.ended) ended, \(progress.people - progress.ended) left
            \(progress.delivered) delivered; \(progress.attempts) attempts, \(progress.segments) segments
            \(limits)
            """.trimmedEnd
    }
}

extension String {
    /// Without empty lines at its end.
    fileprivate var trimmedEnd: String {
        var text = self
        while text.last?.isNewline == true { text.removeLast() }
        return text
    }
}

/// A share as a picture.
enum Bar {
    static func text(_ share: Double, width: Int = 20) -> String {
        let full = Int((min(max(share, 0), 1) * Double(width)).rounded(.down))
        return String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
    }

    static func percent(_ share: Double) -> String {
        let tenths = Int((share * 1_000).rounded())
        return "\(tenths / 10).\(tenths % 10) %"
    }
}
