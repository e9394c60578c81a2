import Delivery
import HTTPTransport
import Providers

/// Bytes 1 to 8: now; 9 to 12: how much later; then a header's value. A wait is what was asked for, and bounded.
func checkRetryAfter(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    let now = WireTime(input.int64())
    let later = Int64(Int32(truncatingIfNeeded: input.int64() >> 32))
    let until = WireTime(now.secondsSinceEpoch + later)
    let text = input.line().filter { !$0.isNewline && $0 != "\0" }
    let wait = Duration.seconds(min(max(0, until.secondsSinceEpoch - now.secondsSinceEpoch), 3_600))
    let date = (name: "date", value: now.http)
    try checkWait(reply(503, [("RETRY-AFTER", until.http), date]), is: wait)
    try checkWait(reply(503, [("Retry-After", until.http)]), is: nil)
    try checkWait(reply(503, [("Retry-After", String(abs(later)))]), is: .seconds(min(abs(later), 3_600)))
    try checkWait(reply(429, [("X-RateLimit-Reset", String(until.secondsSinceEpoch))]), is: nil)
    let limited = reply(429, [("X-RateLimit-Reset", String(until.secondsSinceEpoch)), date])
    try checkAnswers(to: limited, wait: wait)
    try checkAnswers(to: reply(429, [("Retry-After", "7")] + limited.headers), wait: .seconds(7))
    try checkText(text, date)
}

private func reply(_ status: Int, _ headers: [(name: String, value: String)]) -> ServerReply {
    ServerReply(status: status, headers: headers, body: [])
}

private func checkWait(_ response: ServerReply, is wait: Duration?) throws(Violation) {
    let read = response.retryAfter()
    try require(read == wait, "\(response.headers) is a wait of \(String(describing: read))")
}

/// Every provider's 429 says that nothing was processed, and when to come back.
private func checkAnswers(to response: ServerReply, wait: Duration) throws(Violation) {
    let requests = ProviderRequests(twilio: nil, sendGrid: nil)
    for channel in Channel.allCases {
        let answer = requests.readSend(.answered(response), channel: channel)
        let expected = SendReading.notSent(reason: "http_429", retryAfter: wait, isRateLimited: true)
        try require(answer == expected, "\(response.headers) is \(answer)")
    }
}

/// Only digits and the one date that HTTP has are a wait.
private func checkText(_ text: String, _ date: (name: String, value: String)) throws(Violation) {
    guard let wait = reply(503, [("Retry-After", text), date]).retryAfter() else { return }
    try require(wait >= .zero && wait <= .seconds(3_600), "a wait of \(wait)")
    let isNumber = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    let isDate = text.utf8.count == 29 && text.hasSuffix(" GMT")
    try require(isNumber || isDate, "a wait from something else")
    if isNumber, let seconds = Int64(text) { try require(wait == .seconds(min(seconds, 3_600)), "a wait of \(wait)") }
}
