/// One HTTP request, sent at most once.
///
/// Its description never shows more than the method: URL, headers, credentials and body can all hold secrets.
public struct OutgoingRequest: Sendable {
    public enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    public enum Credentials: Sendable {
        case none
        case basic(user: String, password: String)
        case bearer(String)
    }

    public var method: Method
    /// An absolute `http` or `https` URL, already percent-encoded.
    public var url: String
    /// Sent in this order. `Authorization` belongs into `credentials`; `Content-Length` is made from `body`.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    public var credentials: Credentials
    /// From the start of name resolution to the end of the TLS handshake.
    public var connectTimeout: Duration
    /// From `perform` to the last byte of the reply, waiting in the queue included.
    public var totalTimeout: Duration
    /// The fence: the first byte of the body (of the request, when it has none) does not leave after this instant.
    /// A worker that slept past its right to send then sends nothing.
    public var notAfter: ContinuousClock.Instant?
    /// Uses a connection of its own, neither taken from nor returned to the pool.
    public var isolatesConnection: Bool

    public init(
        method: Method, url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        credentials: Credentials = .none, connectTimeout: Duration = .seconds(4), totalTimeout: Duration = .seconds(20),
        notAfter: ContinuousClock.Instant? = nil, isolatesConnection: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.credentials = credentials
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.notAfter = notAfter
        self.isolatesConnection = isolatesConnection
    }
}

extension OutgoingRequest: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(method.rawValue) request (\(body.count) bytes)" }
    public var customMirror: Mirror { Mirror(self, children: ["method": method.rawValue, "bodyBytes": body.count]) }
}

extension OutgoingRequest.Credentials: CustomStringConvertible, CustomReflectable {
    public var description: String {
        switch self {
        case .none: "none"
        case .basic: "basic"
        case .bearer: "bearer"
        }
    }
    public var customMirror: Mirror { Mirror(self, children: ["scheme": description]) }
}
