/// What a recipient asks for by a word: no more messages, messages again, or help.
///
/// Twilio honours its English defaults itself for most senders, but not for short codes or WhatsApp, and only as the one
/// word of a message. Whoever writes "Stop." or "ARRÊT" wants the same. So every inbound message is read here.
public enum OptOutKeyword: String, Sendable, Hashable, CaseIterable {
    case stop
    case start
    case help

    /// Reads an inbound message. It must be a word of `OptOutWords`, or several of one meaning. Courtesies, punctuation,
    /// emoji, a signature and quoted lines around the word change nothing. A sentence that has the word in it is none.
    public init?(message: String) {
        let lines = FoldedText.lines(of: message)
        guard let first = lines.first, let meaning = OptOutKeyword(line: first) else { return nil }
        guard lines.dropFirst().allSatisfy({ $0.isAside(after: meaning) }) else { return nil }
        self = meaning
    }

    /// Reads the `OptOutType` that Twilio adds to an inbound message when Advanced Opt-Out recognised a keyword, of
    /// whatever language. Twilio has then answered the recipient already.
    public init?(optOutType: String) {
        switch FoldedText.upperCased(optOutType) {
        case "STOP": self = .stop
        case "START": self = .start
        case "HELP": self = .help
        default: return nil
        }
    }

    /// Reads one line: as a whole, or with a name or a quotation set off behind the word.
    private init?(line: FoldedText) {
        if let meaning = OptOutKeyword(words: line.words, isQuestion: line.isQuestion) {
            self = meaning
        } else if let (head, rest) = line.splitAtAside, rest.isName || rest.isQuoted,
            let meaning = OptOutKeyword(words: head.words, isQuestion: head.isQuestion)
        {
            self = meaning
        } else {
            return nil
        }
    }

    private init?(words: [String], isQuestion: Bool) {
        guard !words.isEmpty, words.count <= 8 else { return nil }
        if let meaning = Self.meaning(of: words, isQuestion: isQuestion) {
            self = meaning
        } else if words.count > 2, words.allSatisfy({ $0.utf8.count == 1 }),
            let meaning = Self.meaning(of: [words.joined()], isQuestion: isQuestion)
        {
            self = meaning  // S.T.O.P.
        } else if let meaning = Self.meaning(of: words.map(FoldedText.withoutStretches), isQuestion: isQuestion) {
            self = meaning  // STOOOP
        } else {
            return nil
        }
    }

    /// The one meaning of all words, once courtesies are taken away.
    private static func meaning(of words: [String], isQuestion: Bool) -> OptOutKeyword? {
        let said = OptOutWords.withoutCourtesies(words)
        guard !said.isEmpty,
            let meaning = meaning(ofPhrase: said) ?? commonMeaning(of: said) ?? objectiveMeaning(of: said)
        else { return nil }
        // Consent must be plain: a question gives none, nor a "yes, please", which answers something else.
        if meaning == .start, isQuestion || said == ["YES"] && said != words { return nil }
        return meaning
    }

    private static func meaning(ofPhrase words: [String]) -> OptOutKeyword? {
        OptOutWords.meanings[words.joined(separator: " ")]
    }

    /// A word that stops, with what it stops. Only the one: an object beside START or HELP may be an order.
    private static func objectiveMeaning(of words: [String]) -> OptOutKeyword? {
        let rest = words.filter { !OptOutWords.objects.contains($0) && !isShortCode($0) }
        guard (1...2).contains(rest.count), rest.count < words.count, words.count <= 4 else { return nil }
        return meaning(ofPhrase: rest) == .stop ? .stop : nil
    }

    private static func isShortCode(_ word: String) -> Bool {
        (3...6).contains(word.utf8.count) && word.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func commonMeaning(of words: [String]) -> OptOutKeyword? {
        let meanings = words.map { OptOutWords.meanings[$0] }
        guard words.count > 1, let first = meanings[0], meanings.allSatisfy({ $0 == first }) else { return nil }
        return first
    }
}

extension FoldedText {
    /// Whether a line behind the word says nothing of its own.
    fileprivate func isAside(after meaning: OptOutKeyword) -> Bool {
        if isQuoted || isSignature || words.isEmpty { return true }
        // The same word once more, or thanks.
        if OptOutWords.withoutCourtesies(words).allSatisfy({ OptOutWords.meanings[$0] == meaning }) { return true }
        // A name alone is a signature, but not behind a word that also answers questions.
        return meaning != .start && (isName || isContact)
    }
}
