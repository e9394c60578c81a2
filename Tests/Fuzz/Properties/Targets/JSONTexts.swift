import Delivery
import Foundation

/// The bytes are a JSON text, or nearly one. Foundation's reader takes the same texts and finds the same values in them.
func checkJSON(_ bytes: [UInt8]) throws(Violation) {
    let ours = JSON(parsing: bytes)
    let theirs = try? JSONDecoder().decode(Reference.self, from: Data(bytes))
    guard let ours else {
        // The decoder does not look into the value of a name that comes twice.
        let whole = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        let isLax = isInAnotherEncoding(bytes) || isDeep(bytes) || hasCommaAtEnd(bytes)
        try require(theirs == nil || whole == nil || isLax, "a JSON text is refused")
        return try require(JSON(parsing: bytes, members: ["a"]) == nil, "what is not read as a whole is read in part")
    }
    guard let theirs else { throw Violation(description: "what Foundation refuses is read") }
    try require(theirs.holds(ours), "another value than Foundation's")
    try require(JSON(parsing: ours.encoded) == ours, "another value once written")
    try checkMembers(of: ours, bytes)
}

/// Only the members that are asked for are read, as they are read with all the others.
private func checkMembers(of value: JSON, _ bytes: [UInt8]) throws(Violation) {
    guard case .object(let members) = value else {
        let read = JSON(parsing: bytes, members: ["a"])
        return try require(read != nil && read?["a"] == nil, "a member of what is no object")
    }
    let names = members.enumerated().filter { $0.offset % 2 == 0 }.map(\.element.name)
    let wanted = JSON.object(members.filter { names.contains(where: $0.name.hasBytes) })
    try require(JSON(parsing: bytes, members: names) == wanted, "other members than those that were asked for")
}

/// Foundation guesses other encodings by their zero bytes and byte order marks, and mends what is no UTF-8 in a name.
/// RFC 8259 knows UTF-8 alone, without a mark.
private func isInAnotherEncoding(_ bytes: [UInt8]) -> Bool {
    bytes.contains(0) || String(validating: bytes, as: UTF8.self) == nil || bytes.starts(with: [0xEF, 0xBB, 0xBF])
        || bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE])
}

/// Foundation takes `[1,]`.
private func hasCommaAtEnd(_ bytes: [UInt8]) -> Bool {
    let text = bytes.filter { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }
    return zip(text, text.dropFirst()).contains { one, next in
        one == UInt8(ascii: ",") && (next == UInt8(ascii: "]") || next == UInt8(ascii: "}"))
    }
}

/// Foundation reads 512 levels.
private func isDeep(_ bytes: [UInt8]) -> Bool {
    bytes.count { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") } > 128
}

/// A value as Foundation reads it.
private enum Reference: Decodable {
    case null, bool(Bool), string(String), list([Reference]), object([String: Reference])
    case number(Double)
    /// One that Foundation refuses only when it is asked for: too large, too small, or not as the RFC writes numbers.
    case oddNumber

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let isTrue = try? value.decode(Bool.self) {
            self = .bool(isTrue)
        } else if let text = try? value.decode(String.self) {
            self = .string(text)
        } else if let elements = try? value.decode([Reference].self) {
            self = .list(elements)
        } else if let members = try? value.decode([String: Reference].self) {
            self = .object(members)
        } else {
            self = (try? value.decode(Double.self)).map(Reference.number) ?? .oddNumber
        }
    }

    func holds(_ value: JSON) -> Bool {
        switch (self, value) {
        case (.null, .null), (.oddNumber, .number): true
        case (.bool(let one), .bool(let other)): one == other
        case (.string(let one), .string(let other)): one.utf8.elementsEqual(other.utf8)
        case (.number(let one), .number(let other)): one == Double(other)
        case (.list(let one), .array(let other)):
            one.count == other.count && zip(one, other).allSatisfy { $0.holds($1) }
        case (.object(let one), .object(let members)):
            members.allSatisfy { one[$0.name] != nil }
                && one.allSatisfy { name, own in value[name].map(own.holds) ?? false }
        default: false
        }
    }
}
