/// How a request ended, as a statement about the provider and not about the network: did it get the request?
public enum HTTPResult: Sendable {
    /// A complete reply came.
    case answered(ServerReply)
    /// The provider certainly did not get the request; sending again cannot double anything.
    case notSent(NotSent)
    /// Bytes of the request left and no complete reply came. The provider may have acted; never send again blindly.
    case unknown(UnknownSend)
}

/// Proof that a request did not reach the provider: of a request with a body, no byte of the body left; of one without,
/// no byte at all.
public struct NotSent: Error, Equatable, Sendable {
    public enum Reason: String, Sendable, CaseIterable {
        /// The host name could not be resolved.
        case resolve
        /// No connection: refused, unreachable, or a proxy would not connect.
        case connect
        /// The TLS handshake or the check of the certificate failed.
        case tls
        /// A time limit passed while waiting for a slot, a connection or the handshake.
        case timedOut = "timed_out"
        /// The connection broke before the body left.
        case connectionLost = "connection_lost"
        /// `OutgoingRequest.notAfter` had passed.
        case fencePassed = "fence_passed"
        /// Sending was switched off, or the transport is closed.
        case stopped
        /// The calling task was cancelled.
        case cancelled
        /// Too many requests were waiting already.
        case queueFull = "queue_full"
        /// The request itself cannot be sent: a malformed URL or header, or a scheme other than http and https.
        case invalidRequest = "invalid_request"
        /// Memory, a file or the library failed here; nothing to do with the provider.
        case localFailure = "local_failure"
    }

    public let reason: Reason
    /// libcurl's result code, for logs; 0 when libcurl was not asked.
    public let curlCode: Int32

    public init(reason: Reason, curlCode: Int32 = 0) {
        self.reason = reason
        self.curlCode = curlCode
    }
}

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
