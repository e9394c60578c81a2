import CLibCrypto

/// AES-256-GCM with a random nonce: encrypts short secrets at rest so that a change is noticed.
///
/// A sealed box is nonce (12 bytes), ciphertext, tag (16 bytes). With random nonces one key serves 2³² boxes
/// (NIST SP 800-38D §8.3).
public enum AESGCM {
    /// The length of a key in bytes.
    public static let keyLength = 32
    private static let nonceLength = 12
    private static let tagLength = 16

    /// Encrypts `plaintext`. `associatedData` is authenticated, not stored: give the row's identity, and a box moved to
    /// another row does not open.
    /// - Throws: `SigningError.keyLength`, or `.libraryFailure` when libcrypto cannot encrypt.
    public static func seal(
        _ plaintext: [UInt8], key: [UInt8], associatedData: [UInt8] = []
    ) throws(SigningError) -> [UInt8] {
        guard key.count == keyLength else { throw .keyLength(expected: keyLength, actual: key.count) }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .libraryFailure(operation: "seal") }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        let nonce = randomBytes(nonceLength)
        var ciphertext = [UInt8](repeating: 0, count: plaintext.count + nonceLength)
        var tag = [UInt8](repeating: 0, count: tagLength)
        var length: Int32 = 0
        var rest: Int32 = 0
        guard unsafe EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            unsafe EVP_EncryptUpdate(context, nil, &rest, associatedData, Int32(associatedData.count)) == 1,
            unsafe EVP_EncryptUpdate(context, &ciphertext, &length, plaintext, Int32(plaintext.count)) == 1,
            unsafe EVP_EncryptFinal_ex(context, &tag, &rest) == 1,
            unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagLength), &tag) == 1
        else { throw .libraryFailure(operation: "seal") }
        return nonce + ciphertext.prefix(Int(length)) + tag
    }

    /// Decrypts what `seal` made with the same key and associated data.
    /// - Throws: `SigningError.notAuthentic` when the box was not, or `.keyLength`.
    public static func open(
        _ box: [UInt8], key: [UInt8], associatedData: [UInt8] = []
    ) throws(SigningError) -> [UInt8] {
        guard key.count == keyLength else { throw .keyLength(expected: keyLength, actual: key.count) }
        guard box.count >= nonceLength + tagLength else { throw .notAuthentic }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .libraryFailure(operation: "open") }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        let nonce = Array(box.prefix(nonceLength))
        let ciphertext = Array(box.dropFirst(nonceLength).dropLast(tagLength))
        var tag = Array(box.suffix(tagLength))
        var plaintext = [UInt8](repeating: 0, count: ciphertext.count + tagLength)
        var length: Int32 = 0
        var rest: Int32 = 0
        guard unsafe EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            unsafe EVP_DecryptUpdate(context, nil, &rest, associatedData, Int32(associatedData.count)) == 1,
            unsafe EVP_DecryptUpdate(context, &plaintext, &length, ciphertext, Int32(ciphertext.count)) == 1,
            unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagLength), &tag) == 1
        else { throw .libraryFailure(operation: "open") }
        var scratch = [UInt8](repeating: 0, count: tagLength)
        guard unsafe EVP_DecryptFinal_ex(context, &scratch, &rest) == 1 else { throw .notAuthentic }
        return Array(plaintext.prefix(Int(length)))
    }
}
