import CLibCurl

/// One request on its way: an easy handle and what its callbacks need. Lives on the transport's thread only.
@safe final class CurlTransfer {
    let easy: UnsafeMutableRawPointer
    let permission: SendPermission
    private let request: OutgoingRequest
    private var lists: [CurlList] = []
    private var bodyBytesSent = 0
    private var hasBegun = false
    private var refusal: NotSent.Reason?
    private var reply: ReplyBuffer

    /// - Parameter remaining: what is left of the request's total timeout.
    init(
        _ request: OutgoingRequest, id: UInt64, permission: SendPermission, remaining: Duration,
        configuration: HTTPTransportConfiguration
    ) throws(NotSent) {
        guard let head = RequestHead(request) else { throw NotSent(reason: .invalidRequest) }
        guard let easy = unsafe curl_easy_init() else { throw NotSent(reason: .localFailure) }
        unsafe self.easy = easy
        self.request = request
        self.permission = permission
        reply = ReplyBuffer(maximumBodyBytes: configuration.maximumReplyBytes)
        let identifier = unsafe UnsafeMutableRawPointer(bitPattern: UInt(id))
        try check(unsafe curl_setopt_pointer(easy, CURLOPT_PRIVATE, identifier))
        try setLimits(remaining: remaining)
        try setRequest(head, configuration: configuration)
        try setCallbacks()
    }

    deinit { unsafe curl_easy_cleanup(easy) }

    var facts: TransferFacts {
        var status = 0
        var headBytes = 0
        _ = unsafe curl_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status)
        _ = unsafe curl_getinfo_long(easy, CURLINFO_REQUEST_SIZE, &headBytes)
        return TransferFacts(
            hasBody: !request.body.isEmpty, headBytesSent: hasBegun ? headBytes : 0, bodyBytesSent: bodyBytesSent,
            refusal: refusal, status: status >= 100 ? status : nil)
    }

    /// The verdict on the transfer that ended with `code`, and its reply.
    func result(_ code: CURLcode) -> HTTPResult {
        let facts = facts
        return switch facts.classify(code) {
        case .answered: .answered(ServerReply(status: facts.status ?? 0, headers: reply.headers, body: reply.body))
        case .notSent(let reason): .notSent(reason)
        case .unknown(let reason): .unknown(reason)
        }
    }

    private func check(_ code: CURLcode) throws(NotSent) {
        guard code != CURLE_OK else { return }
        let fault = TransferFault(code) ?? .local
        throw NotSent(reason: fault.notSentReason, curlCode: Int32(bitPattern: code.rawValue))
    }

    private func set(_ option: CURLoption, _ value: Int) throws(NotSent) {
        try check(unsafe curl_setopt_long(easy, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) throws(NotSent) {
        try check(unsafe curl_setopt_string(easy, option, value))
    }

    private func set(_ option: CURLoption, _ lines: [String]) throws(NotSent) {
        guard let list = CurlList(lines) else { throw NotSent(reason: .localFailure) }
        lists.append(list)
        try check(unsafe curl_setopt_list(easy, option, list.raw))
    }

    private func setLimits(remaining: Duration) throws(NotSent) {
        try set(CURLOPT_TIMEOUT_MS, remaining.curlMilliseconds)
        try set(CURLOPT_CONNECTTIMEOUT_MS, min(request.connectTimeout, remaining).curlMilliseconds)
        try set(CURLOPT_NOSIGNAL, 1)
        // Without it, giving up a slow name resolution waits for its thread and holds up every other transfer.
        try set(CURLOPT_QUICK_EXIT, 1)
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        // The least that libcurl takes. Its 64 KiB are got from the system and given back for every request.
        try set(CURLOPT_UPLOAD_BUFFERSIZE, 16 << 10)
        // A request without a body has no read callback that could refuse a repetition, so it gets a new connection:
        // libcurl repeats silently only what failed on a used one.
        let couldRepeat = request.body.isEmpty && request.method == .post
        if request.isolatesConnection || couldRepeat { try set(CURLOPT_FRESH_CONNECT, 1) }
        if request.isolatesConnection { try set(CURLOPT_FORBID_REUSE, 1) }
    }

    private func setRequest(_ head: RequestHead, configuration: HTTPTransportConfiguration) throws(NotSent) {
        try set(CURLOPT_URL, request.url)
        try set(CURLOPT_USERAGENT, configuration.userAgent)
        try set(CURLOPT_HTTPHEADER, head.lines)
        if let file = configuration.certificateAuthorityFile { try set(CURLOPT_CAINFO, file) }
        if !configuration.resolveOverrides.isEmpty { try set(CURLOPT_RESOLVE, configuration.resolveOverrides) }
        if case .basic(let user, let password) = request.credentials {
            try check(unsafe curl_setopt_long(easy, CURLOPT_HTTPAUTH, curl_auth_basic()))
            try set(CURLOPT_USERNAME, user)
            try set(CURLOPT_PASSWORD, password)
        }
        if request.body.isEmpty && request.method != .post && request.method != .put {
            try set(CURLOPT_HTTPGET, 1)
        } else {
            // No POSTFIELDS and no seek function: libcurl then cannot repeat the body by itself.
            try set(CURLOPT_POST, 1)
            try check(unsafe curl_setopt_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
        }
        if request.method != .get && request.method != .post { try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
        if request.method == .get && !request.body.isEmpty { try set(CURLOPT_CUSTOMREQUEST, "GET") }
    }

    /// The callbacks get this object unretained: it lives until it was taken out of the multi handle.
    private func setCallbacks() throws(NotSent) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        try check(unsafe curl_setopt_pointer(easy, CURLOPT_PREREQDATA, context))
        try check(
            unsafe curl_setopt_prerequest(easy) { context, _, _, _, _ in
                unsafe CurlTransfer.of(context).mayBegin() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            })
        try check(unsafe curl_setopt_pointer(easy, CURLOPT_READDATA, context))
        try check(
            unsafe curl_setopt_callback(easy, CURLOPT_READFUNCTION) { data, size, count, context in
                let room = unsafe UnsafeMutableRawBufferPointer(start: data, count: size * count)
                return unsafe CurlTransfer.of(context).supplyBody(room)
            })
        try check(unsafe curl_setopt_pointer(easy, CURLOPT_HEADERDATA, context))
        try check(
            unsafe curl_setopt_callback(easy, CURLOPT_HEADERFUNCTION) { data, size, count, context in
                let line = unsafe Array(UnsafeRawBufferPointer(start: data, count: size * count))
                return unsafe CurlTransfer.of(context).reply.appendHeadLine(line) ? line.count : 0
            })
        try check(unsafe curl_setopt_pointer(easy, CURLOPT_WRITEDATA, context))
        try check(
            unsafe curl_setopt_callback(easy, CURLOPT_WRITEFUNCTION) { data, size, count, context in
                let part = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
                return unsafe CurlTransfer.of(context).reply.appendBody(part) ? part.count : Int(CURL_WRITEFUNC_ERROR)
            })
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> CurlTransfer {
        guard let context = unsafe context else { preconditionFailure("libcurl lost a callback's context") }
        return unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    }

    /// Asked when the connection stands, before the head leaves; again for each connection libcurl tries.
    private func mayBegin() -> Bool {
        refusal = permission.refusal()
        hasBegun = refusal == nil
        return hasBegun
    }

    /// Hands over the next part of the body, once. The fence and the switch are asked before the first byte.
    private func supplyBody(_ room: UnsafeMutableRawBufferPointer) -> Int {
        if bodyBytesSent == 0 {
            refusal = permission.refusal()
            guard refusal == nil else { return Int(CURL_READFUNC_ABORT) }
        }
        let part = request.body[bodyBytesSent...].prefix(room.count)
        unsafe room.copyBytes(from: part)
        bodyBytesSent += part.count
        return part.count
    }
}

extension Duration {
    /// Whole milliseconds in the range of libcurl's timeouts; at least 1, because libcurl takes 0 for "no limit".
    fileprivate var curlMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds >= 0 else { return 1 }
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        return max(1, Int(seconds * 1_000 + attoseconds / 1_000_000_000_000_000))
    }
}

/// A list of strings in libcurl's form, freed once. It must outlive the handles that use it.
@safe final class CurlList {
    private(set) var raw: UnsafeMutablePointer<curl_slist>?

    /// Nil when there is no memory.
    init?(_ lines: [String]) {
        for line in lines {
            guard let longer = unsafe curl_slist_append(raw, line) else { return nil }
            unsafe raw = longer
        }
    }

    deinit { unsafe curl_slist_free_all(raw) }
}
