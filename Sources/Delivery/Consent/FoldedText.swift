/// A line that a person wrote, without what only looks different: case, accents, width, punctuation, emoji.
///
/// Everything is told by scalars, as a combining mark would hide the letter before it in a `Character`.
struct FoldedText: Sendable, Hashable {
    /// The words in capital letters, mostly of ASCII.
    let words: [String]
    let isQuestion: Bool
    /// Whether the line quotes what it answers, or leads in to such lines.
    let isQuoted: Bool
    /// Whether it begins or is a signature: two dashes, "Sent from my phone", kind regards.
    let isSignature: Bool
    private let scalars: [Unicode.Scalar]

    /// A bound for what is read of a message. A word stands at its beginning.
    private static let longest = 4_096

    /// The lines that say something, with what follows a signature's beginning left out. Lines that are quoted before the
    /// answer are left out too.
    static func lines(of message: String) -> [FoldedText] {
        let scalars = message.unicodeScalars.prefix(longest).filter { !isInvisible($0) }
        var lines: [FoldedText] = []
        var isQuoting = false
        for line in scalars.split(whereSeparator: { isLineEnd($0) }) {
            let text = FoldedText(Array(line))
            if text.words.isEmpty && !text.isSignature && !text.isQuoted { continue }
            if lines.isEmpty, text.isQuoted { continue }
            if !lines.isEmpty, text.isSignature || text.opensQuotation { isQuoting = true }
            if !isQuoting { lines.append(text) }
        }
        return lines
    }

    init(_ scalars: [Unicode.Scalar]) {
        self.scalars = scalars
        let words = Self.words(of: scalars)
        self.words = words
        isQuestion = scalars.contains { $0 == "?" || $0 == "\u{FF1F}" || $0 == "¿" }
        let start = scalars.first { !$0.properties.isWhitespace }
        isQuoted = start.map { ">|»".unicodeScalars.contains($0) || $0 == "\u{FF1E}" } ?? false
        isSignature =
            Self.isRule(scalars) || Signatures.beginnings.contains { words.starts(with: $0) }
            || Signatures.closings.contains { closing in
                words.starts(with: closing)
                    && (words.count == closing.count || Self.endsInName(scalars, after: closing.count))
            }
    }

    /// Whether up to three words with capital letters follow a closing: "LG Sabine".
    private static func endsInName(_ scalars: [Unicode.Scalar], after count: Int) -> Bool {
        let parts = scalars.split { $0.properties.isWhitespace || $0 == "," || $0 == "." }.dropFirst(count)
        return (1...4).contains(parts.count) && parts.contains { $0.first?.properties.isUppercase ?? false }
    }

    /// Whether the lines behind it are somebody else's: "On Monday Ann wrote:".
    var opensQuotation: Bool {
        guard let last = scalars.last(where: { !$0.properties.isWhitespace }) else { return false }
        let isLeadIn = last == ":" && Signatures.wrote.contains { !Set($0).isDisjoint(with: words) }
        return isLeadIn || isHeader || Signatures.originals.contains { words.starts(with: $0) }
    }

    private var isHeader: Bool {
        ["FROM", "VON", "DE", "DA", "OD", "VAN"].contains(words.first) && scalars.contains(":") && scalars.contains("@")
    }

    /// A number or an address, as it stands under a name.
    var isContact: Bool {
        let isNumber = words.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        return !words.isEmpty && (isNumber || scalars.contains("@") || words.first == "WWW" || words.first == "HTTPS")
    }

    private static let asides = "-–—/|~>«“\"„".unicodeScalars

    /// Whether it is one to three words that each begin with a capital letter, as a name does.
    var isName: Bool {
        let parts = scalars.drop { Self.asides.contains($0) || $0.properties.isWhitespace }
            .split { $0.properties.isWhitespace || $0 == "." || $0 == "," }
        guard (1...3).contains(parts.count) else { return false }
        return parts.allSatisfy { part in
            guard let first = part.first, first.properties.isUppercase else { return false }
            return part.dropFirst().allSatisfy { $0.properties.isAlphabetic || $0 == "-" || $0 == "'" || $0 == "’" }
        }
    }

    /// What stands before and behind a dash, a slash or a bracket that sets off an aside; nil when none does.
    var splitAtAside: (head: FoldedText, rest: FoldedText)? {
        guard let index = scalars.indices.dropFirst().first(where: { Self.asides.contains(scalars[$0]) }) else {
            return nil
        }
        let isQuotation = ">«“\"„".unicodeScalars.contains(scalars[index])
        // A hyphen within a word sets nothing off.
        guard isQuotation || scalars[index - 1].properties.isWhitespace else { return nil }
        let rest = scalars[index...].drop { Self.asides.contains($0) || $0.properties.isWhitespace }
        let head = FoldedText(Array(scalars[..<index]))
        return (head, isQuotation ? FoldedText([">"] + rest) : FoldedText(Array(rest)))
    }

    /// The line cut at the ends of its sentences.
    var sentences: [FoldedText] {
        scalars.split { ".!?;\u{2026}\u{FF01}\u{FF0E}\u{FF1F}¡¿".unicodeScalars.contains($0) }.map {
            FoldedText(Array($0))
        }
    }

    /// The sentence cut at its commas.
    var clauses: [FoldedText] {
        scalars.split { ",:()\u{2013}\u{2014}\u{FF0C}".unicodeScalars.contains($0) }.map { FoldedText(Array($0)) }
    }

    // MARK: Folding

    private static func words(of scalars: [Unicode.Scalar]) -> [String] {
        var words: [String] = []
        var word = ""
        for scalar in scalars {
            if let folded = LetterFold.fold(scalar) {
                word += folded
            } else if !isAttached(scalar), !word.isEmpty {
                words.append(word)
                word = ""
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// Marks upon letters belong to the letter before them; an apostrophe within a word parts it from nothing.
    private static func isAttached(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark: true
        default: false
        }
    }

    private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\n", "\r", "\u{0B}", "\u{0C}", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }

    /// Zero-width characters, marks of direction, selectors of variants, tags.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.generalCategory == .format
    }

    private static func isRule(_ scalars: [Unicode.Scalar]) -> Bool {
        let marks = scalars.filter { !$0.properties.isWhitespace }
        return marks.count >= 2 && marks.allSatisfy { "-–—_=*~".unicodeScalars.contains($0) }
    }

    /// A word without the letters that somebody kept pressed.
    static func withoutStretches(_ word: String) -> String {
        var result: [UInt8] = []
        let bytes = Array(word.utf8)
        for (index, byte) in bytes.enumerated() {
            let isStretched = stretch(around: index, in: bytes) >= 3
            if !isStretched || result.last != byte { result.append(byte) }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func stretch(around index: Int, in bytes: [UInt8]) -> Int {
        let before = bytes[..<index].reversed().prefix { $0 == bytes[index] }.count
        return before + bytes[index...].prefix { $0 == bytes[index] }.count
    }

    /// ASCII capitals of ASCII letters alone.
    static func upperCased(_ text: String) -> String {
        String(decoding: text.utf8.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }, as: UTF8.self)
    }
}

/// How people and their telephones end a message.
private enum Signatures {
    static let beginnings: [[String]] = [
        "SENT FROM, SENT VIA, SENT BY, GET OUTLOOK, ENVIADO DESDE, ENVIADO DO, ENVIADO DE, ENVIADO A PARTIR, ENVOYE DE, "
            + "ENVOYE DEPUIS, ENVOYE A PARTIR, VON MEINEM, GESENDET VON, INVIATO DA, INVIATO DAL, WYSLANE Z, WYSLANO Z, "
            + "VERSTUURD VANAF, VERZONDEN VANAF, VERSTUURD MET"
    ].phrases

    static let closings: Set<[String]> = Set(
        [
            "REGARDS, KIND REGARDS, BEST REGARDS, BEST, CHEERS, SINCERELY, YOURS, BEST WISHES, RGDS, BR, SALUDOS, "
                + "UN SALUDO, ATENTAMENTE, CORDIALEMENT, BIEN A VOUS, SALUTATIONS, MIT FREUNDLICHEN GRUSSEN, VIELE GRUSSE, "
                + "LIEBE GRUSSE, GRUSSE, GRUSS, MFG, LG, VG, ATENCIOSAMENTE, CUMPRIMENTOS, ABRACOS, CORDIALI SALUTI, SALUTI, "
                + "DISTINTI SALUTI, POZDRAWIAM, Z POWAZANIEM, POZDROWIENIA, GROETEN, GROETJES, MET VRIENDELIJKE GROET, "
                + "VRIENDELIJKE GROETEN, GROET, GR, GRTJS, MVG, BISOUS, ABS, BJS, GRUSSE AUS, SAL"
        ].phrases)

    /// What stands above the message that a mail program answers.
    static let originals: [[String]] = [
        """
        ORIGINAL MESSAGE, MENSAJE ORIGINAL, MESSAGE D ORIGINE, MESSAGE ORIGINAL, URSPRUNGLICHE NACHRICHT, MENSAGEM ORIGINAL, \
        MESSAGGIO ORIGINALE, WIADOMOSC ORYGINALNA, ORYGINALNA WIADOMOSC, OORSPRONKELIJK BERICHT
        """
    ].phrases

    static let wrote: [[String]] = [
        "WROTE, ESCRIBIO, ECRIT, SCHRIEB, ESCREVEU, SCRITTO, NAPISAL, NAPISALA, PISZE, SCHREEF"
    ].phrases
}

extension [String] {
    fileprivate var phrases: [[String]] {
        flatMap { $0.split(separator: ",") }.map { $0.split(separator: " ").map { String($0) } }
    }
}
