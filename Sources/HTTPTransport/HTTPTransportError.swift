/// A transport could not be started.
public enum HTTPTransportError: Error, Equatable, Sendable {
    /// The system has no thread left; `errno` of the attempt.
    case noThread(errno: Int32)
    /// libcurl could not be initialised; its result code.
    case library(code: Int32)
}
