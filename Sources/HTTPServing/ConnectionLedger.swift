import NIOCore
import Synchronization

/// What the connections of one listener wait for, and how many bytes of bodies they hold.
///
/// When there are too many of either, the connection that has waited longest for its peer is closed. A request that
/// comes whole waits for milliseconds, so those that drip are closed and it is not.
final class ConnectionLedger: Sendable {
    private struct Entry {
        let channel: any Channel
        /// Since when its peer is waited for; nil while it waits for our answer.
        var waitingSince: NIODeadline?
        /// Whether it ever had an answer.
        var hasServed = false
        var bytes = 0
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        var bytes = 0
    }

    private let connections: Int
    private let bodyBytes: Int
    private let onEarlyClose: @Sendable (ServerLimits.EarlyClose) -> Void
    private let state = Mutex(State())

    init(_ limits: ServerLimits, onEarlyClose: @escaping @Sendable (ServerLimits.EarlyClose) -> Void) {
        connections = limits.connections
        bodyBytes = limits.bodyBytes
        self.onEarlyClose = onEarlyClose
    }

    func opened(_ channel: any Channel) {
        let evicted = state.withLock { state in
            state.entries[ObjectIdentifier(channel)] = Entry(channel: channel, waitingSince: .now())
            return state.entries.count > connections ? evict(from: &state) : nil
        }
        close(evicted)
    }

    func closed(_ channel: any Channel) {
        state.withLock { state in
            if let entry = state.entries.removeValue(forKey: ObjectIdentifier(channel)) { state.bytes -= entry.bytes }
        }
    }

    /// A request's head has come.
    func isReading(_ channel: any Channel) {
        state.withLock { $0.entries[ObjectIdentifier(channel)]?.waitingSince = .now() }
    }

    /// A part of a body has come.
    func add(_ bytes: Int, _ channel: any Channel) {
        let evicted = state.withLock { state in
            guard state.entries[ObjectIdentifier(channel)] != nil else { return nil as (any Channel)? }
            state.entries[ObjectIdentifier(channel)]?.bytes += bytes
            state.bytes += bytes
            return state.bytes > bodyBytes ? evict(from: &state, holding: true) : nil
        }
        close(evicted)
    }

    /// A request is whole.
    func isAnswering(_ channel: any Channel) {
        state.withLock { $0.entries[ObjectIdentifier(channel)]?.waitingSince = nil }
    }

    /// Every request is answered: what it held is let go.
    func isIdle(_ channel: any Channel) {
        state.withLock { state in
            let id = ObjectIdentifier(channel)
            state.bytes -= state.entries[id]?.bytes ?? 0
            state.entries[id]?.bytes = 0
            state.entries[id]?.waitingSince = .now()
            state.entries[id]?.hasServed = true
        }
    }

    func closesLate() { onEarlyClose(.late) }

    /// Those that never had an answer first, of these the one that has waited longest.
    private func evict(from state: inout State, holding: Bool = false) -> (any Channel)? {
        let waiting = state.entries.filter { $0.value.waitingSince != nil && (!holding || $0.value.bytes > 0) }
        let oldest = waiting.min { one, other in
            guard one.value.hasServed == other.value.hasServed else { return other.value.hasServed }
            return one.value.waitingSince ?? .now() < other.value.waitingSince ?? .now()
        }
        guard let oldest else { return nil }
        state.entries[oldest.key] = nil
        state.bytes -= oldest.value.bytes
        return oldest.value.channel
    }

    private func close(_ channel: (any Channel)?) {
        guard let channel else { return }
        onEarlyClose(.room)
        channel.close(promise: nil)
    }
}
