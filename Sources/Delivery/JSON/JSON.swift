/// Any JSON value. Others add and leave out members at will, so what they send is read as a value and asked for what is
/// wanted.
public enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    /// As it is written: `12.50`, twenty digits and `1e400` stay what they are.
    case number(String)
    case string(String)
    case array([JSON])
    /// The members in their order.
    case object([Member])

    public struct Member: Sendable, Hashable {
        public var name: String
        public var value: JSON

        public init(name: String, value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// Nil when the bytes are not one JSON text.
    public init?(parsing bytes: [UInt8]) {
        self.init(bytes, .everything)
    }

    /// An object with these of its members alone; the others are checked, and not built. What is not an object has none.
    ///
    /// Nil when the bytes are not one JSON text.
    public init?(parsing bytes: [UInt8], members names: [String]) {
        self.init(bytes, .members(names))
    }

    private init?(_ bytes: [UInt8], _ wanted: JSONReader.Wanted) {
        var reader = JSONReader(bytes)
        guard let value = try? reader.document(wanted) else { return nil }
        self = value
    }

    /// The first member of this name, compared byte by byte; nil when this is no object or has no such member.
    public subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name.hasBytes(of: name) }?.value
    }

    public var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// A whole number that is written without a fraction and an exponent.
    public var integer: Int? {
        guard case .number(let text) = self else { return nil }
        return Int(text)
    }

    public var array: [JSON]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    public static func integer(_ number: Int) -> JSON { .number(String(number)) }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral
{
    public init(stringLiteral text: String) { self = .string(text) }
    public init(integerLiteral number: Int) { self = .integer(number) }
    public init(booleanLiteral isTrue: Bool) { self = .bool(isTrue) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral members: (String, JSON)...) {
        self = .object(members.map { Member(name: $0.0, value: $0.1) })
    }
}

extension JSON {
    /// The value as compact JSON text.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let isTrue): bytes += (isTrue ? "true" : "false").utf8
        case .number(let text): bytes += text.utf8
        case .string(let text): Self.write(text, to: &bytes)
        case .array(let elements):
            Self.write(elements, between: "[", "]", to: &bytes) { $0.write(to: &$1) }
        case .object(let members):
            Self.write(members, between: "{", "}", to: &bytes) { member, bytes in
                Self.write(member.name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
        }
    }

    private static func write<Part>(
        _ parts: [Part], between opening: Unicode.Scalar, _ closing: Unicode.Scalar, to bytes: inout [UInt8],
        _ write: (Part, inout [UInt8]) -> Void
    ) {
        bytes.append(UInt8(ascii: opening))
        for (index, part) in parts.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(part, &bytes)
        }
        bytes.append(UInt8(ascii: closing))
    }

    private static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): bytes += #"\n"#.utf8
            case UInt8(ascii: "\r"): bytes += #"\r"#.utf8
            case UInt8(ascii: "\t"): bytes += #"\t"#.utf8
            case 0..<0x20: bytes += "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
