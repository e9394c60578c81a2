import Insight

/// All campaigns, the newest first, with how far each has come.
enum CampaignListPage {
    static let template = """
        {{> head}}
        <header><h1>Campaigns</h1><a href="/">All jobs</a>
        {{#refreshing}}<a href="/campaigns">Stop refreshing</a>{{/refreshing}}
        {{^refreshing}}<a href="/campaigns?refresh=1">Refresh every 2 s</a>{{/refreshing}}
        <a href="/campaigns?format=json">JSON</a></header>
        <h2 id="campaigns">Campaigns</h2>
        <div class="wide"><table aria-labelledby="campaigns"><thead><tr><th>Campaign</th><th>Tenant</th><th>State</th><th class="number">People</th><th class="number">Done</th><th class="number">Delivered</th><th>Progress</th><th>Note</th></tr></thead><tbody>
        {{#campaigns}}<tr><td><a href="/campaigns/{{id}}">{{name}}</a></td><td>{{tenant}}</td><td class="{{tone}}">{{state}}</td><td class="number">{{people}}</td><td class="number">{{done}}</td><td class="number">{{delivered}}</td><td><progress max="{{most}}" value="{{done}}" aria-label="{{name}}">{{done}} of {{people}}</progress></td><td>{{note}}</td></tr>
        {{/campaigns}}{{^campaigns}}<tr><td colspan="8" class="quiet">No campaign yet.</td></tr>{{/campaigns}}</tbody></table></div>
        </main></body></html>
        """

    static func values(_ campaigns: [CampaignProgress], isRefreshing: Bool) -> [String: Any] {
        ["title": "Campaigns", "refreshing": isRefreshing, "campaigns": campaigns.map(values)]
    }

    /// One campaign; what is empty is left out.
    static func values(_ campaign: CampaignProgress) -> [String: Any] {
        var values: [String: Any] = [
            "id": campaign.id, "name": campaign.name, "tenant": campaign.tenant, "state": campaign.state,
            "people": campaign.people, "done": campaign.ended, "left": campaign.people - campaign.ended,
            "delivered": campaign.delivered, "attempts": campaign.attempts, "segments": campaign.segments,
            "most": max(1, campaign.people), "tone": tone(of: campaign.state), "created": campaign.created,
        ]
        if !campaign.note.isEmpty { values["note"] = campaign.note }
        if !campaign.way.isEmpty { values["way"] = campaign.way }
        return values
    }

    private static func tone(of state: String) -> String {
        switch state {
        case "running": "busy"
        case "finished": "good"
        case "paused": "bad"
        default: "quiet"
        }
    }
}

/// One campaign: its figures as tables and as a picture, and who did what to it. No person, no address, no text.
enum CampaignPage {
    static let template = """
        {{> head}}
        <header><h1>{{name}}</h1><span class="{{tone}}">{{state}}</span><a href="/campaigns">All campaigns</a>
        {{#refreshing}}<a href="/campaigns/{{id}}">Stop refreshing</a>{{/refreshing}}
        {{^refreshing}}<a href="/campaigns/{{id}}?refresh=1">Refresh every 2 s</a>{{/refreshing}}
        <a href="/campaigns/{{id}}?format=json">JSON</a></header>
        <p>Tenant {{tenant}}{{#way}}, by {{way}}{{/way}}, made {{created}} UTC{{#note}}: {{note}}{{/note}}</p>
        <p><progress max="{{most}}" value="{{done}}" aria-label="people done">{{done}} of {{people}}</progress></p>
        <p>{{people}} people: {{done}} done, {{left}} left. {{delivered}} delivered; {{attempts}} attempts, {{segments}} segments.</p>
        {{#chart}}<h2 id="minutes">People done a minute</h2>
        <svg viewBox="0 0 720 120" width="100%" role="img" aria-labelledby="minutes" preserveAspectRatio="none">
        <polyline points="{{points}}" fill="none" stroke="currentColor" stroke-width="1.5" vector-effect="non-scaling-stroke"/></svg>
        <p class="quiet">{{from}} to {{until}} UTC; at most {{peak}} a minute.</p>{{/chart}}
        <div class="columns">
        {{#divisions}}<section><h2 id="{{anchor}}">{{title}}</h2>
        <table aria-labelledby="{{anchor}}"><thead><tr><th>{{title}}</th><th class="number">People</th><th>Share</th></tr></thead><tbody>
        {{#rows}}<tr><td>{{name}}</td><td class="number">{{people}}</td><td><progress max="{{most}}" value="{{people}}" aria-label="{{name}}">{{people}} of {{most}}</progress></td></tr>
        {{/rows}}</tbody></table></section>{{/divisions}}
        </div>
        <h2 id="history">Who did what</h2>
        <div class="wide"><table aria-labelledby="history"><thead><tr><th>At (UTC)</th><th>Who</th><th>What</th><th>Why</th></tr></thead><tbody>
        {{#history}}<tr><td><time datetime="{{at}}">{{at}}</time></td><td>{{login}}</td><td>{{what}}</td><td>{{reason}}</td></tr>
        {{/history}}{{^history}}<tr><td colspan="4" class="quiet">Nobody did anything: its first job made it.</td></tr>{{/history}}</tbody></table></div>
        </main></body></html>
        """

    static func values(_ report: CampaignReport, isRefreshing: Bool) -> [String: Any] {
        var values = CampaignListPage.values(report.progress)
        values["title"] = report.progress.name
        values["refreshing"] = isRefreshing
        values["divisions"] = CampaignReport.divisions.enumerated().compactMap { index, division -> [String: Any]? in
            let sums = report.ended(by: division.key)
            // One wave says nothing.
            guard sums.count > (division.title == "wave" ? 1 : 0) else { return nil }
            let rows = sums.map {
                ["name": $0.name, "people": $0.people, "most": max(1, report.progress.ended)] as [String: Any]
            }
            return ["anchor": "division\(index)", "title": division.title, "rows": rows]
        }
        values["history"] = report.history.map {
            ["at": $0.at, "login": $0.login, "what": $0.what, "reason": $0.reason]
        }
        if let chart = chart(report.minutes) { values["chart"] = chart }
        return values
    }

    private static let (width, height) = (720.0, 120.0)

    /// Minute after minute from left to right. Nil for fewer than two minutes: that is no course.
    private static func chart(_ minutes: [CampaignReport.Minute]) -> [String: Any]? {
        guard minutes.count > 1, let first = minutes.first, let last = minutes.last else { return nil }
        let peak = max(1, minutes.map(\.ended).max() ?? 1)
        let points = minutes.enumerated().map { index, minute in
            let x = width * Double(index) / Double(minutes.count - 1)
            let y = height - (height - 4) * Double(minute.ended) / Double(peak) - 2
            return "\((x * 10).rounded() / 10),\((y * 10).rounded() / 10)"
        }
        return [
            "points": points.joined(separator: " "), "from": first.minute, "until": last.minute, "peak": peak,
        ]
    }
}
