import Delivery
import Insight
import Mustache

/// The operator's pages. Every value goes through a template's escaping.
struct Pages: Sendable {
    private let library: MustacheLibrary

    /// - Throws: when a template cannot be parsed.
    init() throws {
        // In place of the library's own escaping, which goes by `Character`.
        MustacheContentTypes.register(ScalarHTML(), named: ScalarHTML.name)
        library = MustacheLibrary(
            templates: try [
                "head": PageHead.template, "overview": OverviewPage.template, "job": JobPage.template,
                "campaigns": CampaignListPage.template, "campaign": CampaignPage.template,
                "schedules": ScheduleListPage.template, "schedule": SchedulePage.template,
                "question": CampaignQuestion.template, "scheduleQuestion": ScheduleQuestion.template,
                "people": PeoplePage.template, "optouts": OptOutListPage.template, "optout": OptOutPage.template,
                "message": MessagePage.template, "refusal": RefusalPage.template,
                "unsubscribe": UnsubscribePage.question, "unsubscribed": UnsubscribePage.done,
                "unsubscribe refused": UnsubscribePage.refused,
            ].mapValues { template in
                // In each of them, for a page does not hand it on to its head.
                try MustacheTemplate(string: "{{% CONTENT_TYPE:\(ScalarHTML.name)}}\n" + template)
            })
    }

    func overview(_ summary: Summary, isRefreshing: Bool) -> String {
        render("overview", OverviewPage.values(summary, isRefreshing: isRefreshing))
    }

    func job(_ timeline: JobTimeline) -> String { render("job", JobPage.values(timeline)) }

    func campaigns(_ campaigns: [CampaignProgress], isRefreshing: Bool) -> String {
        render("campaigns", CampaignListPage.values(campaigns, isRefreshing: isRefreshing))
    }

    func campaign(_ report: CampaignReport, _ acts: CampaignActs, isRefreshing: Bool) -> String {
        render("campaign", CampaignPage.values(report, acts, isRefreshing: isRefreshing))
    }

    func question(_ question: CampaignQuestion) -> String { render("question", question.values) }

    /// Why something was not done, and the way back.
    func refusal(_ text: String, back: String) -> String {
        render("refusal", ["title": "Not done", "text": text, "back": back])
    }

    func schedules(
        _ schedules: [ScheduleStatus], _ acts: ScheduleActs, atMost most: Int, isRefreshing: Bool
    ) -> String {
        render("schedules", ScheduleListPage.values(schedules, acts, atMost: most, isRefreshing: isRefreshing))
    }

    func schedule(_ report: ScheduleReport, _ acts: ScheduleActs, isRefreshing: Bool) -> String {
        render("schedule", SchedulePage.values(report, acts, isRefreshing: isRefreshing))
    }

    func question(_ question: ScheduleQuestion) -> String { render("scheduleQuestion", question.values) }

    func question(_ question: ManySchedulesQuestion) -> String { render("scheduleQuestion", question.values) }

    func people(_ found: PersonJobs? = nil, problem: String? = nil) -> String {
        render("people", PeoplePage.values(found, problem: problem))
    }

    func optOuts(_ wishes: [OpenWish], said: String?, obstacle: String?, atMost most: Int) -> String {
        render("optouts", OptOutListPage.values(wishes, said: said, obstacle: obstacle, atMost: most))
    }

    func optOut(_ wish: OpenWish, tokens: [WishVerdict: String], problem: String?) -> String {
        render("optout", OptOutPage.values(wish, tokens: tokens, problem: problem))
    }

    func message(_ text: String) -> String { render("message", ["title": text, "text": text]) }

    func render(_ name: String, _ values: [String: Any]) -> String {
        library.render(values, withTemplate: name) ?? ""
    }
}

/// Escapes each scalar that means something in HTML, whatever follows it.
private struct ScalarHTML: MustacheContentType {
    static let name = "HTML"

    func escapeText(_ text: String) -> String { Markup.html(text) }
}

/// What every page begins with. No script, nothing loaded from elsewhere.
enum PageHead {
    static let template = """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>{{title}} · Outrider</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        {{#refreshing}}<meta http-equiv="refresh" content="2">{{/refreshing}}
        <style>
        :root { color-scheme: light dark; --line: #8884; --quiet: #6b7280; --good: #15803d; --bad: #b91c1c; --busy: #1d4ed8 }
        @media (prefers-color-scheme: dark) { :root { --quiet: #9ca3af; --good: #4ade80; --bad: #f87171; --busy: #93c5fd } }
        body { font: 15px/1.5 system-ui, sans-serif; margin: 0 }
        main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
        h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1rem; margin: 2rem 0 .5rem }
        header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: baseline }
        .quiet { color: var(--quiet) } .good { color: var(--good) } .bad { color: var(--bad) } .busy { color: var(--busy) }
        .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 0 2.5rem }
        table { border-collapse: collapse; width: 100% } caption { text-align: left; color: var(--quiet) }
        th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
        th { font-weight: 600 } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
        progress { width: 100%; height: .8rem; accent-color: var(--busy) }
        .acts { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center } .acts form { display: flex; gap: .25rem }
        button, a.act, input { font: inherit; padding: .3rem .8rem; border: 1px solid var(--line); border-radius: .3rem }
        button, a.act { background: #8882; color: inherit; text-decoration: none; cursor: pointer }
        button:hover, a.act:hover { border-color: currentColor } .grave { color: var(--bad) !important }
        input { background: transparent; color: inherit } .said { border-left: 3px solid var(--good); padding-left: .75rem }
        .facts { width: auto } .facts th { padding-right: 2rem } figure { margin: 0 } svg { max-width: 100%; height: auto } pre { white-space: pre-wrap; border-left: 3px solid var(--line); padding-left: .75rem }
        .wide { overflow-x: auto } time { font-variant-numeric: tabular-nums; white-space: nowrap }
        </style></head><body><main>
        """
}

/// One sentence, when there is nothing else to show.
enum MessagePage {
    static let template = """
        {{> head}}
        <h1>{{text}}</h1>
        <p><a href="/">All jobs</a></p>
        </main></body></html>
        """
}

/// Why something was not done.
enum RefusalPage {
    static let template = """
        {{> head}}
        <h1>Not done</h1>
        <p class="bad" role="alert">{{text}}</p>
        <p><a href="{{back}}">Back</a></p>
        </main></body></html>
        """
}

/// The colour of a state. The word always stands beside it.
enum Tone {
    static func of(_ state: String) -> String {
        switch Outcome(rawValue: state) {
        case .delivered: "good"
        case .exhausted, .unknown, .expired: "bad"
        case .unconfirmed, .optedOut, .canceled: "quiet"
        case nil:
            switch JobState(rawValue: state) {
            case .held: "bad"
            case .scheduled, .queued, .deferred, .sending, .waiting: "busy"
            case nil: "quiet"
            }
        }
    }
}
