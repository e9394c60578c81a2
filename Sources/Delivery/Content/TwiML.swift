/// The document that tells Twilio what to say on a call: a pause, the text, and the pair again for each repeat.
///
/// The first pause is there because people lift the handset before they listen.
public struct TwiML: Sendable, Hashable {
    /// The document, ready for the `Twiml` field of a call. It holds the message, so it must not be logged.
    public let document: String

    /// The longest document the Calls API takes in its `Twiml` field. Counted in UTF-16 units, the strictest reading.
    public static let maximumCharacters = 4_000
    /// How often a text may be said.
    public static let repeats = 1...10

    /// Characters that XML 1.0 cannot carry, even escaped, are dropped from the text.
    ///
    /// - Parameters:
    ///   - text: what to say; plain text, all markup is spoken, not obeyed.
    ///   - language: the language and voice to say it in.
    ///   - times: how often to say it, 1 to 10.
    /// - Throws: `TwiMLError` for an empty text, a count out of range, or a document over 4,000 characters.
    public init(
        saying text: String, in language: SpokenLanguage = .fallback, times: Int = 1
    ) throws(TwiMLError) {
        guard Self.repeats.contains(times) else { throw .repeatsOutOfRange(times) }
        let content = Self.escape(text)
        guard !content.unicodeScalars.allSatisfy(\.properties.isWhitespace) else { throw .nothingToSay }
        let voice = language.voice.map { " voice=\"\(Self.escape($0))\"" } ?? ""
        let turn = "<Pause length=\"1\"/><Say\(voice) language=\"\(Self.escape(language.language))\">\(content)</Say>"
        let document = "<Response>\(String(repeating: turn, count: times))</Response>"
        let length = document.utf16.count
        guard length <= Self.maximumCharacters else { throw .tooLong(characters: length) }
        self.document = document
    }

    /// Text fit for an element or a quoted attribute.
    static func escape(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where isLegalXML(scalar) {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&apos;".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    /// `Char` of XML 1.0, section 2.2. Surrogates are no Unicode scalars.
    private static func isLegalXML(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x9, 0xA, 0xD, 0x20...0xFFFD, 0x1_0000...0x10_FFFF: true
        default: false
        }
    }
}

/// Why a text cannot be spoken. It never holds the text.
public enum TwiMLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text is empty, or nothing but whitespace and characters that XML cannot carry.
    case nothingToSay
    /// The text cannot be said that often.
    case repeatsOutOfRange(Int)
    /// The whole document, escapes and repeats included, has this many characters.
    case tooLong(characters: Int)

    public var description: String {
        switch self {
        case .nothingToSay:
            "there is nothing to say"
        case .repeatsOutOfRange(let times):
            "a text is said 1 to 10 times, not \(times)"
        case .tooLong(let characters):
            "the spoken message makes \(characters) characters of TwiML, more than \(TwiML.maximumCharacters)"
        }
    }
}
