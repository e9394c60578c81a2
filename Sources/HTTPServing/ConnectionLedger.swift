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
        /// Whether its last answer is written.
        var isLeaving = false
        var bytes = 0

        /// How soon it makes way, the largest first: who leaves, then who has waited long. A rest between two requests counts
        /// less than a request that does not come, and a newcomer has not waited at all.
        func claim(at now: NIODeadline) -> Int64? {
            guard let waitingSince else { return nil }
            let waited = (now - waitingSince).nanoseconds
            return isLeaving ? .max : hasServed ? waited : 6 * waited
        }
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

    /// Its last answer is written, and what it held is let go.
    func isLeaving(_ channel: any Channel) {
        isIdle(channel)
        state.withLock { $0.entries[ObjectIdentifier(channel)]?.isLeaving = true }
    }

    func closesLate() { onEarlyClose(.late) }

    private func evict(from state: inout State, holding: Bool = false) -> (any Channel)? {
        let now = NIODeadline.now()
        let claims = state.entries.compactMap { id, entry in
            holding && entry.bytes == 0 ? nil : entry.claim(at: now).map { (key: id, value: entry, claim: $0) }
        }
        let oldest = claims.max { $0.claim < $1.claim }
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
