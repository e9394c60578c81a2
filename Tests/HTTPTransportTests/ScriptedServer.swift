import Glibc
import Synchronization

/// A raw TCP server on 127.0.0.1 that does what a script says and counts the complete requests it got.
///
/// One thread and `poll`; no HTTP library, because it must misbehave in ways no library allows.
final class ScriptedServer: Sendable {
    /// What to do with one complete request.
    enum Step: Sendable {
        case reply(String)
        /// Sends these bytes and closes.
        case replyAndClose(String)
        /// Closes without a word.
        case close
        /// Closes with a reset.
        case reset
        /// Keeps the connection and says nothing.
        case stall
    }

    private struct State {
        var requests: [String] = []
        var connections = 0
        var openRequests = 0
        var largestOpen = 0
        var stalled: [Int32] = []
        var waiters: [(accepts: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var isStopped = false
    }

    let port: UInt16
    private let listener: Int32
    private let wakeRead: Int32
    private let wakeWrite: Int32
    private let steps: @Sendable (Int) -> Step
    private let closesBeforeReading: Bool
    private let state = Mutex(State())

    /// - Parameters:
    ///   - closesBeforeReading: accept, then close without reading a byte.
    ///   - steps: the step for request number n, from 0.
    init(closesBeforeReading: Bool = false, steps: @escaping @Sendable (Int) -> Step) {
        self.steps = steps
        self.closesBeforeReading = closesBeforeReading
        (listener, port) = Self.boundSocket()
        precondition(listen(listener, 64) == 0)
        var pair: [Int32] = [0, 0]
        precondition(unsafe pipe(&pair) == 0)
        (wakeRead, wakeWrite) = (pair[0], pair[1])
        var thread = pthread_t()
        let box = unsafe Unmanaged.passRetained(self)
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<ScriptedServer>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        precondition(code == 0)
        pthread_detach(thread)
    }

    /// A port on which nobody listens. It stays bound until the process ends, so that no other test can get it.
    static func unservedPort() -> UInt16 { boundSocket().port }

    private static func boundSocket() -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                precondition(unsafe bind(descriptor, generic, length) == 0)
                precondition(unsafe getsockname(descriptor, generic, &length) == 0)
            }
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    var url: String { "http://127.0.0.1:\(port)/send" }
    /// The complete requests received, head and body.
    var requests: [String] { state.withLock { $0.requests } }
    var accepts: Int { requests.count }
    var connections: Int { state.withLock { $0.connections } }
    /// The most requests that waited for their answer at one time.
    var largestOpen: Int { state.withLock { $0.largestOpen } }

    /// Returns when `count` complete requests have come; the test's time limit is the deadline.
    func waitForAccepts(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.requests.count < count { state.waiters.append((count, continuation)) }
                return state.requests.count >= count
            }
            if isThere { continuation.resume() }
        }
    }

    /// Answers one stalled request.
    func releaseOne(_ reply: String) {
        let connection = state.withLock { state -> Int32? in
            guard !state.stalled.isEmpty else { return nil }
            state.openRequests -= 1
            return state.stalled.removeFirst()
        }
        if let connection { send(reply, on: connection) }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        var byte: UInt8 = 0
        _ = unsafe write(wakeWrite, &byte, 1)
    }

    private func run() {
        var buffers: [Int32: [UInt8]] = [:]
        while !state.withLock({ $0.isStopped }) {
            var entries = ([listener, wakeRead] + buffers.keys).map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            guard unsafe poll(&entries, nfds_t(entries.count), 30_000) > 0 else { continue }
            for entry in entries where entry.revents != 0 {
                if entry.fd == listener {
                    let connection = accept(listener, nil, nil)
                    state.withLock { $0.connections += 1 }
                    if closesBeforeReading { Glibc.close(connection) } else { buffers[connection] = [] }
                } else if entry.fd != wakeRead, let buffer = buffers[entry.fd] {
                    buffers[entry.fd] = receive(entry.fd, buffer)
                }
            }
        }
        for descriptor in [listener, wakeRead, wakeWrite] + buffers.keys { Glibc.close(descriptor) }
    }

    /// Reads what is there; the new buffer, or nil when the connection is closed.
    private func receive(_ connection: Int32, _ buffer: [UInt8]) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(connection, &chunk, chunk.count, 0)
        guard count > 0 else {
            Glibc.close(connection)
            return nil
        }
        let buffer = buffer + chunk.prefix(count)
        let text = String(decoding: buffer, as: UTF8.self)
        guard let head = text.firstRange(of: "\r\n\r\n") else { return buffer }
        let length =
            text[..<head.lowerBound].split(separator: "\r\n")
            .first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.drop { $0 != ":" }.dropFirst(2)) } ?? 0
        guard text[head.upperBound...].utf8.count >= length else { return buffer }
        let index = state.withLock { state in
            state.requests.append(text)
            state.openRequests += 1
            state.largestOpen = max(state.largestOpen, state.openRequests)
            return state.requests.count - 1
        }
        let left = perform(steps(index), on: connection)
        let ready = state.withLock { state in
            let ready = state.waiters.filter { $0.accepts <= state.requests.count }
            state.waiters.removeAll { $0.accepts <= state.requests.count }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
        return left
    }

    private func perform(_ step: Step, on connection: Int32) -> [UInt8]? {
        if case .stall = step {
            state.withLock { $0.stalled.append(connection) }
            return []
        }
        state.withLock { $0.openRequests -= 1 }
        switch step {
        case .reply(let text):
            send(text, on: connection)
            return []
        case .replyAndClose(let text):
            send(text, on: connection)
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            unsafe setsockopt(
                connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        case .close, .stall:
            break
        }
        Glibc.close(connection)
        return nil
    }

    private func send(_ text: String, on connection: Int32) {
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}

/// A whole reply with the right length.
func reply(_ status: String, headers: String = "", body: String = "{}") -> String {
    "HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
}
