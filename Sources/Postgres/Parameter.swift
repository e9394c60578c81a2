/// One value for a `$n` placeholder. Sent as text; PostgreSQL infers the type from the statement.
///
/// A `nil` payload is SQL NULL. Where the statement leaves the type open, cast in SQL: `$1::jsonb`, `$2::timestamptz`.
public enum Parameter: Sendable, Equatable {
    case null
    /// Also for `jsonb`, `timestamptz`, `numeric` and every other type in its text form.
    case text(String?)
    case int(Int?)
    case bool(Bool?)
    case double(Double?)
    /// The text form of a UUID.
    case uuid(String?)
    case bytes([UInt8]?)
    case intArray([Int])
    case optionalIntArray([Int?])
    case textArray([String?])
    case boolArray([Bool])
    case doubleArray([Double])
    /// Array of UUIDs in text form.
    case uuidArray([String?])

    /// The text PostgreSQL's input function of the type reads; nil for NULL.
    var encoded: String? {
        switch self {
        case .null: nil
        case .text(let value), .uuid(let value): value
        case .int(let value): value?.description
        case .bool(let value): value.map { $0 ? "t" : "f" }
        case .double(let value): value?.description
        case .bytes(let value): value.map(Self.hex)
        case .intArray(let values): ArrayLiteral.joined(values.map(\.description))
        case .optionalIntArray(let values): ArrayLiteral.joined(values.map { $0?.description ?? "NULL" })
        case .boolArray(let values): ArrayLiteral.joined(values.map { $0 ? "t" : "f" })
        case .doubleArray(let values): ArrayLiteral.joined(values.map(\.description))
        case .textArray(let values), .uuidArray(let values): ArrayLiteral.quoted(values)
        }
    }

    /// The `bytea` hex form, https://www.postgresql.org/docs/15/datatype-binary.html
    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = [UInt8(ascii: "\\"), UInt8(ascii: "x")]
        text.reserveCapacity(2 + bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0x0f)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
