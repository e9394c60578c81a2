import Delivery
import Testing

@Suite("Placeholders")
struct PlaceholderScanTests {
    @Test(
        "needed are the variables outside every section, once each, in order",
        arguments: [
            ("", []),
            ("no tags } { {x}", []),
            ("Hi {{name}}, {{ code }}!", ["name", "code"]),
            ("{{b}}{{a}}{{b}}", ["b", "a"]),
            ("{{{html}}} {{&raw}} {{& spaced }}", ["html", "raw", "spaced"]),
            ("{{! a comment with name }}{{x}}", ["x"]),
            ("{{!\n{{x\n}}", []),
            ("{{#items}}{{name}}{{/items}}{{total}}", ["total"]),
            ("{{^items}}{{none}}{{/items}}", []),
            ("{{#a}}{{#b}}{{x}}{{/b}}{{y}}{{/a}}{{z}}", ["z"]),
            ("{{#a}}{{x}}{{/a}}{{x}}", ["x"]),
            ("{{$block}}{{x}}{{/block}}{{<parent}}{{y}}{{/parent}}{{z}}", ["z"]),
            ("{{>partial}}{{.}}{{order.total}}", ["order.total"]),
            ("{{uppercased(name)}} {{#list}}{{last()}}{{/list}}", ["name"]),
            ("{{first(sorted(list))}}", ["list"]),
            ("{{%CONTENT_TYPE:TEXT}}{{x}}", ["x"]),
            ("{{=<% %>=}}<% a %>{{b}}<%={{ }}=%>{{c}}", ["a", "c"]),
            ("{{=broken}}{{x}}", ["x"]),
            ("{{}}{{ }}{{x}}", ["x"]),
            ("{{a}} {{unclosed", ["a"]),
            ("{{{unclosed}} {{x}}", []),
            ("{{/a}}{{x}}", ["x"]),
            ("{{#a}}{{x}}", []),
            ("{{naïve}} {{👍}}", ["naïve", "👍"]),
        ] as [(String, [String])])
    func names(_ row: (template: String, names: [String])) {
        #expect(PlaceholderScan(row.template).names == row.names)
    }

    @Test(
        "other templates that a template asks for are named, whatever its delimiters",
        arguments: [
            ("A {{>nest}} B", ["nest"]), ("{{> a }}{{<b}}{{$c}}x{{/c}}{{/b}}", ["a", "b"]), ("{{! >a }}{{x}}", []),
            ("{{=<% %>=}}<%>a%>{{>b}}", ["a"]), ("{{#s}}{{>*a}}{{/s}}", ["*a"]), ("a > b < c", []),
            ("{{ > a }}{{x}}", ["a"]),
            ("{{ <b}}{{/b}}", ["b"]), ("{{\n>a}}", ["a"]),
        ])
    func partials(_ row: (template: String, partials: [String])) {
        #expect(PlaceholderScan(row.template).partials == row.partials)
    }

    @Test("a mark behind a space is none, and its tag is named as it should be written")
    func misplacedMarks() {
        let scan = PlaceholderScan("{{ #a }}x{{ / a}}{{ ^b}}{{\t&c}}{{ ! note}}{{d}}")
        #expect(scan.misplacedMarks == ["#a", "/a", "^b", "&c", "!note"])
        #expect(scan.names == ["d"])
        #expect(PlaceholderScan("{{#a}}{{ x }}{{/a}}{{& y}}").misplacedMarks == [])
    }

    @Test("missing keys are reported by name, a dotted one by its first part")
    func missing() {
        let scan = PlaceholderScan("{{name}} {{order.total}} {{order.id}} {{code}}")
        #expect(scan.missing(from: ["name", "order", "code", "other"]) == [])
        #expect(scan.missing(from: ["order"]) == ["name", "code"])
        #expect(scan.missing(from: ["total"]) == ["name", "order.total", "order.id", "code"])
    }

    @Test("no text makes the scan fail or run away")
    func anything() {
        var random = SplitMix64(seed: 3)
        let pieces = [
            "{", "}", "{{", "}}", "{{{", "}}}", "#", "/", "^", "=", "a", " ", "(", ")", "&", "!", "<", "%", "\r\n",
        ]
        for _ in 0..<2_000 {
            let text = (0..<30).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            #expect(PlaceholderScan(text).names.allSatisfy { !$0.isEmpty })
        }
    }
}
