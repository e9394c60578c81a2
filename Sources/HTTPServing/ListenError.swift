import Glibc
import NIOCore

/// An address cannot be listened on.
public struct ListenError: Error, Sendable, Hashable, CustomStringConvertible {
    /// `host:port`.
    public let address: String
    /// Why, as the rest of a sentence that begins with the address.
    public let reason: String

    public var description: String { "\(address) \(reason)" }

    /// Runs a server, and says by this error what kept it from listening.
    public static func naming(host: String, port: Int, _ serve: () async throws -> Void) async throws {
        let address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        do {
            try await serve()
        } catch let error as IOError {
            throw ListenError(address: address, reason: reason(error.errnoCode))
        } catch is SocketAddressError.UnknownHost {
            throw ListenError(address: address, reason: "names no host that can be found")
        }
    }

    private static func reason(_ code: CInt) -> String {
        switch code {
        case EADDRINUSE: "is taken by another process"
        case EACCES: "is not allowed for this user: ports below 1024 need a right of their own"
        case EADDRNOTAVAIL: "is no address of this host"
        case EMFILE, ENFILE: "cannot be opened: this process has no descriptor left"
        default: "cannot be listened on (errno \(code))"
        }
    }
}
