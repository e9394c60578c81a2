import CLibCurl

/// The control arm: libcurl as most programs use it, one easy handle with `POSTFIELDS` and kept-alive connections.
@safe final class PlainPost {
    private let easy: UnsafeMutableRawPointer?

    init() { unsafe easy = curl_easy_init() }

    deinit { unsafe curl_easy_cleanup(easy) }

    /// The status of the reply, or nil when libcurl reported an error.
    func post(_ url: String, body: String) -> Int? {
        _ = unsafe curl_setopt_string(easy, CURLOPT_URL, url)
        _ = unsafe curl_setopt_string(easy, CURLOPT_NOPROXY, "*")
        _ = unsafe curl_setopt_long(easy, CURLOPT_TIMEOUT_MS, 10_000)
        _ = unsafe curl_setopt_long(easy, CURLOPT_NOSIGNAL, 1)
        _ = unsafe curl_setopt_string(easy, CURLOPT_COPYPOSTFIELDS, body)
        _ = unsafe curl_setopt_callback(easy, CURLOPT_WRITEFUNCTION) { _, size, count, _ in size * count }
        guard unsafe curl_easy_perform(easy) == CURLE_OK else { return nil }
        var status = 0
        _ = unsafe curl_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return status
    }
}
