import HTTPTransport
import Providers
import Testing

@Suite("Retry-After")
struct RetryAfterTests {
    private func retryAfter(_ value: String, date: String? = nil) -> Duration? {
        var headers = [(name: "retry-AFTER", value: value)]
        if let date { headers.append(("Date", date)) }
        return ServerReply(status: 429, headers: headers).retryAfter(limit: .seconds(600))
    }

    @Test(
        "seconds, up to the limit",
        arguments: [
            ("0", 0), ("7", 7), ("600", 600), ("601", 600), ("99999999999999999999999", 600),
            ("0000000000000000000", 0), ("0000000000000000000042", 42),
        ])
    func seconds(value: String, expected: Int) {
        #expect(retryAfter(value) == .seconds(expected))
    }

    @Test("anything else is not an instruction", arguments: ["", "-1", "1.5", "+1", " 1", "soon", "1s", "١"])
    func junk(value: String) {
        #expect(retryAfter(value) == nil)
    }

    @Test("a date counts from the reply's own date")
    func dates() {
        let now = "Thu, 29 Feb 2024 23:59:30 GMT"
        #expect(retryAfter("Fri, 01 Mar 2024 00:00:10 GMT", date: now) == .seconds(40))
        #expect(retryAfter("Thu, 29 Feb 2024 23:00:00 GMT", date: now) == .zero)
        #expect(retryAfter("Fri, 01 Mar 2030 00:00:10 GMT", date: now) == .seconds(600))
        #expect(retryAfter("Fri, 01 Mar 2024 00:00:10 GMT") == nil)
        #expect(retryAfter("Fri, 01 Mar 2024 24:00:10 GMT", date: now) == nil)
        #expect(retryAfter("2024-03-01T00:00:10Z", date: now) == nil)
    }

    @Test("no header, no wait")
    func absent() {
        #expect(ServerReply(status: 429).retryAfter() == nil)
    }
}
