import HTTPTypes
import Hummingbird
import Signing

/// Lets in who names the operator's user and password, or everybody when none are configured.
struct OperatorGate: Sendable {
    /// The digest of the only header value that opens; comparing digests tells nothing of the length either.
    private let expected: [UInt8]?

    init(_ access: GatewayConfiguration.OperatorAccess?) {
        expected = access.map { sha256(Array("Basic \(Array("\($0.user):\($0.password)".utf8).base64Encoded)".utf8)) }
    }

    func opened(to request: Request, _ answer: () async -> Response) async -> Response {
        guard let expected else { return await answer() }
        let given = sha256(Array((request.headers[.authorization] ?? "").utf8))
        guard constantTimeEquals(given, expected) else {
            var headers = HTTPFields()
            headers[.wwwAuthenticate] = "Basic realm=\"Outrider\", charset=\"UTF-8\""
            return Response(status: .unauthorized, headers: headers)
        }
        return await answer()
    }
}
