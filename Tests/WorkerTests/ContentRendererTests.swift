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

    @Test(
        "a number stands in the text as it was written",
        arguments: [
            "12.50", "10.00", "0", "-7", "-0", "0.10", "12345678901234567890", "9223372036854775807",
            "-9223372036854775808", "123456789012345678.123456789", "1e400", "1E+2", "1.0e-7",
        ])
    func numbers(_ number: String) throws {
        let data = #"{"a":\#(number),"b":{"c":[\#(number)]}}"#
        #expect(try rendered("{{a}} {{{a}}} {{#b.c}}{{.}}{{/b.c}}", data) == .text("\(number) \(number) \(number)"))
        let variables = JobContent(
            isTemplate: true, body: "-", contentSID: "HX1", contentVariables: ["a"], dataJSON: data)
        #expect(
            try ContentRenderer().render(variables, for: .whatsapp, approved: true)
                == .contentTemplate(sid: "HX1", variables: ["1": number]))
    }

    @Test(
        "a list or an object is refused by its key where a text must stand",
        arguments: [
            ("{{list}}", "list"), ("{{{list}}}", "list"), ("{{&o}}", "o"), ("{{o.p}}", "p"), ("{{.}}", "."),
            ("{{#list}}{{.}}{{/list}}", "list"), ("{{reversed(list)}}", "list"), ("{{sorted(o)}}", "o"),
            ("{{#sorted(o)}}{{.}}{{/sorted(o)}}", "o"), ("{{#o}}{{value}}{{list}}{{/o}}", "list"),
        ])
    func refused(_ row: (template: String, key: String)) {
        let data = #"{"list":["a",["b"]],"o":{"p":{"q":1}}}"#
        #expect {
            try rendered(row.template, data)
        } throws: { error in
            String(describing: error).contains("\"\(row.key)\"")
        }
    }

    @Test(
        "sections and transforms read lists and objects",
        arguments: [
            ("{{#list}}{{.}};{{/list}}", "1;b;"), ("{{#reversed(list)}}{{.}}{{/reversed(list)}}", "b1"),
            ("{{count(list)}} {{first(list)}} {{count(o)}}", "2 1 2"), ("{{#o}}{{p}}{{/o}}{{o.p}}", "xx"),
            ("{{#sorted(o)}}{{key}}={{value}} {{/sorted(o)}}", "n=3 p=x "),
            ("{{^none}}no{{/none}}{{^o.nil}}!{{/o.nil}}", "no!"),
            ("{{#empty(list)}}e{{/empty(list)}}{{#odd(o.n)}}odd{{/odd(o.n)}}{{plusone(o.n)}}", "odd4"),
            ("{{#yes}}y{{/yes}}{{#no}}n{{/no}}{{^no}}N{{/no}}{{yes}}", "yNtrue"),
            ("{{#rows}}{{id}}:{{#tags}}{{.}}{{/tags}} {{/rows}}", "1:ab 2: "),
        ])
    func sections(_ row: (template: String, text: String)) throws {
        let data = """
            {"list":[1,null,"b"],"o":{"p":"x","n":3,"nil":null},"yes":true,"no":false,
             "rows":[{"id":1,"tags":["a","b"]},{"id":2,"tags":[]}]}
            """
        #expect(try rendered(row.template, data) == .text(row.text))
    }

    @Test("the largest number that fits does not end the worker when one is added")
    func plusOne() throws {
        _ = try rendered("{{plusone(a)}}{{minusone(b)}}", #"{"a":9223372036854775807,"b":-9223372036854775808}"#)
    }

    private func rendered(_ template: String, _ data: String = #"{"a":"1"}"#) throws -> MessageContent {
        let content = JobContent(isTemplate: true, body: template, dataJSON: data)
        return try ContentRenderer().render(content, for: .sms, approved: false)
    }
}
