import CLibCurl

/// Where a transfer broke, as far as libcurl's result code tells. Whether the provider may have acted is not in the
/// code: see `TransferFacts`.
enum TransferFault: CaseIterable {
    case resolve
    case connect
    case tls
    case timeout
    case connection
    case reply
    case replyTooLarge
    case invalidRequest
    case local

    /// Every code libcurl 7.88 documents (libcurl-errors(3)); nil only for `CURLE_OK` and numbers it does not define.
    init?(_ code: CURLcode) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: self = .resolve
        case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED, CURLE_NO_CONNECTION_AVAILABLE:
            self = .connect
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CLIENTCERT, CURLE_SSL_CIPHER,
            CURLE_USE_SSL_FAILED:
            self = .tls
        case CURLE_OPERATION_TIMEDOUT: self = .timeout
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_SEND_FAIL_REWIND,
            CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_HTTP3, CURLE_QUIC_CONNECT_ERROR, CURLE_SSL_SHUTDOWN_FAILED,
            CURLE_AGAIN, CURLE_UNRECOVERABLE_POLL:
            self = .connection
        case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_RANGE_ERROR, CURLE_HTTP_RETURNED_ERROR,
            CURLE_HTTP_POST_ERROR, CURLE_REMOTE_ACCESS_DENIED, CURLE_LOGIN_DENIED, CURLE_AUTH_ERROR,
            CURLE_TOO_MANY_REDIRECTS, CURLE_CHUNK_FAILED, CURLE_BAD_DOWNLOAD_RESUME, CURLE_QUOTE_ERROR,
            CURLE_REMOTE_DISK_FULL, CURLE_REMOTE_FILE_EXISTS, CURLE_REMOTE_FILE_NOT_FOUND, CURLE_UPLOAD_FAILED:
            self = .reply
        case CURLE_WRITE_ERROR, CURLE_FILESIZE_EXCEEDED: self = .replyTooLarge
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_UNKNOWN_OPTION,
            CURLE_SETOPT_OPTION_SYNTAX, CURLE_NOT_BUILT_IN:
            self = .invalidRequest
        case CURLE_FAILED_INIT, CURLE_OUT_OF_MEMORY, CURLE_READ_ERROR, CURLE_ABORTED_BY_CALLBACK,
            CURLE_RECURSIVE_API_CALL, CURLE_FUNCTION_NOT_FOUND, CURLE_FILE_COULDNT_READ_FILE,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED:
            self = .local
        case CURLE_FTP_WEIRD_PASS_REPLY, CURLE_FTP_ACCEPT_FAILED, CURLE_FTP_ACCEPT_TIMEOUT,
            CURLE_FTP_WEIRD_PASV_REPLY, CURLE_FTP_WEIRD_227_FORMAT, CURLE_FTP_CANT_GET_HOST,
            CURLE_FTP_COULDNT_SET_TYPE, CURLE_FTP_COULDNT_RETR_FILE, CURLE_FTP_PORT_FAILED,
            CURLE_FTP_COULDNT_USE_REST, CURLE_FTP_PRET_FAILED, CURLE_FTP_BAD_FILE_LIST, CURLE_LDAP_CANNOT_BIND,
            CURLE_LDAP_SEARCH_FAILED, CURLE_TFTP_NOTFOUND, CURLE_TFTP_PERM,
            CURLE_TFTP_ILLEGAL, CURLE_TFTP_UNKNOWNID, CURLE_TFTP_NOSUCHUSER, CURLE_RTSP_CSEQ_ERROR,
            CURLE_RTSP_SESSION_ERROR, CURLE_SSH:
            self = .local  // Other protocols: unreachable, because only http and https are allowed.
        default: return nil
        }
    }

    /// The fault's name when nothing had left.
    var notSentReason: NotSent.Reason {
        switch self {
        case .resolve: .resolve
        case .connect: .connect
        case .tls: .tls
        case .timeout: .timedOut
        case .connection, .reply, .replyTooLarge: .connectionLost
        case .invalidRequest: .invalidRequest
        case .local: .localFailure
        }
    }

    /// The fault's name when something had left.
    var unknownReason: UnknownSend.Reason {
        switch self {
        case .timeout: .timedOut
        case .resolve, .connect, .tls, .connection: .connectionLost
        // libcurl reports a reply that is not HTTP as an unsupported protocol.
        case .reply, .invalidRequest: .unreadableReply
        case .replyTooLarge: .replyTooLarge
        case .local: .localFailure
        }
    }
}
