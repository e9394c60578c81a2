public import Delivery
import Foundation
public import HTTPTransport
public import Providers

/// Where it can be looked up what the providers took from us.
public protocol SentSource: Sendable {
    /// The lists that there are.
    var lists: [SentList] { get }

    /// One page, the newest first.
    func sent(_ list: SentList, since: Instant, page: String?) async -> SentReading
}

/// The real lists, over libcurl.
public struct HTTPSentSource: SentSource {
    private let requests: ProviderRequests
    private let transport: HTTPTransport

    public init(requests: ProviderRequests, transport: HTTPTransport) {
        self.requests = requests
        self.transport = transport
    }

    public var lists: [SentList] { requests.sentLists }

    public func sent(_ list: SentList, since: Instant, page: String?) async -> SentReading {
        // A day ahead, so that no clock that is behind hides what was taken a moment ago.
        let until = Instant(microseconds: Int64(Date.now.timeIntervalSince1970 * 1e6)).advanced(by: .seconds(86_400))
        guard let request = requests.sent(list, since: since, until: until, page: page) else {
            return .unavailable(reason: "no_list")
        }
        return requests.readSent(await transport.perform(request), of: list)
    }
}
