/// Seals a few texts into the last part of an address that travels through other people's hands. Nobody can read, make or
/// change one without the key, so an address of a person may stand in it.
///
/// AES-256-GCM proves and hides at once. A signature alone would show the texts in every log on the way.
public struct LinkSeal: Sendable {
    private let keys: [[UInt8]]
    private let purpose: [UInt8]

    /// The longest text that is tried to be opened.
    private static let longest = 1_500

    /// - Parameters:
    ///   - secrets: the first one seals, each one opens. Without any, nothing is sealed and nothing opens.
    ///   - purpose: what is sealed for one purpose opens for no other.
    public init(secrets: [String], purpose: String) {
        self.purpose = Array(purpose.utf8)
        keys = secrets.map { hmacSHA256(key: Array("outrider link".utf8), message: Array($0.utf8)) }
    }

    /// Letters, digits, `-` and `_`; another text each time. Nil without a key, and for a part that holds a zero byte.
    public func seal(_ parts: [String]) -> String? {
        guard let key = keys.first, parts.allSatisfy({ !$0.utf8.contains(0) }) else { return nil }
        let message = Array(parts.joined(separator: "\u{0}").utf8)
        return (try? AESGCM.seal(message, key: key, associatedData: purpose)).map(Self.spell)
    }

    /// The parts; nil when they were not sealed with one of the keys, or the text was changed or cut on its way.
    public func open(_ text: String) -> [String]? {
        guard let box = Self.read(text) else { return nil }
        for key in keys {
            guard let message = try? AESGCM.open(box, key: key, associatedData: purpose) else { continue }
            return message.split(separator: 0, omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
        return nil
    }

    /// Base64 for addresses, without padding (RFC 4648 §5).
    private static func spell(_ box: [UInt8]) -> String {
        let digits = box.base64Encoded.utf8.compactMap { digit -> UInt8? in
            switch digit {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: digit
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Nil for any other spelling, so that each link has one.
    private static func read(_ text: String) -> [UInt8]? {
        guard (1...longest).contains(text.utf8.count), !text.utf8.contains(where: { "+/=".utf8.contains($0) }) else {
            return nil
        }
        let digits = text.utf8.map { digit in
            switch digit {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: digit
            }
        }
        let padding = String(repeating: "=", count: (4 - digits.count % 4) % 4)
        return [UInt8](base64: String(decoding: digits, as: UTF8.self) + padding)
    }
}

extension LinkSeal: CustomStringConvertible, CustomReflectable {
    /// Leaves the keys out.
    public var description: String { "LinkSeal" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
