import Delivery
import JobQueue
import Providers
import Testing

@testable import Worker

@Suite("Texts made of templates")
struct ContentRendererTests {
    @Test(
        "a template without tags is said as it is, to its last character",
        arguments: ["Hi", "", "if (a) {", "Hi\n  ", "  ", "\n", "\nHi\n", "{", "a } b", "{}", "}}", "}}\u{301}"])
    func plain(_ text: String) throws {
        #expect(try rendered(text) == .text(text))
    }

    @Test(
        "what stands behind the last tag is said too",
        arguments: [
            ("{{a}} {", "1 {"), ("{{a}}\n ", "1\n "), ("{{#a}}\nx\n{{/a}}\n", "x\n"), ("{{#a}}\nx\n{{/a}}", "x\n"),
            ("{{a}}.", "1."), ("{{=<% %>=}}<%a%> <", "1 <"),
        ])
    func end(_ row: (template: String, text: String)) throws {
        #expect(try rendered(row.template) == .text(row.text))
    }

    @Test(
        "a tag that is not closed is an error, not a text without it",
        arguments: ["Hi {{", "Hi {{a", "Hi {{a}", "{{#a}}"])
    func unclosed(_ template: String) {
        #expect(throws: RenderError.self) { try rendered(template) }
    }

    private func rendered(_ template: String) throws -> MessageContent {
        let content = JobContent(isTemplate: true, body: template, dataJSON: #"{"a":"1"}"#)
        return try ContentRenderer().render(content, for: .sms, approved: false)
    }
}
