/// Why bytes are not an acceptable `application/x-www-form-urlencoded` body. Carries positions, never content.
public enum FormError: Error, Equatable, Sendable {
    /// A `%` that two hexadecimal digits do not follow; `offset` counts bytes from the start of the body.
    case malformedEscape(offset: Int)
    /// The decoded bytes of pair number `pair` (from 0) are not UTF-8.
    case invalidUTF8(pair: Int)
    /// More pairs than the caller allows.
    case tooManyPairs(limit: Int)
}
