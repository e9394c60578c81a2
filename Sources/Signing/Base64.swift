extension [UInt8] {
    /// The bytes in standard base64 with padding (RFC 4648 §4).
    public var base64Encoded: String {
        var text: [UInt8] = []
        text.reserveCapacity((count + 2) / 3 * 4)
        for start in stride(from: 0, to: count, by: 3) {
            let group = self[start..<Swift.min(start + 3, count)]
            var bits: UInt32 = 0
            for byte in group { bits = bits << 8 | UInt32(byte) }
            bits <<= UInt32(8 * (3 - group.count))
            for position in 0..<4 {
                let digit = Int(bits >> UInt32(18 - 6 * position)) & 63
                text.append(position <= group.count ? base64Alphabet[digit] : base64Padding)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes that `text` writes in standard base64. It is nil for anything an encoder would not have written: white
    /// space, missing or misplaced padding, characters outside the alphabet, or stray bits before the padding. So each
    /// value has exactly one spelling.
    public init?(base64 text: String) {
        let digits = [UInt8](text.utf8)
        guard digits.count.isMultiple(of: 4) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 4 * 3)
        for start in stride(from: 0, to: digits.count, by: 4) {
            let group = digits[start..<start + 4]
            let isLast = start + 4 == digits.count
            guard let decoded = decodeBase64Group(group, paddingAllowed: isLast) else { return nil }
            bytes += decoded
        }
        self = bytes
    }
}

extension [UInt8] {
    /// The bytes in base64 for addresses and names, without padding (RFC 4648 §5).
    public var base64URLEncoded: String {
        let digits = base64Encoded.utf8.compactMap { digit -> UInt8? in
            switch digit {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case base64Padding: nil
            default: digit
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Nil for any other spelling and for none, so that each value has one.
    public init?(base64URL text: String) {
        guard !text.isEmpty, !text.utf8.contains(where: { "+/=".utf8.contains($0) }) else { return nil }
        let digits = text.utf8.map { digit in
            switch digit {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: digit
            }
        }
        let padding = String(repeating: "=", count: (4 - digits.count % 4) % 4)
        self.init(base64: String(decoding: digits, as: UTF8.self) + padding)
    }
}

private let base64Alphabet = [UInt8]("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
private let base64Padding = UInt8(ascii: "=")

private func decodeBase64Group(_ group: ArraySlice<UInt8>, paddingAllowed: Bool) -> [UInt8]? {
    let significant = group.prefix { $0 != base64Padding }
    let paddingCount = group.count - significant.count
    guard paddingCount == 0 || (paddingAllowed && paddingCount <= 2) else { return nil }
    guard group.suffix(paddingCount).allSatisfy({ $0 == base64Padding }) else { return nil }
    var bits: UInt32 = 0
    for digit in significant {
        guard let value = base64Value(digit) else { return nil }
        bits = bits << 6 | UInt32(value)
    }
    bits <<= UInt32(6 * paddingCount)
    let bytes = [
        UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits),
    ]
    guard bytes.suffix(paddingCount).allSatisfy({ $0 == 0 }) else { return nil }
    return Array(bytes.prefix(3 - paddingCount))
}

private func base64Value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
}
