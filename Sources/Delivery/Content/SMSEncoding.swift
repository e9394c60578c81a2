/// How the text of an SMS is put into its 140 octets (3GPP TS 23.038). One character outside GSM-7 turns the whole
/// message to UCS-2, which more than halves what a segment holds.
public enum SMSEncoding: String, Sendable, Hashable, CaseIterable {
    case gsm7 = "GSM-7"
    case ucs2 = "UCS-2"

    /// The encoding a text gets: GSM-7 only if it holds every character.
    public init(for text: String) {
        self = text.unicodeScalars.allSatisfy { Self.septets(of: $0) != nil } ? .gsm7 : .ucs2
    }

    /// The first character that only UCS-2 holds; nil when the text is GSM-7.
    public static func firstUnusual(in text: String) -> String? {
        text.unicodeScalars.first { septets(of: $0) == nil }.map { String(Character($0)) }
    }

    /// A character as it is named to a reader: in quotes, or by its number where it shows nothing by itself.
    public static func name(of character: String) -> String {
        guard let scalar = character.unicodeScalars.first else { return "\"\"" }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark: break
        default: if !character.isBlank { return "\"\(character)\"" }
        }
        let number = String(scalar.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - number.utf8.count)) + number
    }

    /// Units (septets or UTF-16 units) in a message of one segment.
    public var unitsInSingleSegment: Int {
        switch self {
        case .gsm7: 160
        case .ucs2: 70
        }
    }

    /// Units in each segment of a longer message; six octets go to the header that joins them.
    public var unitsInJoinedSegment: Int {
        switch self {
        case .gsm7: 153
        case .ucs2: 67
        }
    }

    /// Septets that GSM-7 spends on a character: 1 in the basic table, 2 in the extension table, nil in neither.
    static func septets(of scalar: Unicode.Scalar) -> Int? {
        switch scalar {
        case "\n", "\r", " "..."Z", "_", "a"..."z", "¡", "£", "¤", "¥", "§", "¿", "Ä", "Å", "Æ", "Ç", "É", "Ñ", "Ö",
            "Ø", "Ü",
            "ß", "à", "ä", "å", "æ", "è", "é", "ì", "ñ", "ò", "ö", "ø", "ù", "ü", "Γ", "Δ", "Θ", "Λ", "Ξ", "Π", "Σ",
            "Φ", "Ψ",
            "\u{3A9}":
            1
        case "\u{C}", "^", "{", "}", "\\", "[", "~", "]", "|", "€":
            2
        default:
            nil
        }
    }
}
