/// The pairs of an `application/x-www-form-urlencoded` body or query string, in their order, repeated names kept.
public struct FormParameters: Sendable {
    /// How a space is written: `+` as forms do, `%20` as paths and queries must.
    public enum SpaceStyle: Sendable {
        case plus
        case percent
    }

    /// All pairs, decoded, in the order they were written.
    public private(set) var pairs: [(name: String, value: String)]

    public init(_ pairs: [(name: String, value: String)] = []) {
        self.pairs = pairs
    }

    /// Decodes a body. `+` is a space; a pair without `=` has an empty value; empty pairs (`&&`) are skipped.
    ///
    /// Strict where a receiver of signed data must be: a broken escape or bytes that are not UTF-8 are refused, never
    /// repaired. A repaired value is not the value that was signed.
    /// - Parameter limit: the most pairs accepted, at least 1. Twilio's largest webhooks have fewer than 100.
    /// - Throws: `FormError`.
    public init(parsing body: [UInt8], limit: Int = 1_000) throws(FormError) {
        precondition(limit > 0)
        pairs = []
        for part in body.split(separator: UInt8(ascii: "&")) {
            guard pairs.count < limit else { throw .tooManyPairs(limit: limit) }
            let nameEnd = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let name = try decodeFormField(part[..<nameEnd], pair: pairs.count)
            let value = try decodeFormField(part[nameEnd...].dropFirst(), pair: pairs.count)
            pairs.append((name, value))
        }
    }

    /// The first value of `name`, compared byte by byte.
    public subscript(name: String) -> String? {
        pairs.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// Every value of `name`, in order.
    public func values(of name: String) -> [String] {
        pairs.filter { $0.name.utf8.elementsEqual(name.utf8) }.map(\.value)
    }

    public mutating func append(_ name: String, _ value: String) {
        pairs.append((name, value))
    }

    /// The pairs as text. Everything but `A–Z a–z 0–9 - . _ ~` is escaped, byte by byte of its UTF-8.
    public func encoded(space: SpaceStyle = .plus) -> String {
        var output: [UInt8] = []
        for (index, pair) in pairs.enumerated() {
            if index > 0 { output.append(UInt8(ascii: "&")) }
            appendFormField(pair.name, to: &output, space: space)
            output.append(UInt8(ascii: "="))
            appendFormField(pair.value, to: &output, space: space)
        }
        return String(decoding: output, as: UTF8.self)
    }
}

extension FormParameters: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.map { (name: $0, value: $1) })
    }
}

extension FormParameters: Equatable {
    /// Equal only byte for byte: two spellings of `é` differ on the wire and in a signature.
    public static func == (left: FormParameters, right: FormParameters) -> Bool {
        left.pairs.elementsEqual(right.pairs) {
            $0.name.utf8.elementsEqual($1.name.utf8) && $0.value.utf8.elementsEqual($1.value.utf8)
        }
    }
}

extension String {
    /// The text with everything but `A–Z a–z 0–9 - . _ ~` escaped, for one path segment or query value.
    public var percentEncoded: String {
        var output: [UInt8] = []
        appendFormField(self, to: &output, space: .percent)
        return String(decoding: output, as: UTF8.self)
    }
}

private func decodeFormField(_ field: ArraySlice<UInt8>, pair: Int) throws(FormError) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(field.count)
    var index = field.startIndex
    while index < field.endIndex {
        switch field[index] {
        case UInt8(ascii: "+"):
            bytes.append(UInt8(ascii: " "))
        case UInt8(ascii: "%"):
            guard index + 2 < field.endIndex, let high = hexValue(field[index + 1]),
                let low = hexValue(field[index + 2])
            else { throw .malformedEscape(offset: index) }
            bytes.append(high << 4 | low)
            index += 2
        case let byte:
            bytes.append(byte)
        }
        index += 1
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidUTF8(pair: pair) }
    return text
}

private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
}

private func appendFormField(_ field: String, to output: inout [UInt8], space: FormParameters.SpaceStyle) {
    for byte in field.utf8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            output.append(byte)
        case UInt8(ascii: " ") where space == .plus:
            output.append(UInt8(ascii: "+"))
        default:
            output.append(UInt8(ascii: "%"))
            output.append(hexDigit(byte >> 4))
            output.append(hexDigit(byte & 15))
        }
    }
}

/// Why bytes are not an acceptable `application/x-www-form-urlencoded` body. Carries positions, never content.
public enum FormError: Error, Equatable, Sendable {
    /// A `%` that two hexadecimal digits do not follow; `offset` counts bytes from the start of the body.
    case malformedEscape(offset: Int)
    /// The decoded bytes of pair number `pair` (from 0) are not UTF-8.
    case invalidUTF8(pair: Int)
    /// More pairs than the caller allows.
    case tooManyPairs(limit: Int)
}
