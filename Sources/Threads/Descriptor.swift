import Glibc

/// The process's standard descriptors, and writing to one of them.
public enum Descriptor {
    /// Why a descriptor cannot be written.
    public struct WriteError: Error, Equatable, CustomStringConvertible {
        /// The `errno` value.
        public let code: Int32

        public var description: String { unsafe String(cString: strerror(code)) }
    }

    /// Gives 0, 1 and 2 something to stand for where the parent closed them, so that no file and no socket ever gets one of
    /// these numbers. Ignores SIGPIPE, so that a reader that went away is an error of one write. Called first of all.
    ///
    /// What stands in for standard output cannot be written: a command then says that its output is lost.
    public static func prepareStandardStreams() {
        signal(SIGPIPE, SIG_IGN)
        raiseLimit()
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            // The lowest free number is taken, and all lower ones are in use.
            _ = unsafe open("/dev/null", O_RDONLY)
        }
    }

    /// How many descriptors this process may have.
    public static var limit: Int {
        var limits = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else { return 1_024 }
        return Int(min(limits.rlim_cur, 1 << 20))
    }

    /// Whether there are `count` descriptors that nobody has, those with the highest numbers.
    public static func hasSpare(_ count: Int32) -> Bool {
        // A number from there on: the system looks for the lowest free one.
        let copy = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, Int32(limit) - count)
        guard copy >= 0 else { return false }
        close(copy)
        return true
    }

    /// To what the administrator allows: the soft limit is there for programs that use `select`.
    private static func raiseLimit() {
        var limits = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else { return }
        limits.rlim_cur = min(limits.rlim_max, 1 << 16)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
    }

    /// Writes all of `bytes`, waiting for a slow reader.
    ///
    /// - Returns: the error, nil when everything is written.
    public static func write(_ bytes: [UInt8], to descriptor: Int32) -> WriteError? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                rest = rest.dropFirst(written)
                continue
            }
            let code = errno
            switch code {
            case EINTR: continue
            case EAGAIN: waitUntilWritable(descriptor)
            default: return WriteError(code: code)
            }
        }
        return nil
    }

    /// Somebody who shares the descriptor has made it non-blocking.
    private static func waitUntilWritable(_ descriptor: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&entry, 1, 1_000)
    }
}
