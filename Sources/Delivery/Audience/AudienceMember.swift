/// A person of an audience: where to reach them, and what fills the template.
public struct AudienceMember: Sendable, Hashable {
    /// The line of the file.
    public let line: Int
    /// At least one of the two is there.
    public let phone: PhoneNumber?
    public let email: EmailAddress?
    /// The other columns by their names; what is empty in the file is an empty text here. Never log it.
    public let data: [String: String]
}

extension AudienceMember: CustomStringConvertible, CustomReflectable {
    /// The line alone, so that an interpolation in a log line cannot leak the person.
    public var description: String { "audience line \(line)" }
    /// Empty, so that `dump` and reflection show no more than `description`.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
