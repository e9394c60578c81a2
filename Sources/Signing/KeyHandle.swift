import CLibCrypto

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
