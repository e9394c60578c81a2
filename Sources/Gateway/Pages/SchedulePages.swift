import Insight

/// All schedules, by tenant and name: what each says, when it fires next, what became of its last time.
enum ScheduleListPage {
    static let template = """
        {{> head}}
        <header><h1>Schedules</h1><a href="/">All jobs</a><a href="/campaigns">Campaigns</a>
        {{#refreshing}}<a href="/schedules">Stop refreshing</a>{{/refreshing}}
        {{^refreshing}}<a href="/schedules?refresh=1">Refresh every 2 s</a>{{/refreshing}}
        <a href="/schedules?format=json">JSON</a></header>
        {{#said}}<p class="said" role="status">{{text}}</p>{{/said}}
        {{#acts}}<form class="acts" method="get" action="/schedules/pause"><label>Of tenant <select name="tenant">{{#tenants}}<option>{{.}}</option>{{/tenants}}</select></label> <label>those with the tag <select name="tag"><option value="">any, or none</option>{{#tags}}<option>{{.}}</option>{{/tags}}</select></label> <button>Pause …</button> <button formaction="/schedules/resume">Resume …</button></form>{{/acts}}
        {{#obstacle}}<p class="quiet">{{text}}</p>{{/obstacle}}
        <h2 id="schedules">Schedules</h2>
        <div class="wide"><table aria-labelledby="schedules"><thead><tr><th>Schedule</th><th>Tenant</th><th>State</th><th>Says</th><th>Zone</th><th>Next (UTC)</th><th>Last (UTC)</th><th>Outcome</th><th>Note</th></tr></thead><tbody>
        {{#schedules}}<tr><td><a href="/schedules/{{id}}">{{name}}</a></td><td>{{tenant}}</td><td class="{{tone}}">{{state}}</td><td>{{words}}</td><td>{{zone}}</td><td><time datetime="{{nextRun}}">{{nextRun}}</time></td><td><time datetime="{{last}}">{{last}}</time></td><td class="{{outcomeTone}}">{{became}}</td><td>{{note}}</td></tr>
        {{/schedules}}{{^schedules}}<tr><td colspan="9" class="quiet">No schedule yet.</td></tr>{{/schedules}}</tbody></table></div>
        {{#more}}<p class="quiet">There are more. outrider schedule list shows them.</p>{{/more}}
        </main></body></html>
        """

    static func values(
        _ schedules: [ScheduleStatus], _ acts: ScheduleActs, atMost most: Int, isRefreshing: Bool
    ) -> [String: Any] {
        var values: [String: Any] = [
            "title": "Schedules", "refreshing": isRefreshing, "schedules": schedules.map(self.values),
            "more": schedules.count == most,
        ]
        values.merge(self.values(acts)) { first, _ in first }
        if acts.obstacle == nil, !schedules.isEmpty {
            values["acts"] = [
                "tenants": Set(schedules.map(\.tenant)).sorted(), "tags": Set(schedules.flatMap(\.tags)).sorted(),
            ]
        }
        return values
    }

    /// What was done, and why nothing can be.
    static func values(_ acts: ScheduleActs) -> [String: Any] {
        var values: [String: Any] = [:]
        if let said = acts.said { values["said"] = ["text": said] }
        if let obstacle = acts.obstacle { values["obstacle"] = ["text": obstacle] }
        return values
    }

    /// One schedule; what is empty is left out.
    static func values(_ schedule: ScheduleStatus) -> [String: Any] {
        var values: [String: Any] = [
            "id": schedule.id, "name": schedule.name, "tenant": schedule.tenant, "state": schedule.state,
            "tone": tone(of: schedule.state), "words": schedule.saying,
            "cron": schedule.cron, "zone": schedule.zone, "action": schedule.action, "login": schedule.login,
            "changed": schedule.changed,
        ]
        if let next = schedule.nextRun { values["nextRun"] = next }
        if let last = schedule.lastRun { values["last"] = last }
        if let outcome = schedule.lastOutcome {
            values["became"] = outcome
            values["outcomeTone"] = tone(ofOutcome: outcome)
        }
        if !schedule.note.isEmpty { values["note"] = schedule.note }
        return values
    }

    private static func tone(of state: String) -> String {
        switch state {
        case "running": "good"
        case "paused": "bad"
        default: "quiet"
        }
    }

    static func tone(ofOutcome outcome: String) -> String {
        switch outcome {
        case "fired": "good"
        case "waiting": "busy"
        case "failed": "bad"
        default: "quiet"
        }
    }
}

/// One schedule: its rules, its times to come and those that were, and who did what to it. Never an address, never a text.
enum SchedulePage {
    static let template = """
        {{> head}}
        <header><h1>{{name}}</h1><span class="{{tone}}">{{state}}</span><a href="/schedules">All schedules</a>
        {{#refreshing}}<a href="/schedules/{{id}}">Stop refreshing</a>{{/refreshing}}
        {{^refreshing}}<a href="/schedules/{{id}}?refresh=1">Refresh every 2 s</a>{{/refreshing}}
        <a href="/schedules/{{id}}?format=json">JSON</a></header>
        <p>{{words}}, {{zone}}: makes a {{action}}. Tenant {{tenant}}; by {{login}}, {{changed}} UTC.</p>
        {{#note}}<p class="bad">{{note}}</p>{{/note}}
        {{#said}}<p class="said" role="status">{{text}}</p>{{/said}}
        {{#acts}}<h2 id="acts">What you can do</h2><div class="acts">
        {{#offers}}<a class="act{{#grave}} grave{{/grave}}" href="{{path}}">{{label}} …</a>
        {{/offers}}</div>{{/acts}}
        {{#obstacle}}<p class="quiet">{{text}}</p>{{/obstacle}}
        <div class="columns">
        <section><h2 id="nextRun">Next times</h2>
        <table aria-labelledby="nextRun"><thead><tr><th>{{zone}}</th><th>UTC</th><th>Fires (UTC)</th></tr></thead><tbody>
        {{#upcoming}}<tr><td>{{local}}</td><td><time datetime="{{nominal}}">{{nominal}}</time></td><td><time datetime="{{fires}}">{{fires}}</time></td></tr>
        {{/upcoming}}{{^upcoming}}<tr><td colspan="3" class="quiet">None that a worker has found.</td></tr>{{/upcoming}}</tbody></table></section>
        <section><h2 id="rules">Rules</h2>
        <table aria-labelledby="rules"><thead><tr><th>Rule</th><th>Is</th></tr></thead><tbody>
        {{#rules}}<tr><td>{{rule}}</td><td>{{is}}</td></tr>
        {{/rules}}</tbody></table></section>
        </div>
        <h2 id="fires">What became of its times</h2>
        <div class="wide"><table aria-labelledby="fires"><thead><tr><th>Time (UTC)</th><th>Decided (UTC)</th><th>Outcome</th><th>By</th><th>Login</th><th>Made</th><th>Reason</th></tr></thead><tbody>
        {{#fires}}<tr><td><time datetime="{{nominal}}">{{nominal}}</time></td><td><time datetime="{{decidedAt}}">{{decidedAt}}</time></td><td class="{{tone}}">{{became}}</td><td>{{cause}}</td><td>{{login}}</td><td>{{#link}}<a href="{{link}}">{{made}}</a>{{/link}}{{^link}}{{made}}{{/link}}</td><td>{{reason}}</td></tr>
        {{/fires}}{{^fires}}<tr><td colspan="7" class="quiet">None of its times has come yet.</td></tr>{{/fires}}</tbody></table></div>
        <h2 id="history">Who did what</h2>
        <div class="wide"><table aria-labelledby="history"><thead><tr><th>At (UTC)</th><th>Who</th><th>What</th><th>Why</th></tr></thead><tbody>
        {{#history}}<tr><td><time datetime="{{at}}">{{at}}</time></td><td>{{who}}</td><td>{{what}}</td><td>{{reason}}</td></tr>
        {{/history}}</tbody></table></div>
        </main></body></html>
        """

    static func values(_ report: ScheduleReport, _ acts: ScheduleActs, isRefreshing: Bool) -> [String: Any] {
        var values = ScheduleListPage.values(report.status)
        values.merge(ScheduleListPage.values(acts)) { first, _ in first }
        if !acts.offers.isEmpty {
            let offers = acts.offers.map { action in
                [
                    "path": "/schedules/\(report.status.id)/\(action.rawValue)", "label": action.label,
                    "grave": action == .drop,
                ] as [String: Any]
            }
            values["acts"] = ["offers": offers]
        }
        values["title"] = report.status.name
        values["refreshing"] = isRefreshing
        values["rules"] = rules(report.status).map { ["rule": $0.0, "is": $0.1] }
        values["upcoming"] = report.upcoming.map { ["local": $0.local, "nominal": $0.nominal, "fires": $0.fires] }
        values["fires"] = report.fires.map(self.values)
        values["history"] = report.history.map {
            ["at": $0.at, "who": $0.who, "what": $0.what, "reason": $0.reason]
        }
        return values
    }

    private static func values(_ fire: ScheduleReport.Fire) -> [String: Any] {
        var values: [String: Any] = [
            "nominal": fire.nominal, "decidedAt": fire.decided, "became": fire.outcome,
            "tone": ScheduleListPage.tone(ofOutcome: fire.outcome), "cause": fire.cause, "login": fire.login,
            "made": fire.made, "reason": fire.reason,
        ]
        if let link = fire.campaignId.map({ "/campaigns/\($0)" }) ?? fire.jobId.map({ "/jobs/\($0)" }) {
            values["link"] = link
        }
        return values
    }

    private static func rules(_ schedule: ScheduleStatus) -> [(String, String)] {
        let rules = schedule.rules
        return [
            ("expression", schedule.cron),
            ("missed", rules.missed == "all" ? "all, at most \(rules.missedLimit)" : rules.missed),
            ("catch_up", rules.catchUp ?? "the usual"), ("overlap", rules.overlap), ("on_gap", rules.onGap),
            ("on_overlap", rules.onOverlap), ("jitter", rules.jitter), ("lasts", rules.lasts ?? "without an end"),
            ("ends (UTC)", rules.ends ?? "never"), ("tags", schedule.tags.joined(separator: ", ")),
        ].filter { !$0.1.isEmpty }
    }
}
