import CLibCrypto

/// `count` bytes from libcrypto's cryptographically secure generator.
///
/// A generator without entropy stops the process: a predictable token would be worse than none.
public func randomBytes(_ count: Int) -> [UInt8] {
    precondition((0...65_536).contains(count), "randomBytes gives at most 65536 bytes at a time")
    var bytes = [UInt8](repeating: 0, count: count)
    let done = unsafe RAND_bytes(&bytes, Int32(count))
    precondition(done == 1, "the random generator has no entropy")
    return bytes
}
