import Foundation

/// The provider's rules for a URL it is asked to call back.
enum WebAddress {
    /// Whether `text` is an absolute http(s) URL whose host has a valid name (underscores are refused).
    static func isCallable(_ text: String) -> Bool {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty else { return false }
        guard let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https" else { return false }
        return host.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte & 0xdf) || "-.:[]".utf8.contains(byte)
        }
    }
}
