import Delivery
import Mustache

/// A template as the mustache parser has to see it.
///
/// The parser reads by `Character`, and takes a brace with a combining mark behind it for another letter. So a scalar that
/// means nothing is put between the two, and taken out of what was made.
struct TemplateText: Hashable {
    private let text: String
    private let isHTML: Bool

    init(_ text: String, isHTML: Bool) {
        self.text = text
        self.isHTML = isHTML
    }

    /// Byte by byte: two spellings of one letter are two texts.
    static func == (one: TemplateText, other: TemplateText) -> Bool {
        one.isHTML == other.isHTML && one.text.hasBytes(of: other.text)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(isHTML)
        for byte in text.utf8 { hasher.combine(byte) }
    }

    /// What a text asks for, and the text as it was read once: thousands of people get the same.
    struct Parsed: Sendable {
        let scan: PlaceholderScan
        /// Nil where it has to be read anew for each person, because of what their data holds.
        fileprivate let template: MustacheTemplate?
    }

    /// - Throws: when the text is not well formed.
    func parsed() throws -> Parsed {
        _ = Self.registration
        let joins = !text.utf8.allSatisfy { $0 < 0x80 } && text.contains(where: Self.joinsMarkup)
        return Parsed(
            scan: PlaceholderScan(text), template: joins ? nil : try MustacheTemplate(string: type + text + end))
    }

    // On a line of its own, which goes with the tag: else a line end at the text's beginning would.
    private var type: String { "{{% CONTENT_TYPE:\(isHTML ? ScalarHTML.name : "TEXT")}}\n" }

    // The parser refuses a brace at the very end, drops white space there, and takes an open tag for none.
    private var end: String { text.utf8.suffix(2).elementsEqual("}}".utf8) ? "" : "." }

    func filled(_ parsed: Parsed, with data: TemplateData) throws -> String {
        if let template = parsed.template {
            return String(template.render(data.context).unicodeScalars.dropLast(end.count))
        }
        guard let spacer = Self.spacer(absentFrom: text, data) else { throw NoSpacer() }
        let template = type + Self.separated(text, by: spacer) + end
        let rendered = try MustacheTemplate(string: template).render(data.context)
        var filled = String.UnicodeScalarView()
        filled.append(contentsOf: rendered.unicodeScalars.dropLast(end.count).lazy.filter { $0 != spacer })
        return String(filled)
    }

    /// All 32 scalars stand in the texts themselves.
    private struct NoSpacer: Error {}

    /// Whether more than one scalar make the `Character`, and one of them may begin or end a tag.
    private static func joinsMarkup(_ character: Character) -> Bool {
        character.unicodeScalars.count > 1 && !character.isNewline && character.unicodeScalars.contains(where: isMarkup)
    }

    private static func isMarkup(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && !scalar.properties.isAlphabetic && scalar.properties.numericType == nil
    }

    private static func separated(_ text: String, by spacer: Unicode.Scalar) -> String {
        var separated = String.UnicodeScalarView()
        for character in text {
            let joins = joinsMarkup(character)
            for (index, scalar) in character.unicodeScalars.enumerated() {
                if joins, index > 0 { separated.append(spacer) }
                separated.append(scalar)
            }
        }
        return String(separated)
    }

    /// One of Unicode's noncharacters, which join with nothing before them and mean nothing.
    private static func spacer(absentFrom text: String, _ data: TemplateData) -> Unicode.Scalar? {
        (0xFDD0...0xFDEF).lazy.compactMap { Unicode.Scalar($0 as UInt32) }.first { spacer in
            !text.unicodeScalars.contains(spacer) && !data.contains(spacer)
        }
    }

    /// In place of the library's own escaping, which goes by `Character`.
    private static let registration: Void = MustacheContentTypes.register(ScalarHTML(), named: ScalarHTML.name)
}

/// Escapes each scalar that means something in HTML, whatever follows it.
private struct ScalarHTML: MustacheContentType {
    static let name = "HTML"

    func escapeText(_ text: String) -> String { Markup.html(text) }
}
