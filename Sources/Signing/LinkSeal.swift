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
        return (try? AESGCM.seal(message, key: key, associatedData: purpose)).map(\.base64URLEncoded)
    }

    /// The parts; nil when they were not sealed with one of the keys, or the text was changed or cut on its way.
    public func open(_ text: String) -> [String]? {
        guard text.utf8.count <= Self.longest, let box = [UInt8](base64URL: text) else { return nil }
        for key in keys {
            guard let message = try? AESGCM.open(box, key: key, associatedData: purpose) else { continue }
            return message.split(separator: 0, omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
        return nil
    }
}

extension LinkSeal: CustomStringConvertible, CustomReflectable {
    /// Leaves the keys out.
    public var description: String { "LinkSeal" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
