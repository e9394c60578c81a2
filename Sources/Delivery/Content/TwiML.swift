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
        saying text: String, in language: SpokenLanguage = .english, times: Int = 1
    ) throws(TwiMLError) {
        guard Self.repeats.contains(times) else { throw .repeatsOutOfRange(times) }
        let content = Markup.xml(text)
        guard !content.isBlank else { throw .nothingToSay }
        let voice = language.voice.map { " voice=\"\(Markup.xml($0))\"" } ?? ""
        let turn = "<Pause length=\"1\"/><Say\(voice) language=\"\(Markup.xml(language.language))\">\(content)</Say>"
        let document = "<Response>\(String(repeating: turn, count: times))</Response>"
        let length = document.utf16.count
        guard length <= Self.maximumCharacters else { throw .tooLong(characters: length) }
        self.document = document
    }
}

/// Why a text cannot be spoken. It never holds the text.
public enum TwiMLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text is empty, or nothing but whitespace and characters that XML cannot carry.
    case nothingToSay
    /// No voice of the provider speaks the job's language.
    case noVoice
    /// The text cannot be said that often.
    case repeatsOutOfRange(Int)
    /// The whole document, escapes and repeats included, has this many characters.
    case tooLong(characters: Int)

    public var description: String {
        switch self {
        case .nothingToSay:
            "there is nothing to say"
        case .noVoice:
            "no voice speaks the language of the job's locale"
        case .repeatsOutOfRange(let times):
            "a text is said 1 to 10 times, not \(times)"
        case .tooLong(let characters):
            "the spoken message makes \(characters) characters of TwiML, more than \(TwiML.maximumCharacters)"
        }
    }
}
