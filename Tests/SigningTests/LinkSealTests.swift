import Signing
import Testing

@Suite("Sealed links")
struct LinkSealTests {
    private let seal = LinkSeal(secrets: ["a-key-of-sixteen"], purpose: "leave")
    private let parts = ["1", "żółw", "", "ann+x@example.com"]

    @Test("what is sealed comes back as it went, in letters that need no escaping, and shows nothing")
    func roundTrip() throws {
        let texts = try (0..<50).map { n in try #require(seal.seal(parts + [String(repeating: "a", count: n)])) }
        for (n, text) in texts.enumerated() {
            #expect(
                text.utf8.allSatisfy {
                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_".utf8.contains($0)
                })
            #expect(!text.contains("example"))
            #expect(seal.open(text) == parts + [String(repeating: "a", count: n)])
        }
        #expect(Set(texts).count == 50)
        #expect(seal.seal(["a\u{0}b"]) == nil)
    }

    @Test("a link that was changed in any byte, cut at any place or made longer does not open")
    func changed() throws {
        let text = Array(try #require(seal.seal(parts)).utf8)
        for index in text.indices {
            var other = text
            other[index] = other[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(seal.open(String(decoding: other, as: UTF8.self)) == nil)
            #expect(seal.open(String(decoding: text[..<index], as: UTF8.self)) == nil)
        }
        for more in ["A", "AAAA", "=", "+", "%", "\u{0}"] {
            #expect(seal.open(String(decoding: text, as: UTF8.self) + more) == nil)
        }
        #expect(seal.open(String(repeating: "A", count: 100_000)) == nil)
    }

    @Test("each key that is in use opens, no other, and none for another purpose")
    func keys() throws {
        let text = try #require(seal.seal(parts))
        #expect(LinkSeal(secrets: ["another-key-of-16", "a-key-of-sixteen"], purpose: "leave").open(text) == parts)
        #expect(LinkSeal(secrets: ["another-key-of-16"], purpose: "leave").open(text) == nil)
        #expect(LinkSeal(secrets: ["a-key-of-sixteen"], purpose: "stay").open(text) == nil)
        #expect(LinkSeal(secrets: [], purpose: "leave").open(text) == nil)
        #expect(LinkSeal(secrets: [], purpose: "leave").seal(parts) == nil)
    }
}
