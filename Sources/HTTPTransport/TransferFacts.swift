import CLibCurl

/// All that decides between answered, not sent and unknown.
struct TransferFacts: Equatable {
    var hasBody: Bool
    /// Bytes of the request head handed to the connection; 0 until connection and handshake stand.
    var headBytesSent: Int
    /// Bytes of the body handed to the connection.
    var bodyBytesSent: Int
    /// Why our own callback stopped the transfer, if it did.
    var refusal: NotSent.Reason?
    /// The last status line read.
    var status: Int?

    /// Whether the provider can have begun to act. It never acts on the head of a request whose body is missing.
    var hasLeft: Bool { hasBody ? bodyBytesSent > 0 : headBytesSent > 0 }

    /// The one place where a libcurl result becomes a statement about the provider.
    ///
    /// An unlisted code is treated by the facts alone, so a newer libcurl cannot turn an unknown send into a safe one.
    func classify(_ code: CURLcode) -> TransferVerdict {
        let raw = Int32(bitPattern: code.rawValue)
        if code == CURLE_OK {
            guard status == nil else { return .answered }
            return hasLeft ? .unknown(unknown(.unreadableReply, raw)) : .notSent(NotSent(reason: .connectionLost))
        }
        let fault = TransferFault(code) ?? .local
        guard hasLeft else { return .notSent(NotSent(reason: refusal ?? fault.notSentReason, curlCode: raw)) }
        return .unknown(unknown(fault.unknownReason, raw))
    }

    /// The verdict when the caller no longer waits.
    func classifyCancelled() -> TransferVerdict {
        hasLeft ? .unknown(unknown(.cancelled, 0)) : .notSent(NotSent(reason: .cancelled))
    }

    private func unknown(_ reason: UnknownSend.Reason, _ code: Int32) -> UnknownSend {
        UnknownSend(reason: reason, curlCode: code, status: status, bodyBytesSent: bodyBytesSent)
    }
}

/// `HTTPResult` without the reply.
enum TransferVerdict: Equatable {
    case answered
    case notSent(NotSent)
    case unknown(UnknownSend)
}
