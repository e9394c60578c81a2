/// `X-Twilio-Signature`: HMAC-SHA-1 over the URL and the decoded form, keyed with the account's auth token.
///
/// The rules are those of Twilio's "Webhooks Security" page and of its official validators. No time is signed, so a
/// replay has a valid signature: receivers must drop duplicates themselves.
public enum TwilioSignature {
    /// The header value Twilio would send for a request to exactly `url` (without its fragment, user and password).
    ///
    /// For a GET or a JSON body `parameters` is empty.
    public static func sign(
        url: String, parameters: [(name: String, value: String)] = [], authToken: String
    ) -> String {
        sign(signedURL: SignedURL(url).asGiven, canonicalForm: canonicalForm(parameters), authToken: authToken)
    }

    /// Whether `header` is the signature of this URL and form under one of `authTokens`.
    ///
    /// Tries the URL with and without port (see `SignedURL`), and each token, so that a token can be rotated. Takes the
    /// same time whichever matches. An empty token is never used: anybody could sign with it.
    /// - Parameters:
    ///   - url: the configured public URL with the request's raw path and query; never built from `Host`.
    ///   - form: the decoded pairs of the body; empty for a GET.
    public static func validates(
        header: String, url: String, form: [(name: String, value: String)], authTokens: [String]
    ) -> Bool {
        let canonicalForm = canonicalForm(form)
        let signedURL = SignedURL(url)
        let received = Array(header.utf8)
        var isValid = false
        for token in authTokens where !token.isEmpty {
            for url in [signedURL.withoutPort, signedURL.withPort] {
                let expected = sign(signedURL: url, canonicalForm: canonicalForm, authToken: token)
                let matches = constantTimeEquals(Array(expected.utf8), received)
                isValid = isValid || matches
            }
        }
        return isValid
    }

    /// Whether `header` is the signature of this URL, and the URL's `bodySHA256` is the lower-case hexadecimal SHA-256
    /// of exactly `jsonBody`. Without `bodySHA256` in the query the body is not covered, and nothing is valid.
    public static func validates(header: String, url: String, jsonBody: [UInt8], authTokens: [String]) -> Bool {
        guard let claimed = bodyHash(in: url) else { return false }
        let isBodyRight = constantTimeEquals(Array(sha256(jsonBody).hexEncoded.utf8), claimed)
        let isSigned = validates(header: header, url: url, form: [], authTokens: authTokens)
        return isBodyRight && isSigned
    }

    private static func sign(signedURL: String, canonicalForm: [UInt8], authToken: String) -> String {
        hmacSHA1(key: Array(authToken.utf8), message: Array(signedURL.utf8) + canonicalForm).base64Encoded
    }

    /// Names sorted by UTF-8 bytes, for each its distinct values sorted by bytes, all joined without separators.
    ///
    /// Bytes and not `String`, whose order and equality treat two spellings of one character as the same.
    private static func canonicalForm(_ parameters: [(name: String, value: String)]) -> [UInt8] {
        var valuesByName: [[UInt8]: Set<[UInt8]>] = [:]
        for (name, value) in parameters {
            valuesByName[Array(name.utf8), default: []].insert(Array(value.utf8))
        }
        var output: [UInt8] = []
        for (name, values) in valuesByName.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            for value in values.sorted(by: { $0.lexicographicallyPrecedes($1) }) { output += name + value }
        }
        return output
    }

    private static func bodyHash(in url: String) -> [UInt8]? {
        let query = Array(url.utf8).prefix { $0 != UInt8(ascii: "#") }.drop { $0 != UInt8(ascii: "?") }.dropFirst()
        let name = Array("bodySHA256=".utf8)
        // Hexadecimal digits need no decoding, so the raw query is compared.
        return query.split(separator: UInt8(ascii: "&")).first { $0.starts(with: name) }.map {
            Array($0.dropFirst(name.count))
        }
    }
}
