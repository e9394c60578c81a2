import Delivery
import Foundation
import Logging
import Testing

@testable import OutriderCLI

@Suite("What is printed and logged")
struct OutputTests {
    private func line(_ metadata: Logger.Metadata, message: String = "Sent") -> LogLine {
        LogLine(
            time: Date(timeIntervalSince1970: 0), level: .info, label: "outrider.work", message: message,
            metadata: metadata)
    }

    @Test("a text line has time, level, message and its metadata in order")
    func textLine() {
        #expect(line(["b": "two words", "a": "1"]).text == #"1970-01-01T00:00:00.000Z info Sent a=1 b="two words""#)
    }

    @Test(
        "no value ends its place in a line, whatever mark stands behind its quotation mark",
        arguments: ["\u{301}", "\u{1082}", "\u{200D}", "\u{FE0F}", "\u{20E3}", "\u{600}"])
    func marks(_ mark: String) throws {
        for special in ["\"", "=", " ", "\n", "\u{2028}", "\u{85}"] {
            let value = "x\(special)\(mark)y\(mark)\(special)"
            let text = line(["a": "\(value)"]).text
            #expect(text.unicodeScalars.contains("a=\"x".unicodeScalars))
            #expect(!text.contains { $0.isNewline })
            let json = line(["a": "\(value)"]).json
            #expect(!json.contains { $0.isNewline })
            let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String]
            #expect(object?["a"]?.utf8.elementsEqual(value.utf8) == true)
        }
        for stray in [
            "+1500555\(mark)0006", "+15005550006\(mark)", "\(mark)+15005550006", "+15005550006\(mark)\(mark)",
        ] {
            #expect(!Redactor.redacted(stray).unicodeScalars.contains("1500555000".unicodeScalars))
        }
        #expect(!Redactor.redacted("ann@\(mark)example.com \(mark)bob@example.com\(mark)").contains("bob@"))
    }

    @Test("a JSON line stays one line of JSON whatever is in it")
    func jsonLine() throws {
        let json = line(["note": "a \"quote\"\nand a \\ and \u{1}"]).json
        #expect(!json.contains("\n"))
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String]
        #expect(object?["note"] == "a \"quote\"\nand a \\ and \u{1}")
        #expect(object?["level"] == "info")
    }

    @Test(
        "an address that strays into a log shows its shape",
        arguments: [
            ("to +15005550006 now", "to +1…06 now"), ("/jobs?to=%2B15005550006", "/jobs?to=%2…06"),
            ("ann.lee@example.com", "a…@…"), ("job 4711 of 15005550006", "job 4711 of 15005550006"), ("+12", "+12"),
        ])
    func redaction(_ text: String, _ shown: String) {
        #expect(Redactor.redacted(text) == shown)
    }

    @Test("bars are in proportion, and no count above 0 is invisible")
    func bars() {
        let picture = BarPicture(
            counts: [("sms", 1_000, false), ("voice", 1, true), ("email", 0, true)], width: 10)
        #expect(picture.text == "sms    ██████████ at least 1000\nvoice  █ 1\nemail  0")
    }

    @Test("a table's columns line up, numbers to the right")
    func table() {
        var table = Table("job", "state")
        table.add("7", "delivered")
        table.add("4711", "held")
        #expect(table.text == " job  state\n────  ─────────\n   7  delivered\n4711  held")
    }

    @Test("with a key a stray address shows its hash, the same in every spelling; without one its shape alone")
    func hashes() async throws {
        var reader = try await SettingsReader(environment: ["OUTRIDER_HASH_KEY": "a-key-of-thirty-two-characters-x"])
        let names = HashSettings(&reader).names
        let tag = try #require(names.tag("+15005550010"))
        #expect(tag.wholeMatch(of: /#[0-9a-f]{12}/) != nil && tag != names.tag("+15005550011"))
        #expect(names.tag("Ann@Example.com") == names.tag("ann@example.com"))
        #expect(names.name("+15005550010") == "+1…10 \(tag)")
        #expect(Redactor.redacted("to +15005550010 %2B15005550010", names) == "to +1…10\(tag) %2…10\(tag)")
        #expect(Redactor.redacted("to ann@example.com", names) == "to a…@…\(names.tag("ann@example.com") ?? "")")
        #expect(AddressNames().name("+15005550010") == "+1…10")
        var other = try await SettingsReader(environment: ["OUTRIDER_HASH_KEY": "another-key-of-thirty-two-chars-x"])
        #expect(HashSettings(&other).names.tag("+15005550010") != tag)
    }
}
