/// The header lines of a request in libcurl's form, checked so that no value can smuggle in another header.
struct RequestHead {
    let lines: [String]

    /// Nil when the URL, a header or a credential holds a character that cannot stand on the wire.
    init?(_ request: OutgoingRequest) {
        guard !request.url.isEmpty, request.url.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
        var headers = request.headers
        if case .bearer(let token) = request.credentials { headers.append(("Authorization", "Bearer " + token)) }
        guard headers.allSatisfy({ RequestHead.isName($0.name) && RequestHead.isValue($0.value) }) else { return nil }
        // libcurl sends a header without value only when it is written with a semicolon, and drops one that ends with a
        // colon. So `Expect:` and `Content-Type:` switch its own additions off.
        lines =
            headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
            + ["Expect:"]
            + (headers.contains { $0.name.lowercased() == "content-type" } ? [] : ["Content-Type:"])
    }

    private static let symbols = Array("!#$%&'*+-.^_`|~".utf8)

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                    || symbols.contains(byte)
            }
    }

    private static func isValue(_ value: String) -> Bool {
        value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 9 }
    }
}
