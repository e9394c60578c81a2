import Glibc

/// Calls `body` with a NULL-terminated array of C strings, NULL where an element is nil. The strings die with the call.
func withCStrings<Result>(
    _ strings: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
    var copies: [UnsafePointer<CChar>?] = unsafe []
    defer { unsafe copies.forEach { unsafe free(UnsafeMutableRawPointer(mutating: $0)) } }
    for string in strings { unsafe copies.append(string.flatMap { unsafe UnsafePointer(strdup($0)) }) }
    unsafe copies.append(nil)
    return unsafe copies.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
}
