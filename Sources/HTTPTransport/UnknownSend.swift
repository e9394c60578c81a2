/// Why it cannot be known whether the provider acted on a request.
public struct UnknownSend: Error, Equatable, Sendable {
    public enum Reason: String, Sendable, CaseIterable {
        /// A time limit passed after bytes went out.
        case timedOut = "timed_out"
        /// The connection was closed or reset before the reply was complete, and libcurl was not allowed to repeat the
        /// request.
        case connectionLost = "connection_lost"
        /// What came back is not HTTP, or not decodable.
        case unreadableReply = "unreadable_reply"
        /// The reply is larger than the configured bound.
        case replyTooLarge = "reply_too_large"
        /// The calling task was cancelled after bytes went out.
        case cancelled
        /// Memory, a file or the library failed here after bytes went out.
        case localFailure = "local_failure"
    }

    public let reason: Reason
    /// libcurl's result code, for logs; 0 when libcurl had not finished.
    public let curlCode: Int32
    /// The status line, when at least that was read.
    public let status: Int?
    /// How many bytes of the body were handed to the connection.
    public let bodyBytesSent: Int

    public init(reason: Reason, curlCode: Int32 = 0, status: Int? = nil, bodyBytesSent: Int = 0) {
        self.reason = reason
        self.curlCode = curlCode
        self.status = status
        self.bodyBytesSent = bodyBytesSent
    }
}
