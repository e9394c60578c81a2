public import Signing

/// Verifies SendGrid's signed event webhook.
public struct SendGridWebhookVerifier: Sendable {
    /// The headers to pass on.
    public static let signatureHeader = "X-Twilio-Email-Event-Webhook-Signature"
    public static let timestampHeader = "X-Twilio-Email-Event-Webhook-Timestamp"

    private let publicKey: ECDSAPublicKey

    public init(publicKey: ECDSAPublicKey) {
        self.publicKey = publicKey
    }

    /// - Parameter publicKey: the verification key as SendGrid shows it, base64 of DER.
    /// - Throws: `SigningError.malformedKey`.
    public init(publicKey: String) throws(SigningError) {
        self.init(publicKey: try ECDSAPublicKey(derBase64: publicKey))
    }

    /// - Parameter body: as received, to the last white space. Bound its size before.
    public func verify(signature: String?, timestamp: String?, body: [UInt8]) -> WebhookVerdict {
        guard let signature, !signature.isEmpty, let timestamp, !timestamp.isEmpty else { return .unsigned }
        let isGenuine = SendGridSignature.validates(
            signature: signature, timestamp: timestamp, body: body, publicKey: publicKey)
        return isGenuine ? .genuine : .forged
    }
}
