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

/// One EC P-256 key of libcrypto, freed when the last reference goes.
///
/// Sendable because an `EVP_PKEY` is never changed after it was loaded, and libcrypto allows concurrent reading.
@safe final class KeyHandle: Sendable {
    nonisolated(unsafe) let raw: OpaquePointer

    /// Takes ownership of `raw`; a key of any other kind or curve is freed here and refused.
    init(adopting raw: OpaquePointer?) throws(SigningError) {
        guard let raw = unsafe raw else { throw .malformedKey }
        guard unsafe KeyHandle.isP256(raw) else {
            unsafe EVP_PKEY_free(raw)
            throw .malformedKey
        }
        unsafe self.raw = raw
    }

    deinit { unsafe EVP_PKEY_free(raw) }

    private static func isP256(_ key: OpaquePointer) -> Bool {
        var name = [CChar](repeating: 0, count: 32)
        var length = 0
        guard unsafe EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else { return false }
        return String(decoding: name.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self) == "prime256v1"
    }

    /// The public half as DER SubjectPublicKeyInfo.
    func publicKeyDER() throws(SigningError) -> [UInt8] {
        let length = unsafe i2d_PUBKEY(raw, nil)
        guard length > 0 else { throw .libraryFailure(operation: "encode public key") }
        var bytes = [UInt8](repeating: 0, count: Int(length))
        let written = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return unsafe i2d_PUBKEY(raw, &cursor)
        }
        guard written == length else { throw .libraryFailure(operation: "encode public key") }
        return bytes
    }
}

/// Why a key or a sealed box could not be used. Carries no bytes of either.
public enum SigningError: Error, Equatable, Sendable {
    /// The text or bytes are not an EC P-256 key in the expected encoding.
    case malformedKey
    /// A symmetric key of the wrong size; AES-256 takes 32 bytes.
    case keyLength(expected: Int, actual: Int)
    /// The sealed box is too short, was changed, or was sealed with another key or other associated data.
    case notAuthentic
    /// libcrypto refused an operation that has no ordinary reason to fail (out of memory, no entropy).
    case libraryFailure(operation: String)
}
