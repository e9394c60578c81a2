/// Why the text for a channel cannot be made. Names keys and templates, never their values.
public struct RenderError: Error, Sendable, Hashable, CustomStringConvertible {
    public var description: String
}
