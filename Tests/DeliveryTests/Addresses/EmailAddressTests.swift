import Delivery
import Testing

@Suite("E-mail addresses")
struct EmailAddressTests {
    static let longLocal = String(repeating: "l", count: 64)
    static let longLabel = String(repeating: "d", count: 63)

    @Test(
        "addresses that people use are read as they are",
        arguments: [
            "a@b.co", "anna.nowak@example.com", "Anna+Outrider@Example.COM", "o'brien@example.ie",
            "x_y-z@sub.d0main.example",
            "!#$%&'*+-/=?^_`{|}~@example.com", "\(longLocal)@example.com", "a@\(longLabel).com",
            "a@xn--bcher-kva.example",
            "a@1.2.example",
        ])
    func valid(_ text: String) throws {
        #expect(try EmailAddress(text).address == text)
    }

    @Test(
        "anything else is refused by the first rule it breaks",
        arguments: [
            ("", .emailHasOneAt),
            ("example.com", .emailHasOneAt),
            ("a@b@example.com", .emailHasOneAt),
            ("\"a@b\"@example.com", .emailHasOneAt),
            ("a@\(longLabel).\(longLabel).\(longLabel).\(longLabel).com", .emailIsNotTooLong),
            ("@example.com", .emailHasLocalPart),
            ("\(longLocal)l@example.com", .emailLocalPartIsNotTooLong),
            ("a b@example.com", .emailLocalPartIsPlain),
            ("\"ab\"@example.com", .emailLocalPartIsPlain),
            ("zażółć@example.com", .emailLocalPartIsPlain),
            ("a\r\nBcc: x@example.com", .emailLocalPartIsPlain),
            ("Anna <anna@example.com", .emailLocalPartIsPlain),
            (".a@example.com", .emailLocalPartHasSingleDots),
            ("a.@example.com", .emailLocalPartHasSingleDots),
            ("a..b@example.com", .emailLocalPartHasSingleDots),
            ("a@", .emailDomainHasADot),
            ("a@localhost", .emailDomainHasADot),
            ("a@.com", .emailDomainLabelsAreValid),
            ("a@example.", .emailDomainLabelsAreValid),
            ("a@example..com", .emailDomainLabelsAreValid),
            ("a@-example.com", .emailDomainLabelsAreValid),
            ("a@example-.com", .emailDomainLabelsAreValid),
            ("a@\(longLabel)d.com", .emailDomainLabelsAreValid),
            ("a@exa_mple.com", .emailDomainLabelsAreValid),
            ("a@exa mple.com", .emailDomainLabelsAreValid),
            ("a@bücher.example", .emailDomainLabelsAreValid),
            ("anna@example.com>", .emailDomainLabelsAreValid),
            ("a@[127.0.0.1]", .emailDomainLabelsAreValid),
            ("a@127.0.0.1", .emailDomainEndsInAName),
        ] as [(String, AddressError.Rule)])
    func invalid(_ row: (text: String, rule: AddressError.Rule)) {
        let error = #expect(throws: AddressError.self) { try EmailAddress(row.text) }
        #expect(error?.rule == row.rule)
    }

    @Test("254 characters are taken, 255 are not")
    func length() throws {
        let start = "\(Self.longLocal)@\(Self.longLabel).\(Self.longLabel)."
        let longest = "\(start)\(String(repeating: "d", count: 57)).com"
        #expect(longest.count == 254)
        #expect(try EmailAddress(longest).address == longest)
        let error = #expect(throws: AddressError.self) {
            try EmailAddress("\(start)\(String(repeating: "d", count: 58)).com")
        }
        #expect(error?.rule == .emailIsNotTooLong)
    }

    @Test("addresses that differ only in case are one address")
    func comparison() throws {
        let one = try EmailAddress("Anna@Example.com")
        let other = try EmailAddress("anna@EXAMPLE.com")
        #expect(one == other)
        #expect(Set([one, other]).count == 1)
        #expect(one.canonical == "anna@example.com")
        #expect(try one != EmailAddress("anne@example.com"))
    }

    @Test(
        "an address shows only its shape, and less when the shape would give it away",
        arguments: [
            ("anna@example.com", "a…@…le.com"),
            ("a@example.com", "…@…le.com"),
            ("anna@io.example.museum", "a…@…le.museum"),
            ("anna@qq.com", "a…@….com"),
        ])
    func redaction(_ row: (address: String, shape: String)) throws {
        let address = try EmailAddress(row.address)
        #expect("\(address)" == row.shape)
        #expect(String(reflecting: address) == row.shape)
        var dumped = ""
        dump(address, to: &dumped)
        #expect(!dumped.contains(row.address))
    }

    @Test("an error shows the rule and the shape, never the text")
    func errorText() {
        let error = #expect(throws: AddressError.self) { try EmailAddress("anna nowak@example.com") }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.hasPrefix("e-mail address must have only unquoted ASCII"))
        #expect(text.hasSuffix(": a…@…le.com (22 characters)"))
        #expect(Redaction.emailAddress("hunter2").description == "…")
        #expect(Redaction.emailAddress("a@b@c.example").description == "…")
        #expect(Redaction.emailAddress("secret@hunter2").description == "…")
    }

    @Test(
        "nothing but visible ASCII is shown, and only little of it",
        arguments: [
            "\n\u{1b}[31mx@evil.example", "a" + String(repeating: "\u{301}", count: 500) + "@b.example", "ż@b.pl",
            "@.hunter2",
        ])
    func hidden(_ text: String) {
        #expect(Redaction.emailAddress(text).description == "…")
    }
}
