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
        /// `HTTPRequest.notAfter` had passed.
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
