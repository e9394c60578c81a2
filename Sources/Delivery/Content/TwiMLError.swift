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
