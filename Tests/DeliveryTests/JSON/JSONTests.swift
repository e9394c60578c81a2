import Delivery
import Testing

@Suite("JSON, read by bytes")
struct JSONTests {
    @Test(
        "what RFC 8259 allows is read as it is written",
        arguments: [
            (" null ", .null), ("true", .bool(true)), ("false", .bool(false)), ("\t[\r\n] ", []), ("{ }", [:]),
            ("0", .number("0")), ("-0", .number("-0")), ("12.50", .number("12.50")), ("1E+5", .number("1E+5")),
            ("12345678901234567890", .number("12345678901234567890")), ("10e-400", .number("10e-400")),
            (#""""#, ""), (#""a / b""#, "a / b"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""x\ud83d\udC4By👋\u0000""#, "x👋y👋\0"),
            ("\"\u{7f}\u{2028}\"", "\u{7f}\u{2028}"),
            ("[1,[null,\"a\"] , {}]", [.number("1"), [.null, "a"], [:]]),
            (#"{"b":1 ,"a":{"é":[true]},"":""}"#, ["b": .integer(1), "a": ["é": [.bool(true)]], "": ""]),
            (#"{"a":1,"a":2}"#, ["a": .integer(1), "a": .integer(2)]),
        ] as [(String, JSON)])
    func accepted(_ row: (text: String, value: JSON)) {
        #expect(JSON(parsing: Array(row.text.utf8)) == row.value)
        #expect(JSON(parsing: Array(row.text.utf8), members: []) != nil)
    }

    @Test(
        "anything else is refused, also where nobody asks for it",
        arguments: [
            "", " ", "nul", "nulL", "True", "truefalse", "1 2", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{",
            "{\"a\"",
            "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{'a':1}", "{1:1}", "{\"a\" 1}",
            "{\"a\":1 \"b\":2}", "{]", "[}",
            "01", "-", "-a", "+1", ".5", "1.", "1.e5", "1e", "1e+", "0x10", "1_0", "NaN", "Infinity", "--1", "00",
            "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u", "\"a\nb\"", "\"\u{1}\"", "\"a\0b\"",
            "\0",
            #""\ud800""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud800x""#, #""\ud800\n""#, "\u{FEFF}1", "1\0",
            "// a\n1", "[1]]",
        ])
    func refused(_ text: String) {
        #expect(JSON(parsing: Array(text.utf8)) == nil)
        let nested = Array(#"{"wanted":1,"other":[\#(text)]}"#.utf8)
        #expect(text.allSatisfy(\.isWhitespace) || JSON(parsing: nested, members: ["wanted"]) == nil)
    }

    @Test(
        "bytes that are not UTF-8 are refused in any text",
        arguments: [
            [0xFF], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF5, 0x80, 0x80, 0x80], [0x80],
        ] as [[UInt8]])
    func notUTF8(_ bytes: [UInt8]) {
        for text in [
            Array("\"".utf8) + bytes + Array("\"".utf8), Array(#""\n"#.utf8) + bytes + Array("\\u0082\"".utf8),
        ] {
            #expect(JSON(parsing: text) == nil)
            #expect(JSON(parsing: Array("{\"a\":".utf8) + text + Array("}".utf8), members: []) == nil)
            #expect(JSON(parsing: Array("{".utf8) + text + Array(":1}".utf8), members: []) == nil)
        }
    }

    @Test("128 levels are read, and no more")
    func depth() {
        func list(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(JSON(parsing: list(128)) != nil)
        #expect(JSON(parsing: list(129)) == nil)
        #expect(JSON(parsing: list(129), members: []) == nil)
        #expect(JSON(parsing: Array(repeating: UInt8(ascii: "["), count: 1_000_000)) == nil)
        #expect(JSON(parsing: Array(String(repeating: #"{"a":"#, count: 100_000).utf8)) == nil)
    }

    @Test("of an object, the members that are asked for are read, and nothing within the others")
    func members() {
        let text =
            #"{"a":{"sid":"no"},"sid":"SM1","code":null,"more":[{"code":1}],"s\u0069d":"second","list":[{"x":1}]}"#
        let read = JSON(parsing: Array(text.utf8), members: ["sid", "code", "list", "missing"])
        #expect(read == ["sid": "SM1", "code": .null, "sid": "second", "list": [["x": .integer(1)]]])
        #expect(read?["sid"]?.string == "SM1")
        #expect(read?["missing"] == nil)
        #expect(JSON(parsing: Array(#"[{"sid":1}]"#.utf8), members: ["sid"]) == [])
    }

    @Test("a whole number has neither a fraction nor an exponent")
    func integers() {
        #expect(JSON.number("30003").integer == 30_003)
        #expect(JSON.number("-7").integer == -7)
        for other in [JSON.number("1.0"), .number("1e3"), .number("9223372036854775808"), "7", .null] {
            #expect(other.integer == nil)
        }
    }

    @Test(
        "what is written is read as the same value",
        arguments: [
            "a\"b\\c/\u{8}\u{C}\n\r\t\u{0}\u{1f}\u{7f}é👋", [.null, .bool(false), .number("12.50"), [[:]]],
            ["b": ["x": "", "": .integer(-1)], "a": []],
        ] as [JSON])
    func written(_ value: JSON) {
        #expect(JSON(parsing: value.encoded) == value)
    }

    @Test("text is written without white space, in the order of its members")
    func compact() {
        let value: JSON = ["b": [.integer(1), "a/\u{1}\n"], "a": .bool(true)]
        #expect(String(decoding: value.encoded, as: UTF8.self) == #"{"b":[1,"a/\u0001\n"],"a":true}"#)
    }
}
