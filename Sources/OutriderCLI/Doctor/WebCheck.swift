import HTTPTransport

/// Whether something answers at an address, with one harmless GET without credentials.
struct WebCheck {
    let transport: HTTPTransport

    /// - Parameter expected: the status that must come; nil takes any answer.
    func finding(_ check: String, _ address: String, path: String, expected: Int? = nil, remedy: String) async
        -> Finding
    {
        let request = OutgoingRequest(method: .get, url: address + path, totalTimeout: .seconds(8))
        switch await transport.perform(request) {
        case .answered(let response) where expected == nil || expected == response.status:
            return .fine(check, "answers at \(address)")
        case .answered(let response):
            return .failed(check, "\(address) answers with status \(response.status)", remedy)
        case .notSent(let reason):
            return .failed(check, "cannot be reached at \(address) (\(reason.reason.rawValue))", remedy)
        case .unknown(let reason):
            return .failed(check, "does not answer at \(address) (\(reason.reason.rawValue))", remedy)
        }
    }
}
