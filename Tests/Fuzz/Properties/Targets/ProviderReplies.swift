import Delivery
import HTTPTransport
import Providers

/// Byte 1: channel; byte 2 and 3: status; then header lines up to an empty one; then the body.
func checkProviderReplies(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    let channel = input.pick(Channel.allCases)
    let status = input.pick([
        200, 201, 202, 204, 299, 301, 400, 401, 403, 404, 405, 408, 410, 413, 422, 429, 429, 499, 500, 502, 503, 504,
        599, 100, 0, 999,
    ])
    let response = ServerReply(status: status, headers: headers(from: &input), body: input.rest())
    let requests = ProviderRequests(twilio: nil, sendGrid: nil)
    try checkAnswer(requests.readSend(.answered(response), channel: channel), to: response)
    if case .facts(let receipts) = requests.readStatus(.answered(response), channel: channel) {
        try require(status == 200, "a status in a reply of \(status)")
        for receipt in receipts { try checkReceipt(receipt) }
    }
    for message in messages(on: channel) {
        try checkListing(requests, response, message)
    }
    try checkRetryAfter(response)
}

private func headers(from input: inout FuzzInput) -> [(name: String, value: String)] {
    var headers: [(name: String, value: String)] = []
    while !input.isEmpty, headers.count < 20 {
        let line = input.line()
        guard !line.isEmpty else { break }
        let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
        // libcurl takes the white space off, and refuses a header with a zero byte.
        let value = parts.count > 1 ? parts[1].drop { $0 == " " || $0 == "\t" } : ""
        headers.append((parts.first ?? "", String(value).filter { $0 != "\0" }))
    }
    return headers
}

/// Only a success is taken as taken, only 429 as certainly not processed; what may have been is unknown.
private func checkAnswer(_ answer: SendReading, to response: ServerReply) throws(Violation) {
    switch answer {
    case .accepted(let id, let word):
        try require((200...299).contains(response.status), "accepted with \(response.status)")
        try checkWord(id, "provider id", upTo: 128)
        try require(word.map { $0.utf8.count <= 40 } ?? true, "a long status")
    case .refused(let code, _, _, let status, let wait):
        try require((300...499).contains(response.status) && status == response.status, "refused with \(status)")
        try checkWord(code, "code", upTo: 64)
        try checkWait(wait)
    case .notSent(let reason, let wait, let isRateLimited):
        try require(response.status == 429 && isRateLimited, "not sent with \(response.status)")
        try checkWord(reason, "reason", upTo: 64)
        try checkWait(wait)
    case .unknown(let reason):
        let isDoubtful = !(300...499).contains(response.status) || response.status == 408
        try require(isDoubtful, "unknown with \(response.status)")
        try checkWord(reason, "reason", upTo: 64)
    }
}

private func checkListing(
    _ requests: ProviderRequests, _ response: ServerReply, _ message: OutboundMessage
) throws(Violation) {
    let begunAt = Instant(microseconds: 1_692_853_305_000_000)
    let excluded = "SM" + String(repeating: "0", count: 32)
    let reading = requests.readListing(
        .answered(response), matching: message, begunAt: begunAt, excluding: [excluded])
    switch reading {
    case .found(let id, let receipts, _):
        try require(response.status == 200, "found in a reply of \(response.status)")
        try checkWord(id, "provider id", upTo: 256)
        try require(id != excluded, "found another attempt's message")
        for receipt in receipts { try checkReceipt(receipt) }
    case .notFound:
        try require(response.status == 200, "not found in a reply of \(response.status)")
    case .unavailable(let reason):
        try checkWord(reason, "reason", upTo: 64)
    }
}

private func messages(on channel: Channel) -> [OutboundMessage] {
    let content: [MessageContent] =
        switch channel {
        case .sms, .whatsapp: [.text("Hi"), .text("👋"), .contentTemplate(sid: "HX1", variables: [:])]
        case .voice: [.spoken("Hi")]
        case .email: [.email(subject: "Hi", text: "Hi", html: nil)]
        }
    return content.map {
        OutboundMessage(
            jobID: 1, generation: 1, token: "t", channel: channel,
            to: channel == .email ? "a@example.com" : "+15005550001",
            sender: MessageSender(address: channel == .email ? "b@example.com" : "+15005550006"), content: $0,
            validity: .seconds(60), category: .otp)
    }
}

private func checkRetryAfter(_ response: ServerReply) throws(Violation) {
    for limit in [Duration.zero, .seconds(1), .seconds(3_600)] {
        guard let wait = response.retryAfter(limit: limit) else { continue }
        try require(wait >= .zero && wait <= limit, "a wait of \(wait) under a limit of \(limit)")
    }
    let isAsked = response.headers.contains { $0.name.lowercased() == "retry-after" }
    try require(isAsked || response.retryAfter() == nil, "a wait that nobody asked for")
}

private func checkWait(_ wait: Duration?) throws(Violation) {
    guard let wait else { return }
    try require(wait >= .zero && wait <= .seconds(3_600), "a wait of \(wait)")
}
