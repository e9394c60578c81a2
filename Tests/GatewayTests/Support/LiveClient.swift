import HTTPTransport

/// Asks a service over a real connection.
struct LiveClient {
    let port: Int
    private let transport: HTTPTransport

    init(port: Int) throws {
        self.port = port
        transport = try HTTPTransport()
    }

    /// The status, nil without an answer, and the body.
    func get(_ path: String) async -> (status: Int?, body: String) {
        let result = await transport.perform(OutgoingRequest(method: .get, url: "http://127.0.0.1:\(port)\(path)"))
        guard case .answered(let response) = result else { return (nil, "") }
        return (response.status, String(decoding: response.body, as: UTF8.self))
    }
}
