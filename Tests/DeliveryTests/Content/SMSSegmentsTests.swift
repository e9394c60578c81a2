import Testing

@testable import Delivery

@Suite("SMS segments")
struct SMSSegmentsTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let name: String
        let body: String
        let encoding: SMSEncoding
        let segments: Int
        let characters: Int
        let bits: Int
        var testDescription: String { name }

        init(_ name: String, _ body: String, _ encoding: SMSEncoding, _ segments: Int, characters: Int, bits: Int) {
            self.name = name
            self.body = body
            self.encoding = encoding
            self.segments = segments
            self.characters = characters
            self.bits = bits
        }
    }

    static func times(_ count: Int, _ text: String) -> String { String(repeating: text, count: count) }

    /// Computed with Twilio's own calculator, github.com/TwilioDevEd/message-segment-calculator 1.2.0.
    static let vectors = [
        Vector("empty", "", .gsm7, 1, characters: 0, bits: 0),
        Vector("161 septets make 153 + 8", times(161, "a"), .gsm7, 2, characters: 161, bits: 1_127),
        Vector("307 septets make 153 + 153 + 1", times(307, "a"), .gsm7, 3, characters: 307, bits: 2_149),
        Vector("460 septets", times(460, "a"), .gsm7, 4, characters: 460, bits: 3_220),
        Vector("80 extension characters fill one segment", times(80, "€"), .gsm7, 1, characters: 80, bits: 1_120),
        Vector(
            "an extension character is not split", times(152, "a") + "€" + times(10, "b"), .gsm7, 2, characters: 163,
            bits: 1_148),
        Vector("every extension character", "^{}\\[~]|€\u{C}", .gsm7, 1, characters: 10, bits: 140),
        Vector("70 UCS-2 units fill one segment", times(70, "ż"), .ucs2, 1, characters: 70, bits: 1_120),
        Vector("134 UCS-2 units make 67 + 67", times(134, "ż"), .ucs2, 2, characters: 134, bits: 2_144),
        Vector("one other character turns all to UCS-2", times(100, "a") + "ł", .ucs2, 2, characters: 101, bits: 1_616),
        Vector("36 emoji are 72 units", times(36, "👍"), .ucs2, 2, characters: 36, bits: 1_152),
        Vector(
            "a surrogate pair is not split", times(66, "ż") + "👍" + times(10, "ż"), .ucs2, 2, characters: 77,
            bits: 1_248),
        Vector("a grave accent is not in GSM-7", "a`b", .ucs2, 1, characters: 3, bits: 48),
        Vector("typographic quotes", "“Hi” – it’s…", .ucs2, 1, characters: 12, bits: 192),
        Vector("no-break space", "a\u{A0}b", .ucs2, 1, characters: 3, bits: 48),
        Vector("Polish", "Zażółć gęślą jaźń", .ucs2, 1, characters: 17, bits: 272),
        Vector("precomposed é is in GSM-7", "café", .gsm7, 1, characters: 4, bits: 28),
    ]

    @Test("the count is what Twilio's calculator says", arguments: vectors)
    func vector(_ vector: Vector) {
        let segments = SMSSegments(vector.body)
        #expect(segments.encoding == vector.encoding)
        #expect(segments.count == vector.segments)
        #expect(segments.characters == vector.characters)
        #expect(segments.units * (segments.encoding == .gsm7 ? 7 : 16) == vector.bits)
    }

    @Test(
        "padding at a boundary costs a segment where the division would not",
        arguments: [
            // 306 septets are 2 × 153, but an extension character stands across each boundary.
            (times(152, "a") + "€" + times(152, "a"), 3),
            (times(151, "a") + "€" + times(153, "a"), 2),
            // 134 units are 2 × 67, but a pair stands across the boundary.
            (times(66, "ż") + "👍" + times(66, "ż"), 3),
            // A family of 8 units is one character, and moves whole.
            (times(60, "ż") + "👨‍👩‍👧" + times(59, "ż"), 2),
            (times(60, "ż") + "👨‍👩‍👧" + times(60, "ż"), 3),
        ] as [(String, Int)])
    func boundary(_ row: (body: String, count: Int)) {
        #expect(SMSSegments(row.body).count == row.count)
    }

    @Test("a decomposed é and a line break pair are counted as the calculator counts them")
    func clusters() {
        #expect(SMSSegments("cafe\u{301}").encoding == .ucs2)
        #expect(SMSSegments("a\r\nb").units == 4)
        #expect(SMSSegments(Self.times(152, "a") + "\r\n" + Self.times(152, "a")).count == 2)
        #expect(SMSSegments(Self.times(66, "ż") + "\r\n" + Self.times(66, "ż")).count == 2)
    }

    @Test("a cluster longer than a segment runs on instead of being lost")
    func oversizeCluster() {
        let zalgo = "z" + Self.times(200, "\u{301}")
        #expect(SMSSegments(zalgo).units == 201)
        #expect(SMSSegments(zalgo).count == 3)
        #expect(SMSSegments("ż" + zalgo).count == 4)
        #expect(SMSSegments(zalgo + "ż").count == 4)
    }

    @Test(
        "what is not one segment of GSM-7 is remarked: segments, encoding and the character that forces UCS-2",
        arguments: [
            ("", nil), (times(160, "a"), nil), (times(161, "a"), "2 segments of GSM-7"), ("5 € {a}", nil),
            ("Zażółć", "1 segment of UCS-2 because of \"ż\""), ("a\tb", "1 segment of UCS-2 because of U+0009"),
            ("cafe\u{301}", "1 segment of UCS-2 because of U+0301"),
            ("a\u{200B}", "1 segment of UCS-2 because of U+200B"),
            (times(71, "👍"), "3 segments of UCS-2 because of \"👍\""),
        ] as [(String, String?)])
    func remark(_ row: (body: String, remark: String?)) {
        #expect(SMSSegments(row.body).remark == row.remark)
    }

    @Test("GSM-7 holds exactly the characters of 3GPP TS 23.038")
    func alphabet() {
        let basic =
            "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
            + "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
        let extended = "\u{C}^{}\\[~]|€"
        var septets: [UInt32: Int] = [:]
        for scalar in basic.unicodeScalars { septets[scalar.value] = 1 }
        for scalar in extended.unicodeScalars { septets[scalar.value] = 2 }
        #expect(septets.count == 127 + 10)
        for value in UInt32(0)...0x10_FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            if SMSEncoding.septets(of: scalar) != septets[value] {
                Issue.record("U+\(String(value, radix: 16)) is counted wrongly")
            }
        }
    }

    @Test("1,600 characters are the longest body, in either encoding")
    func bodyLimit() {
        #expect(!SMSSegments(Self.times(1_600, "a")).isTooLong)
        #expect(SMSSegments(Self.times(1_600, "a")).count == 11)
        #expect(SMSSegments(Self.times(1_601, "a")).isTooLong)
        #expect(!SMSSegments(Self.times(1_600, "👍")).isTooLong)
        #expect(SMSSegments(Self.times(1_601, "ż")).isTooLong)
    }

    @Test("segments always hold the units, and never waste a whole segment")
    func bounds() {
        var random = SplitMix64(seed: 7)
        let alphabet = ["a", "€", "ż", "👍", "👨‍👩‍👧", "\r\n", "e\u{301}"]
        for _ in 0..<300 {
            let letters = Array(alphabet.shuffled(using: &random).prefix(Int.random(in: 1...4, using: &random)))
            let length = Int.random(in: 0...400, using: &random)
            let body = (0..<length).map { _ in letters.randomElement(using: &random) ?? "" }.joined()
            let segments = SMSSegments(body)
            let joined = segments.encoding.unitsInJoinedSegment
            if segments.units <= segments.encoding.unitsInSingleSegment {
                #expect(segments.count == 1)
            } else {
                #expect(segments.count * joined >= segments.units)
                // The largest cluster here has 8 units, so at most 7 are lost at each boundary.
                #expect((segments.count - 1) * (joined - 7) < segments.units)
            }
        }
    }
}
