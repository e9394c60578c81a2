import Insight
import Mustache

/// The operator's pages. Every value goes through a template's escaping.
struct Pages: Sendable {
    private let library: MustacheLibrary

    /// - Throws: when a template cannot be parsed.
    init() throws {
        library = MustacheLibrary(templates: [
            "head": try MustacheTemplate(string: PageHead.template),
            "overview": try MustacheTemplate(string: OverviewPage.template),
            "job": try MustacheTemplate(string: JobPage.template),
            "message": try MustacheTemplate(string: MessagePage.template),
        ])
    }

    func overview(_ summary: Summary, isRefreshing: Bool) -> String {
        render("overview", OverviewPage.values(summary, isRefreshing: isRefreshing))
    }

    func job(_ timeline: JobTimeline) -> String { render("job", JobPage.values(timeline)) }

    func message(_ text: String) -> String { render("message", ["title": text, "text": text]) }

    private func render(_ name: String, _ values: [String: Any]) -> String {
        library.render(values, withTemplate: name) ?? ""
    }
}
