/// The variables a mustache template needs from its data, so that missing ones can be reported by name before a send.
///
/// Counted are `{{x}}`, `{{{x}}}` and `{{&x}}` outside every section. A name inside `{{#x}}…{{/x}}`, `{{^x}}…{{/x}}`
/// or a block may come from the section's own context, and a section without data is simply not rendered, so neither is
/// needed. Comments, partials and `{{.}}` need nothing. The scan never fails: a tag that is not closed ends it, and the
/// template's own parser says what is wrong.
public struct PlaceholderScan: Sendable, Hashable {
    /// Each needed name once, in order of first appearance. A dotted name is listed whole: `order.total`.
    public let names: [String]

    public init(_ template: String) {
        var tags = Tags(template)
        var names: [String] = []
        var depth = 0
        while let tag = tags.next() {
            switch tag {
            case .variable(let name) where depth == 0 && !names.contains(name): names.append(name)
            case .open: depth += 1
            case .close: depth = max(0, depth - 1)
            case .variable, .other: break
            }
        }
        self.names = names
    }

    /// The needed names that `keys`, the top-level keys of the data, cannot supply. `order.total` needs the key `order`.
    public func missing(from keys: Set<String>) -> [String] {
        names.filter { name in !keys.contains(String(name.prefix { $0 != "." })) }
    }
}

/// The tags of a template from first to last, honouring a change of delimiters (`{{=<% %>=}}`).
private struct Tags {
    enum Tag {
        case variable(String)
        case open
        case close
        case other
    }

    private var rest: Substring
    private var opening: Substring = "{{"
    private var closing: Substring = "}}"

    init(_ template: String) {
        rest = Substring(template)
    }

    mutating func next() -> Tag? {
        guard skip(past: opening) != nil else { return nil }
        let isTriple = opening == "{{" && rest.first == "{"
        guard let content = skip(past: isTriple ? "}}}" : closing) else { return nil }
        guard !isTriple else { return Self.variable(content.dropFirst()) }
        switch content.first {
        case "!", ">", "%", nil: return .other
        case "#", "^", "<", "$": return .open
        case "/": return .close
        case "&": return Self.variable(content.dropFirst())
        case "=":
            changeDelimiters(content)
            return .other
        default: return Self.variable(content)
        }
    }

    /// Moves behind the next `mark` and returns what stood before it, or nil, consuming nothing, when there is none.
    private mutating func skip(past mark: Substring) -> Substring? {
        var start = rest.startIndex
        while start < rest.endIndex {
            if rest[start...].hasPrefix(mark) {
                let skipped = rest[..<start]
                rest = rest[start...].dropFirst(mark.count)
                return skipped
            }
            start = rest.index(after: start)
        }
        return nil
    }

    /// `=<% %>=` makes `<%` and `%>` the delimiters.
    private mutating func changeDelimiters(_ content: Substring) {
        let marks = content.dropFirst().dropLast().split(whereSeparator: \.isWhitespace)
        guard content.last == "=", marks.count == 2 else { return }
        opening = marks[0]
        closing = marks[1]
    }

    /// A variable by its bare name: without spaces, and without a transform such as `uppercased(name)`.
    private static func variable(_ content: Substring) -> Tag {
        var name = content.filter { !$0.isWhitespace }
        while name.last == ")", let parenthesis = name.firstIndex(of: "(") {
            name = String(name[name.index(after: parenthesis)...].dropLast())
        }
        return name.isEmpty || name == "." ? .other : .variable(name)
    }
}
