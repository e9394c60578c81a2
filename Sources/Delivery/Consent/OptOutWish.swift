/// A sentence that plainly asks for no more messages, though it is no word of `OptOutKeyword`: "I want no more of your texts".
///
/// Whoever writes one gets no more marketing from that moment on. What else it should stop, an operator decides: a sentence
/// can be misread, and a STOP that nobody meant keeps one-time passwords from a person.
public struct OptOutWish: Sendable, Hashable {
    /// The phrase of `OptOutPhrases` that was found, for whoever wonders why.
    public let phrase: String
    /// What the person wrote, at most 500 characters: the operator who decides has to read it.
    public let text: String

    /// A bound for what is searched. Who asks for an end does so early.
    private static let longest = 80
    private static let mostClauses = 10
    private static let longestText = 500

    /// Reads an inbound message. Nil when it asks for nothing, and when it is a word that stops by itself.
    public init?(message: String) {
        guard OptOutKeyword(message: message) == nil else { return nil }
        let sentences = FoldedText.lines(of: message).flatMap(\.sentences)
        let all = Set(sentences.flatMap(\.words).prefix(Self.longest))
        var left = Self.longest
        for sentence in sentences where left > 0 {
            let clauses = sentence.clauses.prefix(Self.mostClauses).map { Array($0.words.prefix(left)) }
            let words = Array(sentence.words.prefix(left))
            left -= words.count
            // A clause by itself too: what is denied before a comma is not what is asked behind it.
            guard let phrase = ([words] + clauses).lazy.compactMap({ Self.phrase(in: $0, of: all) }).first else {
                continue
            }
            self.phrase = phrase
            text = String(String.UnicodeScalarView(message.unicodeScalars.prefix(Self.longestText)))
            return
        }
        return nil
    }

    private static func phrase(in words: [String], of message: Set<String>) -> String? {
        let plain = words.map(FoldedText.withoutStretches)
        return OptOutPhrases.all.first(in: words, of: message)
            ?? (plain == words ? nil : OptOutPhrases.all.first(in: plain, of: message))
    }
}

extension OptOutWish: CustomStringConvertible, CustomReflectable {
    /// Shows nothing of what the person wrote.
    public var description: String { "a sentence that asks for no more messages" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Phrases by the beginnings of their first words, so that a message is compared with few of them.
struct OptOutPhraseBook: Sendable {
    private var phrases: [OptOutPhrase] = []
    private var byBeginning: [String: [Int]] = [:]
    /// Those that begin with no word of their own.
    private var others: [Int] = []

    init(_ texts: some Sequence<String>) {
        for text in texts {
            let phrase = OptOutPhrase(text)
            if let beginnings = phrase.beginnings {
                for beginning in beginnings { byBeginning[beginning, default: []].append(phrases.count) }
            } else {
                others.append(phrases.count)
            }
            phrases.append(phrase)
        }
    }

    /// - Returns: the text of a phrase that these words have, in a message with all those words.
    func first(in words: [String], of message: Set<String>) -> String? {
        for start in words.indices {
            let candidates = byBeginning[OptOutPhrase.beginning(of: words[start])] ?? []
            for index in candidates + others where phrases[index].stands(at: start, in: words, of: message) {
                return phrases[index].text
            }
        }
        return nil
    }
}

/// A phrase with gaps, as `OptOutPhrases` has it.
///
/// `A|B` is one of these words, and `A*` any word that begins so, of at least two letters. `~2` is up to two words of any
/// kind. `^` is the beginning of a sentence, courtesies left out, and `$` its end. Behind `!<` stand words of which none may come within four words before the phrase; behind `!>`
/// words of which none may be in the phrase or within three words behind it. Behind `!&` stand words of which the message
/// must have one, wherever.
struct OptOutPhrase: Sendable {
    let text: String
    private var parts: [Part] = []
    private var notBefore = Words()
    private var notBehind = Words()
    private var needed = Words()

    private enum Part: Sendable {
        case word(Words)
        case gap(Int)
        case start
        case end
    }

    private static let mostCourtesies = 8
    private static let denials = ["NOT", "T", "DONT", "NEVER", "NO", "NAO", "NE", "NON", "NICHT", "NIE", "NIET"]

    init(_ text: some StringProtocol) {
        self.text = String(text)
        for token in text.split(separator: " ") {
            if token.hasPrefix("!<") {
                notBefore.add(token.dropFirst(2))
                // A phrase of one language may stand in another's denial.
                if Self.denials.contains(where: notBefore.contains) { Self.denials.forEach { notBefore.add($0) } }
            } else if token.hasPrefix("!>") {
                notBehind.add(token.dropFirst(2))
            } else if token.hasPrefix("!&") {
                needed.add(token.dropFirst(2))
            } else if token.hasPrefix("~") {
                parts.append(.gap(Int(token.dropFirst()) ?? 0))
            } else if token == "^" {
                parts.append(.start)
            } else {
                parts.append(token == "$" ? .end : .word(Words(token)))
            }
        }
    }

    private struct Words: Sendable {
        private var whole: Set<String> = []
        private var beginnings: [String] = []

        init() {}
        init(_ alternatives: some StringProtocol) { add(alternatives) }

        var isEmpty: Bool { whole.isEmpty && beginnings.isEmpty }

        mutating func add(_ alternatives: some StringProtocol) {
            for word in alternatives.split(separator: "|") {
                if word.hasSuffix("*") {
                    beginnings.append(String(word.dropLast()))
                } else {
                    whole.insert(String(word))
                }
            }
        }

        var shortBeginnings: Set<String> {
            Set(whole.map(OptOutPhrase.beginning) + beginnings.map(OptOutPhrase.beginning))
        }

        func contains(_ word: String) -> Bool {
            whole.contains(word) || beginnings.contains { word.hasPrefix($0) }
        }
    }

    /// The first two letters of each word that it may begin with; nil when it begins with anything.
    var beginnings: Set<String>? {
        guard case .word(let words) = parts.first else { return nil }
        return words.shortBeginnings
    }

    static func beginning(of word: String) -> String { String(word.prefix(2)) }

    /// Whether it stands there in these words of a message that has all of those.
    func stands(at start: Int, in words: [String], of message: Set<String>) -> Bool {
        guard let end = end(of: parts[...], in: words, from: start) else { return false }
        return !words[max(0, start - 4)..<start].contains(where: notBefore.contains)
            && !words[start..<min(words.count, end + 3)].contains(where: notBehind.contains)
            && (needed.isEmpty || message.contains(where: needed.contains))
    }

    /// Where the parts end that begin at `position`, the nearest first; nil when they do not stand there.
    private func end(of parts: ArraySlice<Part>, in words: [String], from position: Int) -> Int? {
        guard let part = parts.first else { return position }
        let rest = parts.dropFirst()
        switch part {
        case .word(let these):
            guard position < words.count, these.contains(words[position]) else { return nil }
            return end(of: rest, in: words, from: position + 1)
        case .gap(let most):
            for skipped in 0...most where position + skipped <= words.count {
                if let found = end(of: rest, in: words, from: position + skipped) { return found }
            }
            return nil
        case .start:
            guard position <= Self.mostCourtesies, OptOutWords.withoutCourtesies(Array(words[..<position])).isEmpty
            else { return nil }
            return end(of: rest, in: words, from: position)
        case .end:
            let rest = words[position...]
            return rest.count <= Self.mostCourtesies && OptOutWords.withoutCourtesies(Array(rest)).isEmpty
                ? position : nil
        }
    }
}
