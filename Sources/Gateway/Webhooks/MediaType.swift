/// What a body's `Content-Type` says it is.
enum MediaType: Sendable, Hashable {
    case form
    case json
    case other

    /// Reads a header's value; what follows a semicolon does not matter.
    init(_ contentType: String?) {
        let type = contentType?.split(separator: ";").first?.lowercased().filter { !$0.isWhitespace }
        switch type {
        case "application/x-www-form-urlencoded": self = .form
        case "application/json": self = .json
        default: self = .other
        }
    }
}
