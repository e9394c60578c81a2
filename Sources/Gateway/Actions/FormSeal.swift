import Signing

/// Proves that a form was made by this page for this person and this purpose, and that a sentence shown after it is ours.
///
/// A token names the click it is for, and until when it holds; all gateways with the same settings make the same.
struct FormSeal: Sendable {
    /// A form that was left open over night is looked at again before it is sent.
    static let life = 12 * 3_600

    private let key: [UInt8]

    init(key: [UInt8]) { self.key = key }

    /// - Parameter now: seconds since 1970.
    func token(for person: String?, _ purpose: String, at now: Int) -> String {
        let click = randomBytes(16).hexEncoded
        let end = String(now + Self.life)
        return "\(click).\(end).\(proof("form", person, purpose, click, end).hexEncoded)"
    }

    /// The click of a token; nil when it is not ours, not this person's, for something else, or too old.
    func click(of token: String, by person: String?, _ purpose: String, at now: Int) -> String? {
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map { String($0)! }
        guard parts.count == 3, let given = [UInt8](hex: parts[2]),
            constantTimeEquals(given, proof("form", person, purpose, parts[0], parts[1])), let end = Int(parts[1]),
            now < end
        else { return nil }
        return parts[0]
    }

    /// What a sentence in an address of a page is proven with: nobody else makes the page say something.
    func seal(of sentence: String, at path: String) -> String {
        proof("sentence", nil, path, sentence).prefix(16).map { $0 }.hexEncoded
    }

    func isOurs(_ sentence: String, at path: String, seal: String) -> Bool {
        constantTimeEquals(Array(seal.utf8), Array(self.seal(of: sentence, at: path).utf8))
    }

    /// Each part with its length before it, so that no two lists of parts are one text.
    private func proof(_ parts: String?...) -> [UInt8] {
        let message = parts.map { part in part.map { "\($0.utf8.count):\($0)" } ?? "-" }.joined(separator: ",")
        return hmacSHA256(key: key, message: Array(message.utf8))
    }
}
