public import HummingbirdCore
public import NIOCore
import Threads

/// What one listener takes at most. No state of a connection lasts for ever, and a newcomer always finds room: the
/// connection that has kept it waiting longest makes way.
public struct ServerLimits: Sendable {
    /// Connections at a time; never more than three quarters of the descriptors that the process may have.
    public var connections: Int
    /// The bytes of all bodies that are held at a time.
    public var bodyBytes: Int
    /// Until a new connection's first request.
    public var firstHead = TimeAmount.seconds(10)
    /// From a request's head to its last byte.
    public var body = TimeAmount.seconds(10)
    /// From a request's last byte, or the answer before, to the last byte of its answer.
    public var answer = TimeAmount.seconds(60)
    /// Between an answer and the next request.
    public var idle = TimeAmount.seconds(60)

    public init(connections: Int = 2_000, bodyBytes: Int = 64 << 20) {
        self.connections = connections
        self.bodyBytes = bodyBytes
    }

    /// Why a connection was closed before its time.
    public enum EarlyClose: String, Sendable, CaseIterable {
        /// It took too long.
        case late
        /// Another one needed its room.
        case room
    }

    /// The server of a listener with these limits.
    ///
    /// - Parameter onEarlyClose: called for each connection that is closed before its time.
    public func server(onEarlyClose: @escaping @Sendable (EarlyClose) -> Void) -> HTTPServerBuilder {
        var bounded = self
        bounded.connections = max(1, min(connections, Descriptor.limit * 3 / 4))
        let limits = bounded
        let ledger = ConnectionLedger(limits, onEarlyClose: onEarlyClose)
        return .http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [ConnectionWatch(limits, ledger)], idleTimeout: nil,
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 16 * 1024, maxHeaderFieldCount: 100)))
    }

    /// Takes no connection while this process has no descriptor for it: an accept that fails would be tried without a pause.
    public var acceptance: some AvailableConnectionsDelegate { SpareDescriptors() }
}

/// Counts a listener's connections, and lets the next one come while there are descriptors to spare.
private struct SpareDescriptors: AvailableConnectionsDelegate {
    private static let spare: Int32 = 16
    private var connections = 0

    mutating func connectionOpened() { connections += 1 }
    mutating func connectionClosed() { connections -= 1 }

    // The end of a connection is what makes the listener ask again, so without one it must go on.
    func isAcceptingNewConnections() -> Bool { connections == 0 || Descriptor.hasSpare(Self.spare) }
}
