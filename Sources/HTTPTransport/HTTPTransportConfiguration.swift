/// The bounds of an `HTTPTransport`.
public struct HTTPTransportConfiguration: Sendable {
    /// Requests on the wire at once, 1–4096. Twilio's default account concurrency is of the order of 100.
    public var maximumTransfers: Int
    /// Requests waiting for a slot, 0–100000; one more is refused as not sent.
    public var maximumWaiting: Int
    /// The largest reply body kept, in bytes, at least 1; a larger one is an unreadable answer.
    public var maximumReplyBytes: Int
    /// A PEM file of certificate authorities used instead of the system's.
    public var certificateAuthorityFile: String?
    /// Fixed addresses in libcurl's form `host:port:address`, used instead of name resolution.
    public var resolveOverrides: [String]
    /// Sent as `User-Agent`.
    public var userAgent: String

    public init(
        maximumTransfers: Int = 64, maximumWaiting: Int = 1_024, maximumReplyBytes: Int = 1 << 20,
        certificateAuthorityFile: String? = nil, resolveOverrides: [String] = [], userAgent: String = "Outrider"
    ) {
        precondition((1...4_096).contains(maximumTransfers))
        precondition((0...100_000).contains(maximumWaiting))
        precondition(maximumReplyBytes > 0)
        self.maximumTransfers = maximumTransfers
        self.maximumWaiting = maximumWaiting
        self.maximumReplyBytes = maximumReplyBytes
        self.certificateAuthorityFile = certificateAuthorityFile
        self.resolveOverrides = resolveOverrides
        self.userAgent = userAgent
    }
}
