import Delivery
import FoundationEssentials
import Insight
import JobQueue
import Rendering

/// Asks whether something is to be done to a campaign, with the numbers that speak for or against it.
struct CampaignQuestion {
    let action: CampaignAction
    let report: CampaignReport
    /// Of a start.
    let preview: PreviewDesk.Preview?
    let token: String
    /// What was wrong with the form.
    let problem: String?

    static let template = """
        {{> head}}
        <header><h1>{{label}}: {{name}}?</h1><span class="{{tone}}">{{state}}</span><a href="/campaigns/{{id}}">Back, and change nothing</a></header>
        {{#problem}}<p class="bad" role="alert">{{text}}</p>{{/problem}}
        <p>{{meaning}}</p>
        <table class="facts"><tbody>
        {{#facts}}<tr><th scope="row">{{name}}</th><td>{{value}}</td></tr>
        {{/facts}}</tbody></table>
        {{#fates}}<h2 id="fates">What would happen first</h2>
        <table aria-labelledby="fates"><thead><tr><th>What</th><th class="number">People</th><th>Share</th></tr></thead><tbody>
        {{#rows}}<tr><td>{{name}}</td><td class="number">{{people}}</td><td><progress max="{{most}}" value="{{people}}" aria-label="{{name}}">{{people}} of {{most}}</progress></td></tr>
        {{/rows}}</tbody></table>{{/fates}}
        {{#problems}}<h2>Rows that are wrong</h2><ul>{{#rows}}<li>row {{line}}: {{text}}</li>{{/rows}}</ul>{{/problems}}
        {{#samples}}<h2>How it reads</h2>{{#rows}}<p class="quiet">row {{line}}, by {{channel}}</p><pre>{{text}}</pre>{{/rows}}{{/samples}}
        <form method="post" action="/campaigns/{{id}}/{{action}}"><input type="hidden" name="token" value="{{token}}">
        {{#classes}}<p>Only those whose last failure was (none marked: all):
        {{#rows}}<label><input type="checkbox" name="class" value="{{name}}"> {{name}} ({{people}})</label> {{/rows}}</p>{{/classes}}
        <p><label>Why, kept with your name: <input name="reason" required maxlength="500" size="50"></label> <button class="{{#grave}}grave{{/grave}}">{{confirmation}}</button></p>
        </form>
        </main></body></html>
        """

    var values: [String: Any] {
        let campaign = report.progress
        var values: [String: Any] = [
            "title": "\(action.label): \(campaign.name)", "id": campaign.id, "name": campaign.name,
            "state": campaign.state, "tone": CampaignListPage.tone(of: campaign.state), "label": action.label,
            "confirmation": action.confirmation,
            "action": action.rawValue, "meaning": action.meaning, "token": token, "grave": action == .cancel,
            "facts": facts.map { ["name": $0.0, "value": $0.1] },
        ]
        if let problem { values["problem"] = ["text": problem] }
        if case .made(let forecast, _) = preview { values.merge(Self.values(forecast)) { first, _ in first } }
        let classes = action == .retry ? report.retryClasses : []
        if !classes.isEmpty {
            values["classes"] = ["rows": classes.map { ["name": $0.name, "people": $0.people] as [String: Any] }]
        }
        return values
    }

    private static func values(_ forecast: CampaignForecast) -> [String: Any] {
        let all = max(1, forecast.people.values.reduce(0, +))
        let fates = forecast.people.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        var values: [String: Any] = [
            "fates": ["rows": fates.map { ["name": $0.key, "people": $0.value, "most": all] as [String: Any] }]
        ]
        if !forecast.problems.isEmpty {
            values["problems"] = [
                "rows": forecast.problems.map { ["line": $0.line, "text": $0.problem] as [String: Any] }
            ]
        }
        if !forecast.samples.isEmpty {
            values["samples"] = [
                "rows": forecast.samples.map {
                    ["line": $0.line, "channel": $0.channel, "text": $0.text] as [String: Any]
                }
            ]
        }
        return values
    }

    private var facts: [(String, String)] {
        let campaign = report.progress
        switch action {
        case .start: return startFacts
        case .retry:
            let failed = report.retryClasses.map(\.people).reduce(0, +)
            return [("People not reached", "\(failed)"), ("Sent so far", Self.sent(campaign))]
        case .load, .pause, .resume, .cancel:
            return [
                ("People", "\(campaign.people)"),
                ("Done", "\(campaign.ended), of them \(campaign.delivered) delivered"),
                ("Begun, and maybe with a provider", "\(campaign.begun)"),
                ("Not begun: they would get nothing", "\(max(0, campaign.people - campaign.begun))"),
                ("Sent so far", Self.sent(campaign)),
            ]
        }
    }

    private static func sent(_ campaign: CampaignProgress) -> String {
        "\(campaign.attempts) attempts, \(campaign.segments) segments"
    }

    private var startFacts: [(String, String)] {
        let loaded = ("Loaded so far", "\(report.progress.people) people")
        switch preview {
        case .made(let forecast, let plan):
            let all = forecast.people.values.reduce(0, +)
            let sends = plan.channels.compactMap { forecast.people[$0.rawValue] }.reduce(0, +)
            return [
                (
                    "People",
                    "\(all) in \(forecast.rows) rows; \(forecast.duplicates) twice, \(forecast.refused) refused"
                ),
                ("Would be sent to", "\(sends) people"), loaded, ("Segments", Self.segments(forecast)),
                ("Cost of the senders' rates", Self.cost(forecast)), ("Finish", Self.finish(forecast)),
            ] + Self.smart(forecast) + plan.warnings.map { ("Look at its text", $0) }
        case .missing(let why): return [loaded, ("Preview", why)]
        case nil: return [loaded]
        }
    }

    private static func segments(_ forecast: CampaignForecast) -> String {
        guard !forecast.segments.isEmpty else { return "no text message" }
        let sum = forecast.segments.map { $0.key * $0.value }.reduce(0, +)
        let parts = forecast.segments.sorted { $0.key < $1.key }.map { "\($0.value) people with \($0.key)" }
        let unusual = forecast.unusual.max { ($0.value, $1.key) < ($1.value, $0.key) }
        let why = unusual.map { "; some are of 70 characters because of \(SMSEncoding.name(of: $0.key))" } ?? ""
        return "\(sum): \(parts.joined(separator: ", "))\(why)"
    }

    /// What Smart Encoding would bring; nothing where it would replace nothing.
    private static func smart(_ forecast: CampaignForecast) -> [(String, String)] {
        guard !forecast.replaced.isEmpty else { return [] }
        let sum = forecast.smartSegments.map { $0.key * $0.value }.reduce(0, +)
        let characters = forecast.replaced.keys.sorted().prefix(5).map(SMSEncoding.name(of:))
        return [("With Smart Encoding", "\(sum) segments; it replaces \(characters.joined(separator: ", "))")]
    }

    private static func cost(_ forecast: CampaignForecast) -> String {
        let costs = forecast.costs.sorted { $0.key < $1.key }.map { "\($0.value) by \($0.key)" }
        return costs.isEmpty ? "none" : costs.joined(separator: ", ")
    }

    private static func finish(_ forecast: CampaignForecast) -> String {
        guard let seconds = forecast.seconds else { return "as fast as workers send: a sender has no rate" }
        let end = Date.now.addingTimeInterval(seconds).formatted(.iso8601).prefix(16).replacing("T", with: " ")
        let own = forecast.plan.ownRate == nil ? "" : " and its own"
        return "\(forecast.duration ?? "") at the senders' rates\(own): begun now, by \(end) UTC"
    }
}

extension CampaignReport {
    /// The classes by which people may be asked again, with how many ended so.
    var retryClasses: [(name: String, people: Int)] {
        ended { count in
            switch Outcome(rawValue: count.outcome) {
            case .exhausted: count.failure
            case .expired: count.failure.isEmpty ? count.outcome : count.failure
            case .delivered, .unconfirmed, .optedOut, .unknown, .canceled, nil: ""
            }
        }
    }
}
