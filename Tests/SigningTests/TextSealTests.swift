import Signing
import Testing

@Suite("Sealed texts")
struct TextSealTests {
    private static let first = "k1:\([UInt8](repeating: 7, count: 32).base64Encoded)"
    private static let second = "k2:\([UInt8](repeating: 8, count: 32).base64Encoded)"
    private static let owner: [String?] = ["+15005550010", nil, nil]

    private static func seal(_ keys: String...) throws -> TextSeal {
        try #require(TextSeal(keys: keys.joined(separator: ",")))
    }

    static let texts = [
        "", "x", "Your code is 918273.", "żółw 👩‍👩‍👧 \u{0}\u{202E}", #"{"a":"b"}"#, String(repeating: "é", count: 32_768),
        String(repeating: "🐢", count: 100_000),
    ]

    @Test("what is sealed comes back as it went, is another text each time, and shows nothing", arguments: texts)
    func roundTrip(_ text: String) throws {
        let seal = try Self.seal(Self.first)
        let sealed = try #require(seal.seal(text, for: "job", of: Self.owner))
        #expect(sealed.hasPrefix("v1.k1.") && sealed.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        #expect(text.utf8.count < 4 || !sealed.contains(text))
        #expect(try seal.open(sealed, for: "job", of: Self.owner) == text)
        #expect(seal.seal(text, for: "job", of: Self.owner) != sealed)
    }

    /// Made with Python's cryptography 48.0.0 by what sql/README.md says of the form.
    @Test("what another program seals by the documented form opens")
    func foreign() throws {
        let seal = try #require(TextSeal(keys: "shop-2026:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="))
        let sealed =
            "v1.shop-2026.ZGVmZ2hpamtsbW5vMzm8CR2QdKQeQAWJH9mpTodAwo2rVcJKleafateDhyz1nSHidjK5f6HRG1CZJ5btIXup1Q5_cVXYjHIYvyhDxTBQAx3nnGxogWA"
        let text = try seal.open(sealed, for: "outrider job", of: [nil, "+15005550010", "ann@example.com"])
        #expect(text == #"{"body": "Zażółć 918273", "data": "{\"code\": 12.50}"}"#)
    }

    @Test("a sealed text that was changed in any byte, cut at any place or made longer does not open")
    func changed() throws {
        let seal = try Self.seal(Self.first)
        let sealed = Array(try #require(seal.seal("918273", for: "job", of: Self.owner)).utf8)
        func opens(_ bytes: [UInt8]) -> Bool {
            (try? seal.open(String(decoding: bytes, as: UTF8.self), for: "job", of: Self.owner)) != nil
        }
        #expect(opens(sealed))
        for index in sealed.indices {
            var other = sealed
            other[index] = other[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(!opens(other) && !opens(Array(sealed[..<index])), "byte \(index)")
        }
        for more in ["A", "AAAA", "=", ".", "+", "\u{0}"] { #expect(!opens(sealed + Array(more.utf8))) }
        for none in ["", ".", "..", "v1.k1.", "v1.k1", "v2.k1.AAAA", "Hello", "v1.k1.A.A"] {
            #expect(throws: TextSeal.Fault.notAuthentic) { try seal.open(none, for: "job", of: Self.owner) }
        }
    }

    @Test("it opens for nobody else: neither another address, nor the same one in another place, nor another purpose")
    func belongs() throws {
        let seal = try Self.seal(Self.first)
        let sealed = try #require(seal.seal("918273", for: "job", of: Self.owner))
        let others: [[String?]] = [
            ["+15005550011", nil, nil], [nil, "+15005550010", nil], [nil, nil, nil], ["+15005550010", nil],
            ["+15005550010", nil, "ann@example.com"], ["+15005550010 ", nil, nil],
        ]
        for other in others {
            #expect(throws: TextSeal.Fault.notAuthentic) { try seal.open(sealed, for: "job", of: other) }
        }
        #expect(throws: TextSeal.Fault.notAuthentic) { try seal.open(sealed, for: "note", of: Self.owner) }
    }

    @Test(
        "the first key seals and each one opens; one that is not here is named, and one of the same name does not open")
    func rotation() throws {
        let (old, both) = (try Self.seal(Self.first), try Self.seal(Self.second, Self.first))
        let sealed = try #require(old.seal("x", for: "job", of: Self.owner))
        #expect(both.keyIDs == ["k2", "k1"])
        #expect(try both.open(sealed, for: "job", of: Self.owner) == "x")
        #expect(both.seal("x", for: "job", of: Self.owner)?.hasPrefix("v1.k2.") == true)
        #expect(throws: TextSeal.Fault.keyMissing("k1")) {
            try Self.seal(Self.second).open(sealed, for: "job", of: Self.owner)
        }
        #expect(throws: TextSeal.Fault.keyMissing("k1")) { try TextSeal().open(sealed, for: "job", of: Self.owner) }
        #expect(TextSeal().seal("x", for: "job", of: Self.owner) == nil)
        let impostor = try Self.seal("k1:" + [UInt8](repeating: 9, count: 32).base64Encoded)
        #expect(throws: TextSeal.Fault.notAuthentic) { try impostor.open(sealed, for: "job", of: Self.owner) }
    }

    @Test("two sealings of one text are alike, of two texts or by two keys not, and nothing is alike without the key")
    func likeness() throws {
        let seal = try Self.seal(Self.first, Self.second)
        #expect(seal.likeness(of: "x", sealedAs: "v1.k1.AA") == seal.likeness(of: "x", sealedAs: "v1.k1.BB"))
        let all = ["v1.k1.AA", "v1.k2.AA"].flatMap { sealed in
            ["x", "y"].map { seal.likeness(of: $0, sealedAs: sealed) }
        }
        #expect(Set(all).count == 4 && all.allSatisfy { $0.count == 32 })
        #expect(TextSeal().likeness(of: "x", sealedAs: "v1.k1.AA").isEmpty)
    }

    /// A key of so many bytes in base64.
    private static func key(_ count: Int) -> String { [UInt8](repeating: 7, count: count).base64Encoded }

    private static let wrong: [String] = [
        "", ",", "k1", "k1:", ":\(key(32))", "\(first),\(first)", "K\(first)", "-\(first)",
        "\(String(repeating: "k", count: 33)):\(key(32))", "k1:\(key(31))", "k1:\(key(33))", "k.1:\(key(32))",
        "\(first),k2:AAAA", String(first.dropLast()),
    ]

    @Test("keys that are malformed are none", arguments: wrong)
    func malformed(_ keys: String) { #expect(TextSeal(keys: keys) == nil) }

    @Test("keys stand with commas or line ends between them, and a description shows none")
    func spelled() throws {
        let seal = try #require(TextSeal(keys: "\(Self.second)\n \(Self.first),\n"))
        #expect(seal.keyIDs == ["k2", "k1"])
        #expect("\(seal)" == "TextSeal" && String(reflecting: seal) == "TextSeal")
    }
}
