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

    static func tone(of state: String) -> String {
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
        {{#said}}<p class="said" role="status">{{text}}</p>{{/said}}
        {{#acts}}<h2 id="acts">What you can do</h2><div class="acts">
        {{#offers}}{{#asks}}<a class="act{{#grave}} grave{{/grave}}" href="{{path}}">{{label}} …</a>
        {{/asks}}{{^asks}}<form method="post" action="{{path}}"><input type="hidden" name="token" value="{{token}}"><input name="reason" maxlength="500" placeholder="why" aria-label="why: {{label}}"><button>{{label}}</button></form>
        {{/asks}}{{/offers}}</div>
        <p>People as CSV, by key: <a href="/campaigns/{{id}}/failed.csv">who failed and why</a>, <a href="/campaigns/{{id}}/people.csv">all</a></p>{{/acts}}
        {{#obstacle}}<p class="quiet">{{text}}</p>{{/obstacle}}
        {{#chart}}<h2 id="minutes">People a minute</h2>
        <figure>{{{svg}}}</figure>
        <p class="quiet">{{from}} to {{until}} UTC; at most {{peak}} done a minute. <a href="/campaigns/{{id}}/chart.svg">As a file</a></p>{{/chart}}
        <div class="columns">
        {{#divisions}}<section><h2 id="{{anchor}}">{{title}}</h2>
        <table aria-labelledby="{{anchor}}"><thead><tr><th>{{title}}</th><th class="number">People</th><th>Share</th></tr></thead><tbody>
        {{#rows}}<tr><td>{{name}}</td><td class="number">{{people}}</td><td><progress max="{{most}}" value="{{people}}" aria-label="{{name}}">{{people}} of {{most}}</progress></td></tr>
        {{/rows}}</tbody></table></section>{{/divisions}}
        </div>
        <h2 id="history">Who did what</h2>
        <div class="wide"><table aria-labelledby="history"><thead><tr><th>At (UTC)</th><th>Who</th><th>What</th><th>Why</th></tr></thead><tbody>
        {{#history}}<tr><td><time datetime="{{at}}">{{at}}</time></td><td>{{who}}{{#login}} <span class="quiet">by {{login}}</span>{{/login}}</td><td>{{what}}</td><td>{{reason}}</td></tr>
        {{/history}}{{^history}}<tr><td colspan="4" class="quiet">Nobody did anything: its first job made it.</td></tr>{{/history}}</tbody></table></div>
        </main></body></html>
        """

    static func values(_ report: CampaignReport, _ acts: CampaignActs, isRefreshing: Bool) -> [String: Any] {
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
        values["history"] = report.history.map { self.values($0) }
        if let chart = CampaignChart(report), let first = report.minutes.first, let last = report.minutes.last {
            values["chart"] =
                [
                    "svg": chart.inline, "from": first.minute, "until": last.minute, "id": report.progress.id,
                    "peak": report.minutes.map(\.ended).max() ?? 0,
                ] as [String: Any]
        }
        if let said = acts.said { values["said"] = ["text": said] }
        if let obstacle = acts.obstacle {
            values["obstacle"] = ["text": obstacle]
        } else {
            values["acts"] =
                ["id": report.progress.id, "offers": acts.offers.map { self.values($0, report.progress.id) }]
                as [String: Any]
        }
        return values
    }

    private static func values(_ deed: CampaignReport.Deed) -> [String: Any] {
        var values: [String: Any] = ["at": deed.at, "what": deed.what, "reason": deed.reason]
        values["who"] = deed.person.isEmpty ? deed.login : deed.person
        if !deed.person.isEmpty { values["login"] = deed.login }
        return values
    }

    private static func values(_ offer: CampaignActs.Offer, _ id: Int) -> [String: Any] {
        [
            "path": "/campaigns/\(id)/\(offer.action.rawValue)", "label": offer.action.label, "token": offer.token,
            "asks": offer.action.asksFirst, "grave": offer.action == .cancel,
        ]
    }
}
