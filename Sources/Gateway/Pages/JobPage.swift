import Insight

/// One job and what happened to it. Of an address it shows the shape and the hash, of the message no text.
enum JobPage {
    static let template = """
        {{> head}}
        <header><h1>Job {{id}}</h1><span class="{{tone}}">{{state}}</span><a href="/">All jobs</a><a href="/jobs/{{id}}?format=json">JSON</a></header>
        <p>{{kind}}{{#ladder}} by ladder {{ladder}}{{/ladder}}, category {{category}}{{#channel}}, channel {{channel}}{{/channel}}, {{attempts}} attempt(s){{#reason}}: {{reason}}{{/reason}}</p>
        {{#recipients}}<p>To {{text}}</p>{{/recipients}}
        <p class="said" role="status">{{why}}</p>
        <h2 id="timeline">Timeline</h2>
        <div class="wide"><table aria-labelledby="timeline"><thead><tr><th>At (UTC)</th><th class="number">Attempt</th><th class="number">Step</th><th>Channel</th><th>What</th><th>Detail</th></tr></thead><tbody>
        {{#events}}<tr><td><time datetime="{{at}}">{{at}}</time></td><td class="number">{{attempt}}</td><td class="number">{{step}}</td><td>{{channel}}</td><td>{{event}}</td><td>{{detail}}</td></tr>
        {{/events}}</tbody></table></div>
        </main></body></html>
        """

    static func values(_ timeline: JobTimeline) -> [String: Any] {
        var values = values(timeline.job)
        values["title"] = "Job \(timeline.job.id)"
        values["why"] = timeline.why
        if !timeline.recipients.isEmpty {
            values["recipients"] = ["text": timeline.recipients.joined(separator: " and ")]
        }
        values["events"] = timeline.events.map { entry in
            [
                "at": entry.at, "attempt": entry.attempt == 0 ? "" : String(entry.attempt),
                "step": entry.step.map(String.init) ?? "", "channel": entry.channel, "event": entry.event,
                "detail": entry.detail,
            ]
        }
        return values
    }

    /// One job; what is empty is left out, so that a template can ask whether it is there.
    static func values(_ job: JobLine) -> [String: Any] {
        var values: [String: Any] = [
            "id": job.id, "kind": job.kind, "category": job.category, "state": job.state, "attempts": job.attempts,
            "createdAt": job.createdAt, "tone": Tone.of(job.state),
        ]
        for (name, text) in [("ladder", job.ladder), ("channel", job.channel), ("reason", job.reason)]
        where !text.isEmpty {
            values[name] = text
        }
        return values
    }
}
