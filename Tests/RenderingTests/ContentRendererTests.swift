import Delivery
import JobQueue
import Providers
import Testing

@testable import Rendering

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

    @Test(
        "no value ends an attribute of a mail, whatever mark stands behind its quotes",
        arguments: Self.joiners, ["\"", "'", "<", ">", "&"])
    func attributes(_ mark: String, _ special: String) throws {
        let value = "x" + special + mark + "y" + mark + special
        let data = String(decoding: JSON.object([.init(name: "x", value: .string(value))]).encoded, as: UTF8.self)
        for template in [
            "<a title=\"{{x}}\">", "{{% CONTENT_TYPE:HTML}}<a title=\"{{x}}\">", "<a title=\"{{x}}\(mark)\">",
        ] {
            let content = JobContent(isTemplate: true, body: "-", html: template, dataJSON: data)
            guard case .email(_, _, let html?) = try ContentRenderer().render(content, for: .email, approved: false)
            else {
                Issue.record("no HTML")
                return
            }
            let inner = String(html.unicodeScalars.drop { $0 != "\"" }.dropFirst().dropLast(2))
            #expect(!inner.utf8.contains { "<>\"'".utf8.contains($0) })
            #expect(inner.unicodeScalars.starts(with: Markup.html(value).unicodeScalars))
        }
    }

    @Test("a tag is one, whatever mark stands behind or before its braces", arguments: Self.joiners)
    func marks(_ mark: String) throws {
        for (template, text) in [
            ("{{a}}\(mark)", "1\(mark)"), ("\(mark){{a}} \(mark)", "\(mark)1 \(mark)"),
            ("{{#a}}\(mark)x{{/a}}\(mark)", "\(mark)x\(mark)"),
            ("#\(mark) {{{a}}}\(mark)\(Self.noncharacter)", "#\(mark) 1\(mark)\(Self.noncharacter)"),
            ("{{a}}\r\n\(mark)", "1\r\n\(mark)"),
        ] {
            guard case .text(let made, _) = try rendered(template) else { continue }
            #expect(made.hasBytes(of: text))
        }
        #expect(throws: RenderError.self) { try rendered("{{a\(mark)}}") }
        #expect(throws: RenderError.self) { try rendered("{{\(mark)a}}") }
    }

    @Test("a subject is one line, whatever stands around its line ends", arguments: Self.joiners)
    func subjects(_ mark: String) throws {
        for end in ["\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{B}"] {
            let content = JobContent(
                isTemplate: true, body: "b", subject: "{{a}}",
                dataJSON: String(
                    decoding: JSON.object([.init(name: "a", value: .string("x\(mark)\(end)\(mark)y"))]).encoded,
                    as: UTF8.self))
            guard case .email(let subject, _, _) = try ContentRenderer().render(content, for: .email, approved: false)
            else { continue }
            #expect(subject.hasBytes(of: "x\(mark) \(mark)y"))
        }
    }

    @Test("a subject made of a text is short, however many marks its letters have")
    func longSubject() {
        let letter = "a" + String(repeating: "\u{301}", count: 30)
        let subject = ContentRenderer.subject(from: String(repeating: letter, count: 100) + "\nmore")
        #expect(subject.unicodeScalars.count <= 78)
        #expect(subject.hasSuffix("…"))
        #expect(ContentRenderer.subject(from: String(repeating: "x", count: 79)).count == 78)
    }

    @Test(
        "a template that asks for another one is refused, for there is none to include",
        arguments: [
            "A {{>nest}} B", "{{<nest}}{{/nest}}", "{{=<% %>=}}<%>nest%>", "{{#a}}{{>nest}}{{/a}}", "A {{ > nest }} B",
        ])
    func partials(_ template: String) {
        let error = #expect(throws: RenderError.self) { try rendered(template) }
        #expect(
            error?.description
                == "the template asks for another one by {{>nest}}; none can be included: write its text there")
    }

    @Test("a tag with a space before its mark is refused with the way to write it")
    func misplacedMark() {
        let error = #expect(throws: RenderError.self) { try rendered("A {{ #list }}x{{/list}}") }
        #expect(error?.description == "the template has a space before a mark: write {{#list}}")
    }

    @Test("two spellings of one letter are two keys")
    func keys() throws {
        let content = JobContent(
            isTemplate: true, body: "-", contentSID: "HX1", contentVariables: ["e\u{301}", "\u{E9}"],
            dataJSON: "{\"\u{E9}\":\"2\",\"e\u{301}\":\"1\"}")
        #expect(
            try ContentRenderer().render(content, for: .whatsapp, approved: true)
                == .contentTemplate(sid: "HX1", variables: ["1": "1", "2": "2"]))
    }

    /// What the renderer itself would put in.
    private static let noncharacter = Unicode.Scalar(0xFDD0 as UInt32).map { String(Character($0)) } ?? ""

    /// Behind a special character, each makes one `Character` with it; the last two before it.
    private static let joiners = [
        "\u{301}", "\u{1082}", "\u{200D}", "\u{FE0F}", "\u{20E3}", "\u{903}", "\u{1F3FB}", "\u{338}", "\u{600}",
        "\u{110BD}",
    ]

    @Test("WhatsApp is asked for no template with an empty variable: it would take it and refuse it then")
    func emptyVariable() throws {
        for value in ["", " ", "\\n\\t", "\u{200B}"] {
            let content = JobContent(
                contentSID: "HX1", contentVariables: ["name"], dataJSON: #"{"name": "\#(value)"}"#)
            let error = #expect(throws: RenderError.self) {
                try ContentRenderer().render(content, for: .whatsapp, approved: true)
            }
            #expect(error?.description.contains("nothing at \"name\"") == true)
            #expect(throws: Never.self) { try ContentRenderer().render(content, for: .sms, approved: true) }
        }
    }

    private func rendered(_ template: String, _ data: String = #"{"a":"1"}"#) throws -> MessageContent {
        let content = JobContent(isTemplate: true, body: template, dataJSON: data)
        return try ContentRenderer().render(content, for: .sms, approved: false)
    }
}
