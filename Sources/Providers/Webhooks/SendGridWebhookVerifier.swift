public import Signing

/// Verifies SendGrid's signed event webhook.
public struct SendGridWebhookVerifier: Sendable {
    /// The headers to pass on.
    public static let signatureHeader = "X-Twilio-Email-Event-Webhook-Signature"
    public static let timestampHeader = "X-Twilio-Email-Event-Webhook-Timestamp"

    /// Seconds. SendGrid repeats a batch for up to 24 hours after the event (SendGrid documentation, Event Webhook,
    /// Troubleshooting); an hour more is for clocks that differ.
    public static let maximumAge = 25 * 3_600

    private let publicKey: ECDSAPublicKey

    public init(publicKey: ECDSAPublicKey) {
        self.publicKey = publicKey
    }

    /// - Parameter publicKey: the verification key as SendGrid shows it, base64 of DER.
    /// - Throws: `SigningError.malformedKey`.
    public init(publicKey: String) throws(SigningError) {
        self.init(publicKey: try ECDSAPublicKey(derBase64: publicKey))
    }

    /// Why it cannot be genuine whatever its body is; nil when it may be. No body need be read for an answer.
    ///
    /// - Parameter now: seconds since 1970.
    public func refusal(signature: String?, timestamp: String?, at now: Int) -> WebhookVerdict? {
        guard let signature, !signature.isEmpty, let timestamp, !timestamp.isEmpty else { return .unsigned }
        // A DER sequence of two numbers of at most 33 bytes.
        guard let der = [UInt8](base64: signature), der.first == 0x30, (8...72).contains(der.count),
            timestamp.utf8.count <= 12, timestamp.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let signedAt = Int(timestamp)
        else { return .forged }
        return now - signedAt > Self.maximumAge ? .stale : nil
    }

    /// - Parameter body: as received, to the last white space. Bound its size before.
    public func verify(signature: String?, timestamp: String?, body: [UInt8]) -> WebhookVerdict {
        guard let signature, !signature.isEmpty, let timestamp, !timestamp.isEmpty else { return .unsigned }
        let isGenuine = SendGridSignature.validates(
            signature: signature, timestamp: timestamp, body: body, publicKey: publicKey)
        return isGenuine ? .genuine : .forged
    }
}
