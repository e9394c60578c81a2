import Delivery
import Insight

/// Counts by state and channel, and the newest jobs.
enum OverviewPage {
    static let template = """
        {{> head}}
        <header><h1>Outrider</h1>
        <span>{{workers}} worker{{^oneWorker}}s{{/oneWorker}} alive</span>
        {{#overdue}}<span class="bad">oldest due row is {{overdue}} s late</span>{{/overdue}}
        {{#held}}<span class="bad">{{held}} held for a person</span>{{/held}}
        {{#refreshing}}<a href="/">Stop refreshing</a>{{/refreshing}}
        {{^refreshing}}<a href="/?refresh=1">Refresh every 2 s</a>{{/refreshing}}
        <a href="/campaigns">Campaigns</a><a href="/schedules">Schedules</a><a href="/optouts">Opt-outs</a><a href="/people">Find a person</a><a href="/?format=json">JSON</a></header>
        {{#troubles}}<p class="bad" role="alert"><strong>{{text}}</strong>, for {{seconds}} s. {{remedy}}</p>
        {{/troubles}}{{#uncounted}}<p class="bad">Not counted in time: {{uncounted}}. What is shown is right.</p>{{/uncounted}}
        <div class="columns">
        <section><h2 id="states">Where jobs are</h2>
        <table aria-labelledby="states"><thead><tr><th>State</th><th class="number">Jobs</th><th>Share</th></tr></thead><tbody>
        {{#states}}<tr><td>{{name}}</td><td class="number">{{^exact}}at least {{/exact}}{{count}}</td><td><progress max="{{total}}" value="{{count}}" aria-label="{{name}}">{{count}} of {{total}}</progress></td></tr>
        {{/states}}</tbody></table></section>
        <section><h2 id="outcomes">How jobs ended, last 24 hours</h2>
        <table aria-labelledby="outcomes"><thead><tr><th>Outcome</th><th>Last channel</th><th class="number">Jobs</th><th>Share</th></tr></thead><tbody>
        {{#outcomes}}<tr><td class="{{tone}}">{{name}}</td><td>{{channel}}</td><td class="number">{{^exact}}at least {{/exact}}{{count}}</td><td><progress max="{{total}}" value="{{count}}" aria-label="{{name}} {{channel}}">{{count}} of {{total}}</progress></td></tr>
        {{/outcomes}}{{^outcomes}}<tr><td colspan="4" class="quiet">None yet.</td></tr>{{/outcomes}}</tbody></table></section>
        </div>
        <h2 id="jobs">Newest jobs</h2>
        <div class="wide"><table aria-labelledby="jobs"><thead><tr><th>Job</th><th>Asked</th><th>Kind</th><th>Category</th><th>Channel</th><th>State</th><th class="number">Attempts</th><th>Reason</th></tr></thead><tbody>
        {{#jobs}}<tr><td><a href="/jobs/{{id}}">{{id}}</a></td><td><time datetime="{{createdAt}}">{{createdAt}}</time></td><td>{{kind}}{{#ladder}} · {{ladder}}{{/ladder}}</td><td>{{category}}</td><td>{{channel}}</td><td class="{{tone}}">{{state}}</td><td class="number">{{attempts}}</td><td>{{reason}}</td></tr>
        {{/jobs}}{{^jobs}}<tr><td colspan="8" class="quiet">No job yet.</td></tr>{{/jobs}}</tbody></table></div>
        </main></body></html>
        """

    static func values(_ summary: Summary, isRefreshing: Bool) -> [String: Any] {
        let ended = summary.outcomes.reduce(0) { $0 + $1.count }
        let total = max(1, summary.states.reduce(ended) { $0 + $1.count })
        var values: [String: Any] = [
            "title": "Jobs", "refreshing": isRefreshing, "workers": summary.workers.count,
            "oneWorker": summary.workers.count == 1,
            "troubles": summary.troubles.map {
                ["text": $0.text, "remedy": $0.remedy, "seconds": Int($0.seconds)] as [String: Any]
            },
            "states": summary.states.map {
                ["name": $0.state, "count": $0.count, "total": total, "exact": $0.isExact] as [String: Any]
            },
            "outcomes": summary.outcomes.map {
                [
                    "name": $0.outcome, "channel": $0.channel, "count": $0.count, "total": total, "exact": $0.isExact,
                    "tone": Tone.of($0.outcome),
                ] as [String: Any]
            },
            "jobs": summary.recentJobs.map(JobPage.values),
        ]
        if let late = summary.oldestOverdueSeconds, late >= 5 { values["overdue"] = Int(late) }
        if !summary.uncounted.isEmpty {
            values["uncounted"] = summary.uncounted.map(\.rawValue).joined(separator: ", ")
        }
        if summary.held > 0 { values["held"] = summary.held }
        return values
    }
}
