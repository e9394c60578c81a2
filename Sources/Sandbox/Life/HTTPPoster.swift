import HTTPTransport

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
