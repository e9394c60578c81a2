/// Text made fit for markup.
///
/// It is read scalar by scalar, never by `Character`. A quotation mark and a combining mark behind it are one `Character`.
/// That is not the quotation mark, and would stand as it is.
public enum Markup {
    /// Text fit for an element or a quoted attribute of HTML.
    public static func html(_ text: String) -> String {
        escaped(text) { scalar in scalar == "'" ? "&#39;" : entity(scalar) }
    }

    /// Text fit for an element or a quoted attribute of XML. Characters that XML 1.0 cannot carry, even escaped, are
    /// dropped.
    public static func xml(_ text: String) -> String {
        escaped(text) { scalar in isLegalXML(scalar) ? entity(scalar) : "" }
    }

    /// - Parameter replacement: nil for a scalar that stands as it is.
    private static func escaped(_ text: String, _ replacement: (Unicode.Scalar) -> String?) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if let replacement = replacement(scalar) {
                escaped.append(contentsOf: replacement.unicodeScalars)
            } else {
                escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    private static func entity(_ scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "&": "&amp;"
        case "<": "&lt;"
        case ">": "&gt;"
        case "\"": "&quot;"
        case "'": "&apos;"
        default: nil
        }
    }

    /// `Char` of XML 1.0, section 2.2. Surrogates are no Unicode scalars.
    private static func isLegalXML(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x9, 0xA, 0xD, 0x20...0xFFFD, 0x1_0000...0x10_FFFF: true
        default: false
        }
    }
}

extension StringProtocol {
    /// Whether the other text has the same bytes. `==` also takes two spellings of one letter for the same, PostgreSQL and
    /// the providers do not.
    public func hasBytes(of other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }

    /// Whether a reader sees nothing: white space, controls, what Unicode lets a reader ignore, and empty Braille cells alone.
    /// The database's rule is `outrider.is_blank`.
    public var isBlank: Bool {
        unicodeScalars.allSatisfy { scalar in
            scalar.properties.isWhitespace || scalar.properties.isDefaultIgnorableCodePoint
                || scalar.properties.generalCategory == .control || scalar == "\u{2800}"
        }
    }

    /// `A` to `Z` in small letters, everything else as it is. `lowercased()` makes the Kelvin sign a `k`.
    public var asciiLowercased: String {
        String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
