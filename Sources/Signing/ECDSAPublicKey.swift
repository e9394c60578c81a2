import CLibCrypto

/// A P-256 public key that verifies ECDSA signatures over SHA-256, the form in which SendGrid signs its event batches.
public struct ECDSAPublicKey: Sendable {
    private let handle: KeyHandle

    /// Reads base64 of a DER SubjectPublicKeyInfo, the text SendGrid shows as "verification key".
    /// - Throws: `SigningError.malformedKey` for anything but one whole EC P-256 key.
    public init(derBase64: String) throws(SigningError) {
        guard let der = [UInt8](base64: derBase64) else { throw .malformedKey }
        try self.init(der: der)
    }

    /// Reads a DER SubjectPublicKeyInfo.
    /// - Throws: `SigningError.malformedKey` for anything but one whole EC P-256 key.
    public init(der: [UInt8]) throws(SigningError) {
        var consumed = 0
        let key = unsafe der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            let key = unsafe d2i_PUBKEY(nil, &cursor, buffer.count)
            if let end = unsafe cursor, let start = buffer.baseAddress { consumed = unsafe end - start }
            return unsafe key
        }
        handle = try unsafe KeyHandle(adopting: key)
        guard consumed == der.count else { throw .malformedKey }
    }

    /// Whether `signatureDER` (ASN.1 DER of r and s) is this key's signature of `message`. A malformed signature is
    /// simply not valid.
    public func verify(signatureDER: [UInt8], message: [UInt8]) -> Bool {
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        guard unsafe EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, handle.raw) == 1 else { return false }
        // 1 is the only answer that means valid; 0 and negative values are both refusals.
        return unsafe EVP_DigestVerify(context, signatureDER, signatureDER.count, message, message.count) == 1
    }
}
