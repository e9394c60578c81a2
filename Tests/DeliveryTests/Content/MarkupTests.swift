import Delivery
import Testing

/// What makes one `Character` of a special character and itself: behind it, or before it.
let joiners = [
    "\u{301}", "\u{1082}", "\u{200D}", "\u{FE0F}", "\u{FE0E}", "\u{20E3}", "\u{903}", "\u{1F3FB}", "\u{E0067}",
    "\u{200C}",
    "\u{34F}", "\u{338}",
]
let prepended = ["\u{600}", "\u{110BD}"]

@Suite("Escaping goes by scalar")
struct MarkupTests {
    @Test(
        "each special character is escaped, whatever stands behind or before it",
        arguments: joiners + prepended, ["<", ">", "&", "\"", "'"])
    func special(_ mark: String, _ special: String) {
        for text in [special + mark, mark + special, special + mark + special, "a" + special + mark + mark] {
            for escaped in [Markup.html(text), Markup.xml(text)] {
                #expect(!escaped.utf8.contains { "<>\"'".utf8.contains($0) })
                // Each & begins an entity: as many as there were special characters.
                let specials = text.unicodeScalars.count { "<>&\"'".unicodeScalars.contains($0) }
                #expect(escaped.utf8.count { $0 == UInt8(ascii: "&") } == specials)
                #expect(escaped.utf8.count { $0 == UInt8(ascii: ";") } == specials)
            }
        }
    }

    @Test("a JSON text stays one, whatever stands behind its quotation marks", arguments: joiners + prepended)
    func json(_ mark: String) throws {
        for text in ["\"\(mark)", "\\\(mark)", "\(mark)\"\(mark),", "{\(mark)}\(mark)"] {
            let value = JSON.object([.init(name: text, value: .string(text))])
            #expect(JSON(parsing: value.encoded) == value)
        }
        // The reader takes a comma with a mark behind it for a comma, and then something that is no value.
        #expect(JSON(parsing: Array("[1,\(mark)2]".utf8)) == nil)
        #expect(JSON(parsing: Array("[\"\(mark)\",\"\"]".utf8))?.array?.count == 2)
    }

    @Test("members of a JSON object are told by their bytes, as PostgreSQL tells them")
    func names() {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        let value = JSON(parsing: Array("{\"\(decomposed)\":1,\"\(composed)\":2,\"\u{212A}\":3}".utf8))
        #expect(value?[composed]?.integer == 2)
        #expect(value?[decomposed]?.integer == 1)
        #expect(value?["K"] == nil)
        let one = JSON(parsing: Array("{\"\(decomposed)\":1,\"\(composed)\":2}".utf8), members: [composed])
        #expect(one?[composed]?.integer == 2)
        #expect(one?[decomposed] == nil)
    }

    @Test("a field of a CSV file ends at its comma, whatever stands behind it", arguments: joiners)
    func csv(_ mark: String) throws {
        var reader = CSVReader("a,\(mark)b,\"c\"\"\(mark)\",d\n".utf8.makeIterator())
        let record = try #require(try reader.next())
        #expect(record.fields.elementsEqual(["a", "\(mark)b", "c\"\(mark)", "d"]) { $0.hasBytes(of: $1) })
    }

    @Test("a tag ends at its braces, whatever stands behind or before them", arguments: joiners + prepended)
    func tags(_ mark: String) {
        #expect(PlaceholderScan("{{a}}\(mark) {{b}}").names == ["a", "b"])
        #expect(PlaceholderScan("\(mark){{a}}\(mark)").names == ["a"])
        #expect(PlaceholderScan("{{>a}}\(mark)").partials == ["a"])
    }

    @Test("small letters are made of A to Z alone")
    func ascii() {
        #expect("ANN@Example.COM".asciiLowercased == "ann@example.com")
        #expect("\u{212A}\u{130}".asciiLowercased.hasBytes(of: "\u{212A}\u{130}"))
        #expect(!"\u{E9}".hasBytes(of: "e\u{301}"))
    }
}
