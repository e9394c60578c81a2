/// Whom a message comes from.
public struct MessageSender: Sendable, Hashable {
    /// A number in E.164, a short code or alphanumeric name, a Messaging Service (`MG…`), or an e-mail address.
    public var address: String
    /// The name beside an e-mail address; ignored by the phone channels.
    public var displayName: String?

    public init(address: String, displayName: String? = nil) {
        self.address = address
        self.displayName = displayName
    }

    /// Whether Twilio picks the number from a pool, so that `From` is not known before the send.
    var isMessagingService: Bool { address.hasPrefix("MG") }
}
