/// Why a key or a sealed box could not be used. Carries no bytes of either.
public enum SigningError: Error, Equatable, Sendable {
    /// The text or bytes are not an EC P-256 key in the expected encoding.
    case malformedKey
    /// A symmetric key of the wrong size; AES-256 takes 32 bytes.
    case keyLength(expected: Int, actual: Int)
    /// The sealed box is too short, was changed, or was sealed with another key or other associated data.
    case notAuthentic
    /// libcrypto refused an operation that has no ordinary reason to fail (out of memory, no entropy).
    case libraryFailure(operation: String)
}
