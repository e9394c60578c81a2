import Delivery
import Insight
import JobQueue

/// Asks whether something is to be done to a schedule, with what it makes and the times that speak for or against it.
struct ScheduleQuestion {
    let action: ScheduleAction
    /// With its definition.
    let report: ScheduleReport
    /// What was wrong with the form.
    var problem: String?
    /// Of a backfill: what was written, and what that would fire.
    var span: BackfillSpan?
    var outlook: BackfillOutlook?
    /// Of the form that does it; without one it only asks.
    var token = ""

    /// Whether it can be done as it stands.
    var isComplete: Bool { action != .backfill || outlook != nil }

    static let template = """
        {{> head}}
        <header><h1>{{label}}: {{name}}?</h1><a href="{{back}}">Back, and change nothing</a></header>
        {{#problem}}<p class="bad" role="alert">{{text}}</p>{{/problem}}
        <p>{{meaning}}</p>
        <table class="facts"><tbody>
        {{#facts}}<tr><th scope="row">{{name}}</th><td>{{value}}</td></tr>
        {{/facts}}</tbody></table>
        {{#times}}<h2 id="times">{{title}}</h2>
        <table aria-labelledby="times"><thead><tr><th>{{first}}</th><th>{{second}}</th></tr></thead><tbody>
        {{#rows}}<tr><td>{{first}}</td><td>{{second}}</td></tr>
        {{/rows}}</tbody></table>{{/times}}
        {{#ask}}<form method="get" action="{{path}}"><p><label>From <input name="from" required maxlength="40" value="{{from}}" placeholder="2026-11-01 09:00+01"></label> <label>until <input name="until" required maxlength="40" value="{{until}}"></label> <button>Count them</button></p>
        <p class="quiet">Both included, in UTC where no offset is written; at most 366 days.</p></form>{{/ask}}
        {{#send}}<form method="post" action="{{path}}"><input type="hidden" name="token" value="{{token}}">
        <p>{{#why}}<label>Why, kept with your name: <input name="reason"{{#needed}} required{{/needed}} maxlength="500" size="50"></label> {{/why}}<button class="{{#grave}}grave{{/grave}}">{{confirmation}}</button></p>
        </form>{{/send}}
        </main></body></html>
        """

    var values: [String: Any] {
        let (schedule, path) = (report.status, "/schedules/\(report.status.id)")
        var values = Self.values(action, schedule.name, back: path, facts: facts)
        if let problem { values["problem"] = ["text": problem] }
        values["times"] = times
        if action == .backfill {
            values["ask"] = [
                "path": "\(path)/\(action.rawValue)", "from": span?.from ?? "", "until": span?.until ?? "",
            ]
        }
        if isComplete {
            let query = action == .backfill ? span.map { "?\($0.query)" } ?? "" : ""
            values["send"] = Self.send(action, "\(path)/\(action.rawValue)\(query)", token)
        }
        return values
    }

    fileprivate static func values(
        _ action: ScheduleAction, _ name: String, back: String, facts: [(String, String)]
    ) -> [String: Any] {
        [
            "title": "\(action.label): \(name)", "label": action.label, "name": name, "back": back,
            "meaning": action.meaning, "facts": facts.map { ["name": $0.0, "value": $0.1] },
        ]
    }

    fileprivate static func send(_ action: ScheduleAction, _ path: String, _ token: String) -> [String: Any] {
        var send: [String: Any] = [
            "path": path, "token": token, "confirmation": action.confirmation, "grave": action == .drop,
        ]
        if action.takesReason { send["why"] = ["needed": action.needsReason] }
        return send
    }

    private var facts: [(String, String)] {
        let schedule = report.status
        var facts = [
            ("Says", "\(schedule.saying), \(schedule.zone)"), ("Tenant", schedule.tenant), ("State", schedule.state),
            ("Makes", ([schedule.action] + report.content.map { "\($0.name) \($0.value)" }).joined(separator: ", ")),
        ]
        switch action {
        case .pause, .resume, .drop: break
        case .trigger:
            facts.append(("Would fire", "once, now: one \(schedule.action)"))
            facts.append(("Where what it made has not ended", Self.overlap(schedule.rules.overlap)))
        case .backfill:
            guard let outlook, let span else { break }
            let more = outlook.hasMore ? "more than " : ""
            facts.append(("From", span.from))
            facts.append(("Until", span.until))
            facts.append(("Times", "\(more)\(outlook.times), of which \(outlook.fired) fired already"))
            let left = outlook.times - outlook.fired
            facts.append(("Would fire", "\(more)\(left): a \(schedule.action) each"))
        }
        return facts
    }

    private static func overlap(_ rule: String) -> String {
        switch rule {
        case "skip": "it does not fire"
        case "wait_one": "it waits for that"
        default: "it fires beside it"
        }
    }

    private var times: [String: Any] {
        if let outlook {
            return Self.times(
                "The first that would fire", report.status.zone, outlook.first.map { ($0.local, $0.fires) })
        }
        let next = report.upcoming.prefix(3).map { ($0.local, $0.fires) }
        return Self.times(
            "Next times", report.status.zone, next.isEmpty ? [("None that a worker has found.", "")] : next)
    }

    private static func times(_ title: String, _ zone: String, _ rows: [(String, String)]) -> [String: Any] {
        [
            "title": title, "first": zone, "second": "Fires (UTC)",
            "rows": rows.map { ["first": $0.0, "second": $0.1] },
        ]
    }
}

/// Asks whether the schedules of a tenant, or those with a tag, are to be paused or resumed.
struct ManySchedulesQuestion {
    let action: ScheduleAction
    let choice: ScheduleTags
    /// Those that it would change.
    let schedules: [ScheduleStatus]
    let token: String

    private static let mostShown = 100

    var values: [String: Any] {
        let name = choice.tag.map { "all with the tag \($0)" } ?? "all of \(choice.tenant)"
        var values = ScheduleQuestion.values(
            action, name, back: "/schedules",
            facts: [("Tenant", choice.tenant), ("Schedules that it changes", "\(schedules.count)")])
        let rows = schedules.prefix(Self.mostShown).map { schedule in
            [
                "first": "\(schedule.name), \(schedule.saying)",
                "second": schedule.nextLocal.map { "\($0), \(schedule.zone)" } ?? "",
            ]
        }
        let more = schedules.count > Self.mostShown ? [["first": "and more", "second": ""]] : []
        values["times"] =
            ["title": "Which", "first": "Schedule", "second": "Next time", "rows": rows + more] as [String: Any]
        values["send"] = ScheduleQuestion.send(action, "/schedules/\(action.rawValue)?\(choice.query)", token)
        return values
    }
}
