/// What a message says.
public enum MessageContent: Sendable, Hashable {
    /// SMS and WhatsApp: at most 1,600 characters and 10 media URLs.
    case text(String, mediaURLs: [String] = [])
    /// SMS and WhatsApp: a Content API template (`HX…`) and its variables.
    case contentTemplate(sid: String, variables: [String: String])
    /// Voice: plain text, said twice when that fits.
    case spoken(String)
    case email(subject: String, text: String, html: String?)
    /// E-mail: a dynamic template (`d-…`); `dataJSON` is a JSON object.
    case dynamicTemplate(id: String, subject: String?, dataJSON: String)
}

extension MessageContent: CustomStringConvertible, CustomReflectable {
    /// The kind alone.
    public var description: String { kind.rawValue }
    public var customMirror: Mirror { Mirror(self, children: []) }

    var kind: ContentError.Kind {
        switch self {
        case .text: .text
        case .contentTemplate: .contentTemplate
        case .spoken: .spoken
        case .email: .email
        case .dynamicTemplate: .dynamicTemplate
        }
    }
}
