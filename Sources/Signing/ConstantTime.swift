import CLibCrypto

/// Whether both arrays hold the same bytes, in a time that depends only on their lengths, so that a forger learns
/// nothing from how long a refusal takes.
public func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe CRYPTO_memcmp(left, right, left.count) == 0
}
