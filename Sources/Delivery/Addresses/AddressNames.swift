/// How a person is called in logs and on pages, where an address must not stand: its shape, and a keyed hash of it, so that one
/// person can be followed without being known.
///
/// Without a key there is no hash: an unkeyed one of a number is undone by trying all numbers.
public struct AddressNames: Sendable {
    private let hash: (@Sendable (String) -> String)?

    /// - Parameter hash: of an address in its canonical spelling, with the key of the installation; nil without a key.
    public init(hash: (@Sendable (String) -> String)? = nil) { self.hash = hash }

    /// Such as `+1…67 #0a1b2c3d4e5f`, or `+1…67` without a key.
    public func name(_ address: String) -> String {
        let isMail = address.utf8.contains(UInt8(ascii: "@"))
        let shape = isMail ? Redaction.emailAddress(address) : .phoneNumber(address)
        return shape.description + (tag(address).map { " \($0)" } ?? "")
    }

    /// Such as `#0a1b2c3d4e5f`; nil without a key.
    public func tag(_ address: String) -> String? { hash.map { "#" + $0(Self.canonical(address)) } }

    /// What is the same person's is the same: case means nothing in a mailbox.
    private static func canonical(_ address: String) -> String { address.asciiLowercased }
}
