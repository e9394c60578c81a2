/// A person of an audience: where to reach them, and what fills the template.
public struct AudienceMember: Sendable, Hashable {
    /// The line of the file.
    public let line: Int
    /// One of the two is there.
    public let phone: PhoneNumber?
    public let email: EmailAddress?
    /// The other columns by their names; what is empty in the file is an empty text here. Never log it.
    public let data: [String: String]
}
