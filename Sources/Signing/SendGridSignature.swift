/// SendGrid's signed event webhook: ECDSA P-256 with SHA-256 over the timestamp header's text followed by the raw body.
///
/// The headers are `X-Twilio-Email-Event-Webhook-Signature` (base64 of ASN.1 DER) and `…-Timestamp` (SendGrid docs,
/// "Event Webhook Security Features"). The timestamp is signed, but a body may be resent with the same one.
public enum SendGridSignature {
    /// Whether `signature` is that of exactly these bytes. Pass the body as received: even white space is signed.
    public static func validates(
        signature: String, timestamp: String, body: [UInt8], publicKey: ECDSAPublicKey
    ) -> Bool {
        guard let der = [UInt8](base64: signature) else { return false }
        return publicKey.verify(signatureDER: der, message: Array(timestamp.utf8) + body)
    }

    /// The signature header's value for a batch; what SendGrid's side does.
    /// - Throws: `SigningError.libraryFailure` when libcrypto cannot sign.
    public static func sign(
        timestamp: String, body: [UInt8], privateKey: ECDSAPrivateKey
    ) throws(SigningError) -> String {
        try privateKey.sign(Array(timestamp.utf8) + body).base64Encoded
    }
}
