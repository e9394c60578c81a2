import CLibCrypto

/// The SHA-256 digest of `message`: 32 bytes.
public func sha256(_ message: [UInt8]) -> [UInt8] {
    unsafe digest(message, EVP_sha256(), count: 32)
}

/// HMAC-SHA-1 (RFC 2104): 20 bytes. Twilio signs webhooks with it.
public func hmacSHA1(key: [UInt8], message: [UInt8]) -> [UInt8] {
    unsafe hmac(key: key, message: message, EVP_sha1(), count: 20)
}

/// HMAC-SHA-256 (RFC 2104): 32 bytes.
public func hmacSHA256(key: [UInt8], message: [UInt8]) -> [UInt8] {
    unsafe hmac(key: key, message: message, EVP_sha256(), count: 32)
}

private func digest(_ message: [UInt8], _ algorithm: OpaquePointer?, count: Int) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: count)
    let done = unsafe EVP_Digest(message, message.count, &output, nil, algorithm, nil)
    // Fails only when libcrypto is broken or out of memory; a wrong digest must never be used instead.
    precondition(done == 1, "libcrypto could not compute a digest")
    return output
}

private func hmac(key: [UInt8], message: [UInt8], _ algorithm: OpaquePointer?, count: Int) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: count)
    let done = unsafe HMAC(algorithm, key, Int32(key.count), message, message.count, &output, nil)
    let isComputed = unsafe done != nil
    precondition(isComputed, "libcrypto could not compute an HMAC")
    return output
}
