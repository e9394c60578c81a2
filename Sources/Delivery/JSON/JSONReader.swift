/// Reads one JSON text (RFC 8259) byte by byte, and takes nothing that the RFC does not. It takes no byte order mark,
/// no control character in a text, no half of a surrogate pair, nothing that is not UTF-8. What nests deeper than 128
/// is refused.
struct JSONReader {
    /// How much of a value is built. All of it is checked in any case.
    enum Wanted {
        case everything
        case members([String])
        case nothing

        fileprivate var isNothing: Bool { if case .nothing = self { true } else { false } }

        /// What is built of an element.
        fileprivate var ofElement: Wanted { if case .everything = self { .everything } else { .nothing } }

        fileprivate func of(member name: String) -> Wanted {
            guard case .members(let names) = self else { return self }
            return names.contains(where: name.hasBytes) ? .everything : .nothing
        }
    }

    /// Not a JSON text.
    struct Malformed: Error {}

    private static let depthLimit = 128
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document(_ wanted: Wanted) throws(Malformed) -> JSON {
        let value = try value(wanted, depth: 0)
        skipSpace()
        guard place == bytes.count else { throw Malformed() }
        return value
    }

    // MARK: Bytes

    /// Behind the end there is a zero, which stands nowhere in a JSON text.
    private var next: UInt8 { place < bytes.count ? bytes[place] : 0 }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: scalar) else { return false }
        place += 1
        return true
    }

    private mutating func skipSpace() {
        while next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 { place += 1 }
    }

    // MARK: Values

    private mutating func value(_ wanted: Wanted, depth: Int) throws(Malformed) -> JSON {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(wanted, depth: depth + 1)
        case UInt8(ascii: "["): return try array(wanted, depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string(isWanted: !wanted.isNothing))
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number(isWanted: !wanted.isNothing)
        }
    }

    private mutating func object(_ wanted: Wanted, depth: Int) throws(Malformed) -> JSON {
        guard depth <= Self.depthLimit else { throw Malformed() }
        var members: [JSON.Member] = []
        place += 1
        skipSpace()
        if take("}") { return .object(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw Malformed() }
            let name = try string(isWanted: !wanted.isNothing)
            skipSpace()
            guard take(":") else { throw Malformed() }
            let wantedValue = wanted.of(member: name)
            let value = try value(wantedValue, depth: depth)
            if !wantedValue.isNothing { members.append(JSON.Member(name: name, value: value)) }
            skipSpace()
        } while take(",")
        guard take("}") else { throw Malformed() }
        return .object(members)
    }

    private mutating func array(_ wanted: Wanted, depth: Int) throws(Malformed) -> JSON {
        guard depth <= Self.depthLimit else { throw Malformed() }
        var elements: [JSON] = []
        place += 1
        skipSpace()
        if take("]") { return .array(elements) }
        repeat {
            let element = try value(wanted.ofElement, depth: depth)
            if !wanted.ofElement.isNothing { elements.append(element) }
            skipSpace()
        } while take(",")
        guard take("]") else { throw Malformed() }
        return .array(elements)
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(Malformed) -> JSON {
        for byte in word.description.utf8 {
            guard next == byte else { throw Malformed() }
            place += 1
        }
        return value
    }

    // MARK: Numbers

    private mutating func number(isWanted: Bool) throws(Malformed) -> JSON {
        let start = place
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return isWanted ? .number(String(decoding: bytes[start..<place], as: UTF8.self)) : .null
    }

    private mutating func digits() throws(Malformed) {
        let start = place
        while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) { place += 1 }
        guard place > start else { throw Malformed() }
    }

    // MARK: Texts

    /// Empty when it is not wanted.
    private mutating func string(isWanted: Bool) throws(Malformed) -> String {
        place += 1
        let start = place
        var bits: UInt8 = 0
        while next >= 0x20, next != UInt8(ascii: "\""), next != UInt8(ascii: "\\") {
            bits |= next
            place += 1
        }
        let end = place
        if take("\"") {
            guard bits < 0x80 else { return try Self.text(bytes[start..<end]) }
            return isWanted ? String(decoding: bytes[start..<end], as: UTF8.self) : ""
        }
        return try escapedString(after: bytes[start..<end])
    }

    private mutating func escapedString(after beginning: ArraySlice<UInt8>) throws(Malformed) -> String {
        var text = Array(beginning)
        while !take("\"") {
            guard next >= 0x20 else { throw Malformed() }
            if take("\\") {
                text += try escape().utf8
            } else {
                text.append(next)
                place += 1
            }
        }
        return try Self.text(text[...])
    }

    private static func text(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed() }
        return text
    }

    /// What stands behind a backslash.
    private mutating func escape() throws(Malformed) -> String {
        let letter = next
        place += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return String(Unicode.Scalar(letter))
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return String(try escapedScalar())
        default: throw Malformed()
        }
    }

    private mutating func escapedScalar() throws(Malformed) -> Unicode.Scalar {
        let unit = try fourDigits()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00, take("\\"), take("u") else { throw Malformed() }
        let second = try fourDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00))
        else { throw Malformed() }
        return scalar
    }

    private mutating func fourDigits() throws(Malformed) -> UInt32 {
        var number: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Self.hexDigit(next) else { throw Malformed() }
            number = number << 4 | UInt32(digit)
            place += 1
        }
        return number
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
            (byte | 0x20) - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
