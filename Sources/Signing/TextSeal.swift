/// Seals texts that are kept: whoever reads the files of the database or a backup reads none of them without the key.
///
/// A sealed text is `v1.KEY.BOX`: the id of its key, and in base64url an AES-256-GCM box (nonce, ciphertext, tag). What it
/// belongs to is authenticated with it, so one that is put into another person's row does not open there.
public struct TextSeal: Sendable {
    /// Why a text does not open.
    public enum Fault: Error, Sendable, Hashable {
        /// It is sealed with a key that is not here.
        case keyMissing(String)
        /// It was changed, belongs elsewhere, or is no sealed text.
        case notAuthentic
    }

    private struct Key: Sendable {
        var id: String
        var secret: [UInt8]
    }

    private static let version = "v1"
    private let keys: [Key]

    /// Without a key: it seals nothing, and opens nothing.
    public init() { keys = [] }

    /// Reads `id:base64` of 32 bytes, with commas or white space between several. The first one seals, each one opens.
    /// Nil when one is malformed, or an id stands there twice.
    public init?(keys text: String) {
        var keys: [Key] = []
        for word in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
            guard parts.count == 2, Self.isID(parts[0]), !keys.contains(where: { $0.id == parts[0] }),
                let secret = [UInt8](base64: parts[1]), secret.count == AESGCM.keyLength
            else { return nil }
            keys.append(Key(id: parts[0], secret: secret))
        }
        guard !keys.isEmpty else { return nil }
        self.keys = keys
    }

    /// The ids of the keys; the first one seals.
    public var keyIDs: [String] { keys.map(\.id) }

    /// Another text each time. Nil without a key.
    /// - Parameters:
    ///   - purpose: what is sealed for one purpose opens for no other.
    ///   - owner: what it belongs to, part by part. No part holds a zero byte.
    public func seal(_ text: String, for purpose: String, of owner: [String?]) -> String? {
        guard let key = keys.first,
            let box = try? AESGCM.seal(
                Array(text.utf8), key: key.secret, associatedData: Self.associated(purpose, owner))
        else { return nil }
        return "\(Self.version).\(key.id).\(box.base64URLEncoded)"
    }

    public func open(_ sealed: String, for purpose: String, of owner: [String?]) throws(Fault) -> String {
        let parts = sealed.split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
        guard parts.count == 3, parts[0] == Self.version, Self.isID(parts[1]) else { throw .notAuthentic }
        guard let key = keys.first(where: { $0.id == parts[1] }) else { throw .keyMissing(parts[1]) }
        guard let box = [UInt8](base64URL: parts[2]),
            let text = try? AESGCM.open(box, key: key.secret, associatedData: Self.associated(purpose, owner))
        else { throw .notAuthentic }
        return String(decoding: text, as: UTF8.self)
    }

    /// What stands for a text where two are compared: the same for the same text and the same key, and useless for guessing
    /// the text without it.
    /// - Parameter sealed: says which key. Empty where that is not here.
    public func likeness(of text: String, sealedAs sealed: String) -> String {
        let id = sealed.split(separator: ".").dropFirst().first.map { String($0) }
        guard let key = keys.first(where: { $0.id == id }) else { return "" }
        let secret = hmacSHA256(key: key.secret, message: Array("outrider likeness".utf8))
        return Array(hmacSHA256(key: secret, message: Array(text.utf8)).prefix(16)).hexEncoded
    }

    private static func associated(_ purpose: String, _ owner: [String?]) -> [UInt8] {
        Array(([version, purpose] + owner.map { $0 ?? "" }).joined(separator: "\u{0}").utf8)
    }

    /// As the constraint of outrider.jobs has it.
    private static func isID(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.enumerated().allSatisfy { index, byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "-"), UInt8(ascii: "_"): index > 0
                default: false
                }
            }
    }
}

extension TextSeal: CustomStringConvertible, CustomReflectable {
    /// Leaves the keys out.
    public var description: String { "TextSeal" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
