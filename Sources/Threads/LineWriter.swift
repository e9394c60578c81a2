import Glibc
import Synchronization

/// Writes lines to a descriptor on a thread of its own. Whoever has a line never waits for the reader of that descriptor.
///
/// A line that cannot be written, or for which there is no room, is dropped and counted. When lines can be written again,
/// the first one says how many are missing.
public final class LineWriter: Sendable {
    private struct State {
        var lines: [[UInt8]] = []
        /// Of the lines that wait and of those that the thread has in hand.
        var bytes = 0
        var dropped = 0
        /// Dropped since a line said so.
        var unsaid = 0
        var onDrop: (@Sendable (Int) -> Void)?
    }

    private let descriptor: Int32
    private let capacity: Int
    private let gap: @Sendable (Int) -> String
    private let state = Mutex(State())
    private let filled: WakeSignal
    private let emptied: WakeSignal

    /// - Parameters:
    ///   - capacity: the most bytes that wait.
    ///   - gap: the line that says how many are missing.
    /// - Throws: `ThreadStartError` when there is no thread or descriptor left.
    public init(
        descriptor: Int32, capacity: Int, gap: @escaping @Sendable (Int) -> String
    ) throws(ThreadStartError) {
        self.descriptor = descriptor
        self.capacity = capacity
        self.gap = gap
        filled = try WakeSignal()
        emptied = try WakeSignal()
        // The thread lives as long as the process: it may be inside a write that never returns.
        try startThread(name: "outrider-lines") { [self] in
            while true {
                writeAll()
                filled.wait()
            }
        }
    }

    /// How many lines were dropped since the start.
    public var dropped: Int { state.withLock { $0.dropped } }

    /// Takes one line, without its end; never blocks.
    public func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        let isTaken = state.withLock { state in
            guard state.bytes + bytes.count <= capacity else { return false }
            state.lines.append(bytes)
            state.bytes += bytes.count
            return true
        }
        if isTaken { filled.set() } else { drop() }
    }

    /// Tells `count` of every line that is dropped from now on, and at once of those dropped before.
    public func onDrop(_ count: @escaping @Sendable (Int) -> Void) {
        let earlier = state.withLock { state in
            state.onDrop = count
            return state.dropped
        }
        if earlier > 0 { count(earlier) }
    }

    /// Blocks until every line is written or dropped, for at most `milliseconds`.
    public func flush(milliseconds: Int32) {
        let end = ContinuousClock.now + .milliseconds(Int64(milliseconds))
        while state.withLock({ $0.bytes > 0 }) {
            let left = end - .now
            guard left > .zero else { return }
            emptied.wait(milliseconds: Int32(left / .milliseconds(1)) + 1)
        }
    }

    private func drop() {
        let onDrop = state.withLock { state in
            state.dropped += 1
            state.unsaid += 1
            return state.onDrop
        }
        onDrop?(1)
    }

    /// On the thread: everything that waits.
    private func writeAll() {
        while true {
            let lines = state.withLock { state in
                defer { state.lines = [] }
                return state.lines
            }
            guard !lines.isEmpty else { return emptied.set() }
            for line in lines {
                sayGap()
                if Descriptor.write(line, to: descriptor) != nil { drop() }
                state.withLock { $0.bytes -= line.count }
            }
        }
    }

    private func sayGap() {
        let missing = state.withLock { $0.unsaid }
        guard missing > 0, Descriptor.write(Array((gap(missing) + "\n").utf8), to: descriptor) == nil else { return }
        state.withLock { $0.unsaid -= missing }
    }
}
