import Delivery
import Signing

/// Verifies `X-Twilio-Signature`.
///
/// The URL that was signed is made of the configured public one and the request's path and query. `Host` and forwarding
/// headers are the sender's to choose and are never asked. No time is signed: a replay is genuine, and dropped later
/// because its receipt is known.
public struct TwilioWebhookVerifier: Sendable {
    private let authTokens: [String]
    private let publicBaseURL: String

    /// - Parameters:
    ///   - authTokens: the account's primary auth token, and during a rotation the other one too.
    ///   - publicBaseURL: the address at which Twilio calls, such as `https://hooks.example.com`.
    public init(authTokens: [String], publicBaseURL: String) {
        self.authTokens = authTokens
        self.publicBaseURL = publicBaseURL.withoutTrailingSlashes
    }

    /// Why it cannot be genuine whatever its body is; nil when it may be. No body need be read for an answer.
    public func refusal(signatureHeader: String?) -> WebhookVerdict? {
        guard let signatureHeader, !signatureHeader.isEmpty else { return .unsigned }
        guard authTokens.contains(where: { !$0.isEmpty }) else { return .forged }
        // HMAC-SHA-1 gives 20 bytes.
        return [UInt8](base64: signatureHeader)?.count == 20 ? nil : .forged
    }

    /// - Parameters:
    ///   - signatureHeader: the value of `X-Twilio-Signature`.
    ///   - pathAndQuery: as received, not decoded.
    ///   - contentType: the value of `Content-Type`; parameters behind a semicolon do not matter.
    ///   - body: as received. Bound its size before.
    public func verify(
        signatureHeader: String?, pathAndQuery: String, contentType: String?, body: [UInt8]
    ) -> WebhookVerdict {
        guard let signatureHeader, !signatureHeader.isEmpty else { return .unsigned }
        let url = publicBaseURL + pathAndQuery
        let isGenuine: Bool
        if body.isEmpty || Self.isForm(contentType) {
            guard let form = try? FormParameters(parsing: body) else { return .malformed }
            isGenuine = TwilioSignature.validates(
                header: signatureHeader, url: url, form: form.pairs, authTokens: authTokens)
        } else {
            isGenuine = TwilioSignature.validates(
                header: signatureHeader, url: url, jsonBody: body, authTokens: authTokens)
        }
        return isGenuine ? .genuine : .forged
    }

    private static func isForm(_ contentType: String?) -> Bool {
        let type = contentType?.unicodeScalars.split(separator: ";").first?.filter { !$0.properties.isWhitespace }
        return type.map { String(String.UnicodeScalarView($0)).asciiLowercased } == "application/x-www-form-urlencoded"
    }
}

extension TwilioWebhookVerifier: CustomStringConvertible, CustomReflectable {
    public var description: String { "Twilio webhook verifier" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
