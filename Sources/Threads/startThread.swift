import Glibc

/// Starts a detached thread that runs `body` once.
///
/// All signals are blocked in it, so a SIGTERM always reaches the thread that handles it.
/// - Parameter name: shown by `ps -L` and debuggers; Linux keeps the first 15 bytes.
/// - Throws: `ThreadStartError` when the system has no thread left.
func startThread(name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadStartError) {
    let box = unsafe Unmanaged.passRetained(ThreadBody(name: name, run: body))
    var thread = pthread_t()
    let code = unsafe pthread_create(
        &thread, nil,
        { context in
            guard let context = unsafe context else { return nil }
            let body = unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
            var all = sigset_t()
            unsafe sigfillset(&all)
            unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
            nameCurrentThread(body.name)
            body.run()
            return nil
        }, box.toOpaque())
    guard code == 0 else {
        unsafe box.release()
        throw ThreadStartError(resource: "thread", code: code)
    }
    pthread_detach(thread)
}

/// Names the thread through `/proc`, because Swift's Glibc module has no `pthread_setname_np`. A name is only a comfort,
/// so a system without `/proc` is no error.
private func nameCurrentThread(_ name: String) {
    let file = unsafe open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    let bytes = Array(name.utf8.prefix(15))
    _ = unsafe write(file, bytes, bytes.count)
}

/// Carries the closure over `pthread_create`, which takes one pointer.
private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}

/// The operating system refused a thread or a file descriptor; usually a limit (`ulimit -u`, `ulimit -n`) is too low.
public struct ThreadStartError: Error, Equatable, CustomStringConvertible {
    /// What was asked for: `thread` or `wake signal`.
    public let resource: String
    /// The `errno` value that came back.
    public let code: Int32

    public var description: String { "the system refused a new \(resource) (errno \(code))" }
}
