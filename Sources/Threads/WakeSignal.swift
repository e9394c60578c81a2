import Glibc

/// A wake-up that any thread may give and one thread waits for, as a file descriptor that fits into `poll`.
///
/// It stays set until it is cleared, so a wake given just before the wait is not lost. It is a pair of local sockets:
/// Swift's Glibc module has no `eventfd`, and a pair is made with close-on-exec in one step.
public final class WakeSignal: Sendable {
    /// Readable while the signal is set. Owned by this object; closed when it dies.
    public let descriptor: Int32
    private let sender: Int32

    /// - Throws: `ThreadStartError` when the process has no descriptors left.
    public init() throws(ThreadStartError) {
        var pair: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, type, 0, &pair) == 0 else {
            throw ThreadStartError(resource: "wake signal", code: errno)
        }
        descriptor = pair[0]
        sender = pair[1]
    }

    deinit {
        close(descriptor)
        close(sender)
    }

    /// Sets the signal. Safe from any thread; setting it twice is the same as once.
    public func set() {
        // The only possible failure is a full buffer, and then the signal is set already.
        var byte: UInt8 = 1
        _ = unsafe send(sender, &byte, 1, Int32(MSG_NOSIGNAL))
    }

    /// Clears the signal; harmless when it is not set.
    public func clear() {
        unsafe withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
            while unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0) == buffer.count {}
        }
    }

    /// Blocks this thread until the signal is set, then clears it.
    ///
    /// - Parameter milliseconds: the longest wait; a negative one has no end.
    public func wait(milliseconds: Int32 = -1) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // An interrupted wait returns early; the caller's loop looks at its own state anyway.
        _ = unsafe poll(&entry, 1, milliseconds)
        clear()
    }
}
