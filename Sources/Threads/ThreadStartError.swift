/// The operating system refused a thread or a file descriptor; usually a limit (`ulimit -u`, `ulimit -n`) is too low.
public struct ThreadStartError: Error, Equatable, CustomStringConvertible {
    /// What was asked for: `thread` or `wake signal`.
    public let resource: String
    /// The `errno` value that came back.
    public let code: Int32

    public var description: String { "the system refused a new \(resource) (errno \(code))" }
}
