import Testing

@testable import Delivery

@Suite("Spoken messages")
struct TwiMLTests {
    @Test("a text is said once after a pause, in the default voice")
    func once() throws {
        #expect(
            try TwiML(saying: "Hello").document
                == #"<Response><Pause length="1"/><Say voice="Polly.Joanna" language="en-US">Hello</Say></Response>"#)
    }

    @Test("each repeat has its own pause, and the voice of its language")
    func repeats() throws {
        let turn = #"<Pause length="1"/><Say voice="Polly.Mizuki" language="ja-JP">もしもし</Say>"#
        let twiml = try TwiML(saying: "もしもし", in: #require(SpokenLanguage(locale: "ja")), times: 2)
        #expect(twiml.document == "<Response>\(turn)\(turn)</Response>")
    }

    @Test(
        "markup is spoken, not obeyed, and what XML cannot carry is dropped",
        arguments: [
            ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
            ("</Say><Hangup/>", "&lt;/Say&gt;&lt;Hangup/&gt;"),
            ("\"it's\"", "&quot;it&apos;s&quot;"),
            ("&amp;", "&amp;amp;"),
            ("]]>", "]]&gt;"),
            ("a\u{0}b\u{1}c\u{8}d\u{B}e\u{C}f\u{E}g\u{1F}h", "abcdefgh"),
            ("a\u{FFFE}b\u{FFFF}c", "abc"),
            ("a\tb\nc\rd\r\ne", "a\tb\nc\rd\r\ne"),
            ("\u{7F}\u{85}\u{FFFD}👍", "\u{7F}\u{85}\u{FFFD}👍"),
            // A combining mark must not hide the character it stands on from escaping.
            ("<\u{301}&\u{301}", "&lt;\u{301}&amp;\u{301}"),
        ])
    func escaping(_ row: (text: String, escaped: String)) throws {
        #expect(Markup.xml(row.text).unicodeScalars.elementsEqual(row.escaped.unicodeScalars))
        let document = try TwiML(saying: row.text + "!").document
        #expect(document.utf8.split(separator: UInt8(ascii: "<")).count == 5, "no element but our own")
    }

    @Test("a voice from a template cannot leave its attribute")
    func attribute() throws {
        let language = SpokenLanguage(language: "en\"><Hangup/>", voice: "x\" loop=\"0")
        let document = try TwiML(saying: "Hi", in: language).document
        #expect(document.contains(#"<Say voice="x&quot; loop=&quot;0" language="en&quot;&gt;&lt;Hangup/&gt;">"#))
    }

    @Test("nothing to say is an error, not a silent call", arguments: ["", " ", "\n\t", "\u{0}\u{1}", " \u{B} "])
    func nothing(_ text: String) {
        #expect(throws: TwiMLError.nothingToSay) { try TwiML(saying: text) }
    }

    @Test("a mark on a space is something to say")
    func marks() throws {
        #expect(try TwiML(saying: " \u{301}").document.contains("> \u{301}</Say>"))
    }

    @Test("a text is said 1 to 10 times", arguments: [(-1, false), (0, false), (1, true), (10, true), (11, false)])
    func count(_ row: (times: Int, isValid: Bool)) {
        #expect(((try? TwiML(saying: "Hi", times: row.times)) != nil) == row.isValid)
    }

    @Test("a document of 4,000 characters is taken and one of 4,001 refused, escapes included")
    func bound() throws {
        let frame = try TwiML(saying: "x").document.count - 1
        let room = TwiML.maximumCharacters - frame
        #expect(try TwiML(saying: String(repeating: "x", count: room)).document.count == 4_000)
        #expect(throws: TwiMLError.tooLong(characters: 4_001)) {
            try TwiML(saying: String(repeating: "x", count: room + 1))
        }
        #expect(throws: TwiMLError.tooLong(characters: frame + 5 * room)) {
            try TwiML(saying: String(repeating: "&", count: room))
        }
    }

    @Test("an error never holds the text")
    func errorText() {
        let error = #expect(throws: TwiMLError.self) { try TwiML(saying: String(repeating: "secret ", count: 1_000)) }
        #expect(error.map { !"\($0)".contains("secret") } == true)
    }
}
