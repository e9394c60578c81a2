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

extension ServerReply {
    /// How long the server asks us to wait (`Retry-After`, RFC 9110 §10.2.3); nil when it does not say so readably.
    ///
    /// Takes seconds or an HTTP date. A date is measured against the reply's own `Date`, so this machine's clock does
    /// not matter; without `Date` it is ignored. A past date is zero.
    /// - Parameter limit: the longest answer, so that one reply cannot park a sender for days.
    public func retryAfter(limit: Duration = .seconds(3_600)) -> Duration? {
        guard let text = header("Retry-After") else { return nil }
        if let seconds = decimal(text.utf8) { return min(.seconds(seconds), limit) }
        guard let until = HTTPDate(text), let now = dateInSeconds else { return nil }
        return min(.seconds(max(0, until.secondsSinceEpoch - now)), limit)
    }

    /// The server's own time when it made this reply (`Date`, RFC 9110 §6.6.1), in seconds since 1970; nil when it does
    /// not say so readably.
    public var dateInSeconds: Int64? {
        header("Date").flatMap(HTTPDate.init)?.secondsSinceEpoch
    }
}

/// Decimal digits and nothing else. A number of more than 18 is cut to the largest of 18, so that it cannot overflow.
private func decimal(_ text: String.UTF8View) -> Int64? {
    guard !text.isEmpty, text.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    let digits = text.drop { $0 == UInt8(ascii: "0") }
    guard digits.count <= 18 else { return 999_999_999_999_999_999 }
    return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
}
