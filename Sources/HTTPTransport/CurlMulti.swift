import CLibCurl

/// libcurl's multi handle: all transfers and their connections.
///
/// Sendable because only `wakeUp` is called from other threads, which libcurl allows (curl_multi_wakeup(3)); everything
/// else is called on the transport's thread. Freed with the last reference, after that thread is done with it.
@safe final class CurlMulti: Sendable {
    private nonisolated(unsafe) let raw: UnsafeMutableRawPointer

    init(maximumConnections: Int) throws(HTTPTransportError) {
        guard libraryCode == CURLE_OK, let raw = unsafe curl_multi_init() else {
            throw .library(code: Int32(bitPattern: libraryCode.rawValue))
        }
        unsafe self.raw = raw
        _ = unsafe curl_multi_setopt_long(raw, CURLMOPT_MAXCONNECTS, maximumConnections)
    }

    deinit { unsafe curl_multi_cleanup(raw) }

    func wakeUp() { unsafe curl_multi_wakeup(raw) }

    func add(_ transfer: CurlTransfer) -> Bool { unsafe curl_multi_add_handle(raw, transfer.easy) == CURLM_OK }

    func remove(_ transfer: CurlTransfer) { unsafe curl_multi_remove_handle(raw, transfer.easy) }

    /// Moves every transfer on as far as it goes without waiting, and names those that ended.
    func perform() -> [(id: UInt64, code: CURLcode)] {
        var running: Int32 = 0
        unsafe curl_multi_perform(raw, &running)
        var ended: [(id: UInt64, code: CURLcode)] = []
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(raw, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            var id: UnsafeMutableRawPointer?
            _ = unsafe curl_getinfo_pointer(message.pointee.easy_handle, CURLINFO_PRIVATE, &id)
            ended.append((UInt64(UInt(bitPattern: id)), unsafe curl_message_result(message)))
        }
        return ended
    }

    /// Waits for I/O, for one of libcurl's timers, for `wakeUp`, or for `milliseconds`.
    func wait(milliseconds: Int32) {
        unsafe curl_multi_poll(raw, nil, 0, milliseconds, nil)
    }
}

/// Initialises libcurl once, before the first handle.
private let libraryCode: CURLcode = curl_global_init(Int(CURL_GLOBAL_ALL))
