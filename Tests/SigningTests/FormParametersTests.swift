import Signing
import Testing

@Suite("Form bodies")
struct FormParametersTests {
    private func parse(_ body: String) throws(FormError) -> FormParameters {
        try FormParameters(parsing: Array(body.utf8))
    }

    @Test(
        "decoding keeps order, repeats and bytes",
        arguments: [
            ("a=1&b=2&a=3", ["a": "1", "b": "2", "a": "3"]),
            ("Body=1+%2B+1%3D2", ["Body": "1 + 1=2"]),
            ("a&b=&=c", ["a": "", "b": "", "": "c"]),
            ("&&a=1&", ["a": "1"]),
            ("a=b=c", ["a": "b=c"]),
            ("%c3%A9=%F0%9F%90%A2", ["é": "🐢"]),
            ("", [:]),
        ] as [(String, FormParameters)])
    func decoding(body: String, expected: FormParameters) throws {
        #expect(try parse(body) == expected)
    }

    @Test(
        "a broken escape is refused, not repaired",
        arguments: [("a=%", 2), ("a=%4", 2), ("a=%zz", 2), ("ab=1%2&c=d", 4)])
    func brokenEscape(body: String, offset: Int) {
        #expect(throws: FormError.malformedEscape(offset: offset)) { try parse(body) }
    }

    @Test("bytes that are not UTF-8 are refused", arguments: ["a=1&b=%FF", "a=1&%C0%80=1", "a=1&b=%ED%A0%80"])
    func invalidUTF8(body: String) {
        #expect(throws: FormError.invalidUTF8(pair: 1)) { try parse(body) }
    }

    @Test("more pairs than the bound are refused")
    func bound() throws {
        let body = Array("a=1&b=2&c=3".utf8)
        #expect(try FormParameters(parsing: body, limit: 3).pairs.count == 3)
        #expect(throws: FormError.tooManyPairs(limit: 2)) { try FormParameters(parsing: body, limit: 2) }
    }

    @Test("encoding escapes everything but unreserved characters")
    func encoding() throws {
        let form: FormParameters = ["To": "+15550100", "Body": "a b&c=é~-._", "Body": "*"]
        #expect(form.encoded() == "To=%2B15550100&Body=a+b%26c%3D%C3%A9~-._&Body=%2A")
        #expect(form.encoded(space: .percent) == "To=%2B15550100&Body=a%20b%26c%3D%C3%A9~-._&Body=%2A")
        #expect("a/b ?".percentEncoded == "a%2Fb%20%3F")
        #expect(try parse(form.encoded()) == form)
        #expect(form["Body"] == "a b&c=é~-._")
        #expect(form.values(of: "Body") == ["a b&c=é~-._", "*"])
        #expect(form["body"] == nil)
    }

    @Test("two spellings of one character stay two names")
    func canonicalEquivalence() throws {
        let form = try parse("%C3%A9=1&e%CC%81=2")
        #expect(form["\u{e9}"] == "1")
        #expect(form["e\u{301}"] == "2")
    }
}
