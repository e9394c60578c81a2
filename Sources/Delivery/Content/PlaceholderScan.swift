/// The variables a mustache template needs from its data, so that missing ones can be reported by name before a send.
///
/// Counted are `{{x}}`, `{{{x}}}` and `{{&x}}` outside every section. A name inside `{{#x}}…{{/x}}`, `{{^x}}…{{/x}}`
/// or a block may come from the section's own context: it is not needed. Nor is the section's, as one without data is not
/// rendered. Comments and `{{.}}` need nothing. The scan never fails: a tag that is not closed ends it, and the
/// template's own parser says what is wrong.
///
/// The template is read scalar by scalar: a brace with a combining mark behind it is a brace.
public struct PlaceholderScan: Sendable, Hashable {
    /// Each needed name once, in order of first appearance. A dotted name is listed whole: `order.total`.
    public let names: [String]
    /// The other templates that it asks for, by `{{>name}}` or `{{<name}}`, with spaces before the mark or without. There
    /// are none to include.
    public let partials: [String]
    /// Tags such as `{{ #x }}`, as `#x`: their mark does not stand right behind the braces, where alone it is one.
    public let misplacedMarks: [String]

    public init(_ template: String) {
        var tags = Tags(template)
        var names: [String] = []
        var partials: [String] = []
        var misplacedMarks: [String] = []
        var depth = 0
        while let tag = tags.next() {
            switch tag {
            case .variable(let name) where depth == 0 && !names.contains(where: name.hasBytes): names.append(name)
            case .open: depth += 1
            case .close: depth = max(0, depth - 1)
            case .partial(let name, let isBlock):
                partials.append(name)
                depth += isBlock ? 1 : 0
            case .misplacedMark(let name): misplacedMarks.append(name)
            case .variable, .other: break
            }
        }
        self.names = names
        self.partials = partials
        self.misplacedMarks = misplacedMarks
    }

    /// The needed names that `keys`, the top-level keys of the data, cannot supply. `order.total` needs the key `order`.
    public func missing(from keys: Set<String>) -> [String] {
        names.filter { name in !keys.contains(String(name.prefix { $0 != "." })) }
    }
}

/// The tags of a template from first to last, honouring a change of delimiters (`{{=<% %>=}}`).
private struct Tags {
    typealias Scalars = Substring.UnicodeScalarView

    enum Tag {
        case variable(String)
        case open
        case close
        case partial(String, isBlock: Bool)
        case misplacedMark(String)
        case other
    }

    private var rest: Scalars
    private var opening = Substring("{{").unicodeScalars
    private var closing = Substring("}}").unicodeScalars

    init(_ template: String) {
        rest = Substring(template).unicodeScalars
    }

    mutating func next() -> Tag? {
        guard skip(past: opening) != nil else { return nil }
        let isTriple = opening.elementsEqual("{{".unicodeScalars) && rest.first == "{"
        guard let content = skip(past: isTriple ? Substring("}}}").unicodeScalars : closing) else { return nil }
        guard !isTriple else { return Self.variable(content.dropFirst()) }
        switch content.first {
        case "!", "%", nil: return .other
        case ">": return .partial(Self.name(content.dropFirst()), isBlock: false)
        case "<": return .partial(Self.name(content.dropFirst()), isBlock: true)
        case "#", "^", "$": return .open
        case "/": return .close
        case "&": return Self.variable(content.dropFirst())
        case "=":
            changeDelimiters(content)
            return .other
        default: return Self.behindSpaces(content)
        }
    }

    /// A tag whose first scalar is no mark: a variable, unless a mark stands behind white space.
    private static func behindSpaces(_ content: Scalars) -> Tag {
        let trimmed = content.drop(while: \.properties.isWhitespace)
        return switch trimmed.first {
        case ">": .partial(name(trimmed.dropFirst()), isBlock: false)
        case "<": .partial(name(trimmed.dropFirst()), isBlock: true)
        case "#", "^", "$", "/", "&", "=", "!": .misplacedMark(name(trimmed))
        default: variable(content)
        }
    }

    /// Moves behind the next `mark` and returns what stood before it, or nil, consuming nothing, when there is none.
    private mutating func skip(past mark: Scalars) -> Scalars? {
        var start = rest.startIndex
        while start < rest.endIndex {
            if rest[start...].starts(with: mark) {
                let skipped = rest[..<start]
                rest = rest[start...].dropFirst(mark.count)
                return skipped
            }
            start = rest.index(after: start)
        }
        return nil
    }

    /// `=<% %>=` makes `<%` and `%>` the delimiters.
    private mutating func changeDelimiters(_ content: Scalars) {
        let marks = content.dropFirst().dropLast().split(whereSeparator: \.properties.isWhitespace)
        guard content.last == "=", marks.count == 2 else { return }
        opening = marks[0]
        closing = marks[1]
    }

    /// A variable by its bare name: without spaces, and without a transform such as `uppercased(name)`.
    private static func variable(_ content: Scalars) -> Tag {
        var name = Substring(name(content)).unicodeScalars
        while name.last == ")", let parenthesis = name.firstIndex(of: "(") {
            name = name[name.index(after: parenthesis)...].dropLast()
        }
        return name.isEmpty || name.elementsEqual(".".unicodeScalars) ? .other : .variable(String(name))
    }

    private static func name(_ content: Scalars) -> String {
        var name = String.UnicodeScalarView()
        name.append(contentsOf: content.lazy.filter { !$0.properties.isWhitespace })
        return String(name)
    }
}
