/// Why the text for a channel cannot be made. Names keys and templates, never their values.
struct RenderError: Error, Sendable, Hashable, CustomStringConvertible {
    var description: String
}
