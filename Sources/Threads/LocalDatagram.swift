import Glibc

/// One message to a local socket that somebody else serves.
public enum LocalDatagram {
    /// Sends the text as one datagram, without waiting for anybody.
    ///
    /// - Parameter path: of a socket in the file system; `@name` is one in Linux's abstract name space.
    /// - Returns: whether the socket took it.
    public static func send(_ text: String, to path: String) -> Bool {
        var name = Array(path.utf8)
        var address = sockaddr_un()
        let isAbstract = name.first == UInt8(ascii: "@")
        guard isAbstract || name.first == UInt8(ascii: "/"), name.count < MemoryLayout.size(ofValue: address.sun_path)
        else { return false }
        if isAbstract { name[0] = 0 }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { place in unsafe place.copyBytes(from: name) }
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout.size(ofValue: address.sun_family) + name.count)
        let message = Array(text.utf8)
        let sent = unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe sendto(
                descriptor, message, message.count, Int32(MSG_NOSIGNAL),
                bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), length)
        }
        return sent == message.count
    }
}
