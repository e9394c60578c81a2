import HTTPTransport

/// An HTTP request the provider makes to its customer.
struct CallbackRequest: Sendable {
    var url: String
    var method = "POST"
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    var connectTimeout: Duration = .seconds(5)
    var totalTimeout: Duration = .seconds(15)
}

/// What came of a request to the customer.
enum CallbackReply: Sendable, Equatable {
    case answered(status: Int, body: [UInt8])
    case notConnected
    case timedOut
    case failed

    var isSuccess: Bool {
        guard case .answered(let status, _) = self else { return false }
        return (200..<300).contains(status)
    }
}

/// A request that is to be made, with what follows from it.
struct Callback: Sendable {
    enum Purpose: Sendable, Equatable {
        case notification
        /// Fetches the TwiML of an answered call.
        case document(callSid: String)
    }
    var request: CallbackRequest
    var retries: RetryPolicy
    var purpose = Purpose.notification
    /// 0 for the first attempt.
    var attempt = 0
    /// The journey that goes on once the first attempt is over, so that callbacks keep their order.
    var journey: Journey?
}

/// Makes the requests to the customer.
protocol CallbackPoster: Sendable {
    /// Makes one request; returns within its `totalTimeout`.
    func post(_ request: CallbackRequest) async -> CallbackReply
}

/// Posts callbacks over HTTP.
struct HTTPPoster: CallbackPoster {
    let transport: HTTPTransport

    func post(_ request: CallbackRequest) async -> CallbackReply {
        let result = await transport.perform(
            OutgoingRequest(
                method: request.method == "GET" ? .get : .post, url: request.url, headers: request.headers,
                body: request.body, connectTimeout: request.connectTimeout, totalTimeout: request.totalTimeout))
        switch result {
        case .answered(let response): return .answered(status: response.status, body: response.body)
        case .notSent: return .notConnected
        case .unknown(let unknown): return unknown.reason == .timedOut ? .timedOut : .failed
        }
    }
}
