import CLibCurl

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
