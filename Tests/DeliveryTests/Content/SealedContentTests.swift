import Delivery
import Testing

@Suite("What is sealed")
struct SealedContentTests {
    @Test("words come back as they went, those that are missing as missing")
    func roundTrip() {
        let samples = [
            SealedWords(), SealedWords(body: ""), SealedWords(body: "Code 12 \"x\"\n\u{1}żółw 🐢"),
            SealedWords(subject: "s", dataJSON: #"{"price":12.50,"id":12345678901234567890}"#),
        ]
        for words in samples { #expect(SealedWords(encoded: words.encoded) == words) }
        #expect(SealedWords(dataJSON: #"{"price": 12.50}"#).dataJSON == #"{"price":12.50}"#)
        for text in ["", "x", "[]", "{"] { #expect(SealedWords(encoded: text) == nil) }
    }

    @Test("of a key that stands twice in the data the last value counts, as in PostgreSQL")
    func keys() {
        let words = SealedWords(dataJSON: #"{"a": 1, "b": [{"c": 1, "c": 2}], "a": 3}"#)
        #expect(words.dataJSON == #"{"b":[{"c":2}],"a":3}"#)
    }

    static let rules: [(SealedWords, channel: String?, hasTemplate: Bool, rule: String?)] = [
        (.init(body: "x"), "sms", false, nil), (.init(dataJSON: "{}"), "sms", true, nil),
        (.init(dataJSON: "{}"), "sms", false, "content_needs_a_body_or_a_template"),
        (.init(body: "x"), "sms", true, "content_takes_a_body_or_a_template_not_both"),
        (.init(body: " \u{200B}\n"), "sms", false, "body_must_not_be_blank"),
        (.init(body: String(repeating: "é", count: 1_600)), "sms", false, nil),
        (.init(body: String(repeating: "x", count: 1_601)), "sms", false, "body_must_be_at_most_1600_characters"),
        (.init(body: String(repeating: "x", count: 1_601)), nil, false, nil),
        (.init(body: String(repeating: "x", count: 100_000), subject: "s"), "email", false, nil),
        (
            .init(body: String(repeating: "x", count: 100_001), subject: "s"), "email", false,
            "body_must_be_at_most_100000_characters_for_email"
        ),
        (.init(body: "x"), "email", false, "email_needs_a_subject_or_a_template"),
        (.init(body: "x", subject: "a\nb"), "email", false, "subject_must_be_one_line_of_at_most_255_characters"),
        (.init(body: "x", subject: ""), "email", false, "subject_must_be_one_line_of_at_most_255_characters"),
        (.init(body: "x", subject: " "), "email", false, "subject_must_not_be_blank"),
        (.init(dataJSON: "[1]"), "sms", true, "data_must_be_a_json_object"),
        (.init(dataJSON: "{"), "sms", true, "data_must_be_a_json_object"),
        (.init(dataJSON: #"{"a":"\u0000"}"#), "sms", true, "data_must_be_a_json_object"),
        (
            .init(dataJSON: #"{"a":"\#(String(repeating: "x", count: 65_536))"}"#), "sms", true,
            "data_must_be_at_most_64_kilobytes"
        ),
    ]

    @Test("words that the table would refuse are refused by the same rule before they are sealed")
    func brokenRules() {
        for row in Self.rules {
            #expect(row.0.brokenRule(on: row.channel, hasTemplate: row.hasTemplate) == row.rule)
        }
    }
}
