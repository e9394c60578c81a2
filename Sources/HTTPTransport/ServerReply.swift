/// A complete reply.
public struct ServerReply: Sendable {
    /// The status code, 200–599 in practice. What it means for a send is the provider's business: a 5xx is a reply here,
    /// and yet says nothing about whether the provider acted.
    public let status: Int
    /// In the order received; names as the server wrote them.
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of header `name`, upper and lower case alike.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}
