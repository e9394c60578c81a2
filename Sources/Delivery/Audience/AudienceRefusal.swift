/// A row of an audience that names nobody who can be written to: which, and why. The other rows stand.
public struct AudienceRefusal: Sendable, Hashable, CustomStringConvertible {
    /// The line of the file at which the row begins.
    public let line: Int
    public let reason: Reason

    public enum Reason: Sendable, Hashable {
        case fields(found: Int, expected: Int)
        case noAddress
        case address(AddressError)
        /// PostgreSQL's text holds every character but this one.
        case zeroCharacter
    }

    public var description: String {
        let reason =
            switch reason {
            case .fields(let found, let expected): "must have \(expected) fields as the header, not \(found)"
            case .noAddress: "must have a phone number or an e-mail address"
            case .address(let error): error.description
            case .zeroCharacter: "must not have the character U+0000"
            }
        return "audience line \(line): \(reason)"
    }
}
