import CLibCrypto

/// A P-256 private key that signs with ECDSA over SHA-256, as SendGrid's side of the event webhook does.
public struct ECDSAPrivateKey: Sendable {
    private let handle: KeyHandle

    /// A new random key.
    /// - Throws: `SigningError.libraryFailure` when libcrypto cannot make one.
    public static func generate() throws(SigningError) -> ECDSAPrivateKey {
        guard let raw = unsafe crypto_generate_p256() else { throw .libraryFailure(operation: "generate key") }
        return ECDSAPrivateKey(handle: try unsafe KeyHandle(adopting: raw))
    }

    private init(handle: KeyHandle) {
        self.handle = handle
    }

    /// Reads an unencrypted key, PKCS #8 or SEC 1, in DER.
    /// - Throws: `SigningError.malformedKey` for anything but an EC P-256 private key.
    public init(der: [UInt8]) throws(SigningError) {
        let key = unsafe der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return unsafe d2i_AutoPrivateKey(nil, &cursor, buffer.count)
        }
        handle = try unsafe KeyHandle(adopting: key)
    }

    /// Reads an unencrypted key from the first PEM block of `pem`.
    /// - Throws: `SigningError.malformedKey` for anything but an EC P-256 private key.
    public init(pem: String) throws(SigningError) {
        // Read here and not by libcrypto, whose PEM reader asks for a passphrase on the terminal.
        let lines = pem.split(whereSeparator: \.isNewline)
        let body = lines.drop { !$0.hasPrefix("-----BEGIN ") }.dropFirst().prefix { !$0.hasPrefix("-----END ") }
        guard let der = [UInt8](base64: body.joined()) else { throw .malformedKey }
        try self.init(der: der)
    }

    /// The public half, in the form `ECDSAPublicKey(derBase64:)` reads.
    /// - Throws: `SigningError.libraryFailure` when libcrypto cannot encode it.
    public var publicKeyDERBase64: String {
        get throws(SigningError) { try handle.publicKeyDER().base64Encoded }
    }

    /// Signs `message`; the answer is ASN.1 DER of r and s, about 70 bytes, different at each call.
    /// - Throws: `SigningError.libraryFailure` when libcrypto cannot sign.
    public func sign(_ message: [UInt8]) throws(SigningError) -> [UInt8] {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .libraryFailure(operation: "sign") }
        defer { unsafe EVP_MD_CTX_free(context) }
        guard unsafe EVP_DigestSignInit(context, nil, EVP_sha256(), nil, handle.raw) == 1 else {
            throw .libraryFailure(operation: "sign")
        }
        var length = 80  // DER of two 256-bit integers takes at most 72 bytes.
        var signature = [UInt8](repeating: 0, count: length)
        guard unsafe EVP_DigestSign(context, &signature, &length, message, message.count) == 1 else {
            throw .libraryFailure(operation: "sign")
        }
        return Array(signature.prefix(length))
    }
}
