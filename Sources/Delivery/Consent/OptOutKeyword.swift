/// What a recipient asks for by one word: no more messages, messages again, or help.
///
/// The words are Twilio's defaults for long codes and toll-free numbers (docs: messaging/tutorials/advanced-opt-out)
/// with the French of Canada (docs: proxy/opt-out-keywords). Twilio honours them itself for most senders, but not for
/// short codes or WhatsApp, so every inbound message is read.
public enum OptOutKeyword: String, Sendable, Hashable, CaseIterable {
    case stop
    case start
    case help

    /// Reads an inbound message. The whole message must be the one word, in any case, with nothing around it but
    /// whitespace: "STOP PLEASE" is no keyword, as it is none to Twilio.
    public init?(message: String) {
        // ASCII only: Unicode case mapping would also take "ſtop" for a keyword.
        // By scalars: a combining mark on a space would count as space.
        let word = message.unicodeScalars.split(whereSeparator: \.properties.isWhitespace)
        guard word.count == 1, word[0].count <= 11 else { return nil }
        switch asciiUppercased(Substring(word[0])) {
        case "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "ARRET", "ARRETE", "ARRETT":
            self = .stop
        case "START", "YES", "UNSTOP":
            self = .start
        case "HELP", "INFO":
            self = .help
        default:
            return nil
        }
    }

    /// Reads the `OptOutType` that Twilio adds to an inbound message when Advanced Opt-Out recognised a keyword, of
    /// whatever language. Twilio has then answered the recipient already.
    public init?(optOutType: String) {
        switch asciiUppercased(optOutType[...]) {
        case "STOP": self = .stop
        case "START": self = .start
        case "HELP": self = .help
        default: return nil
        }
    }
}

private func asciiUppercased(_ text: Substring) -> String {
    String(decoding: text.utf8.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }, as: UTF8.self)
}
