import Testing

@testable import Delivery

@Suite("Smart Encoding")
struct SmartEncodingTests {
    /// Computed with Twilio's own table, github.com/TwilioDevEd/message-segment-calculator.
    static let rows: [(text: String, made: String, replaced: [String])] = [
        ("Your code is 1234", "Your code is 1234", []),
        ("“Hi” – it’s…", "\"Hi\" - it's...", ["“", "”", "–", "’", "…"]),
        ("a\u{A0}b", "a  b", ["\u{A0}"]),
        ("a`b", "a'b", ["`"]),
        ("½ price\u{200B}!", "1/2 price!", ["½", "\u{200B}"]),
        ("• one • two", "- one - two", ["•"]),
        ("ＳＡＬＥ！", "SALE!", ["Ｓ", "Ａ", "Ｌ", "Ｅ", "！"]),
        // What GSM-7 has stays, though it has a look-alike too; so do letters and emoji, which have none.
        ("café €5 [x]", "café €5 [x]", []),
        ("Zażółć “gęślą” 👍", "Zażółć \"gęślą\" 👍", ["“", "”"]),
        // A mark on a letter is a scalar of its own, and is replaced as one.
        ("n\u{303}", "n~", ["\u{303}"]),
    ]

    @Test("a look-alike stands for each character that has one, and each is named once", arguments: rows)
    func table(row: (text: String, made: String, replaced: [String])) {
        let made = SmartEncoding(row.text)
        #expect(made.text == row.made)
        #expect(made.replaced.map { Array($0.unicodeScalars) } == row.replaced.map { Array($0.unicodeScalars) })
    }

    @Test("it saves segments where it makes a text GSM-7, and none where one letter without a look-alike is left")
    func segments() {
        let offer = String(repeating: "It’s spring. ", count: 8)
        #expect((SMSSegments(offer).count, SMSSegments(SmartEncoding(offer).text).count) == (2, 1))
        let polish = offer + "ż"
        #expect((SMSSegments(polish).count, SMSSegments(SmartEncoding(polish).text).count) == (2, 2))
        #expect(SMSSegments(SmartEncoding("1…\u{2026}").text).units == 7)
    }

    @Test("what it makes of its own result is the same again, and every look-alike is in GSM-7")
    func idempotent() {
        for number in (0...0xFFFF) as ClosedRange<UInt32> {
            guard let scalar = Unicode.Scalar(number) else { continue }
            let made = SmartEncoding(String(Character(scalar)))
            guard !made.replaced.isEmpty else { continue }
            #expect(SMSEncoding(for: made.text) == .gsm7, "U+\(String(number, radix: 16))")
            #expect(SmartEncoding(made.text).replaced.isEmpty, "U+\(String(number, radix: 16))")
        }
    }
}
