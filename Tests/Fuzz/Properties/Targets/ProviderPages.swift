import Delivery
import HTTPTransport
import Providers

/// Byte 1: status; then the body. What polls and catch-up read of lists can be stored and logged, and leads to no other path.
func checkProviderPages(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    let response = ServerReply(
        status: input.pick([200, 200, 200, 201, 204, 400, 401, 403, 404, 429, 500, 503]), headers: [],
        body: input.rest())
    let hasPage = response.status == 200
    if case .page(let receipts, let next) = requests.readStatuses(.answered(response)) {
        try require(hasPage, "a page of statuses in a reply of \(response.status)")
        for (id, receipt) in receipts {
            try require(receipt.providerID == id, "a receipt of another message")
            try checkReceipt(receipt)
        }
        try checkNext(requests.statuses(page: next)?.url, after: next)
    }
    for page in [nil, "a page"] {
        try checkInbound(response, InboundQuery(recipient: nil, since: Instant(microseconds: 0), page: page))
    }
    if case .page(let entries, let isWhole) = requests.readMailLog(.answered(response)) {
        try require(hasPage, "a page of mails in a reply of \(response.status)")
        try require(isWhole, "fewer mails than a page holds are not all of them")
        for (id, entry) in entries { try checkEntry(entry, id) }
    }
    if case .facts(let receipts) = requests.readMailEvents(.answered(response)) {
        try require(hasPage, "events in a reply of \(response.status)")
        for receipt in receipts { try checkReceipt(receipt) }
    }
}

private let requests = ProviderRequests(
    twilio: TwilioAccount(accountSID: "AC1", apiKeySID: "SK1", apiKeySecret: "x"),
    sendGrid: SendGridAccount(apiKey: "x"))

private func checkInbound(_ response: ServerReply, _ query: InboundQuery) throws(Violation) {
    switch requests.readInbound(.answered(response), of: query) {
    case .page(let messages, let next):
        try require(response.status == 200, "people's words in a reply of \(response.status)")
        for message in messages {
            try checkInbound(message)
            try require(message.sentAt != nil, "words of no time")
        }
        var further = query
        further.page = next
        if next != nil { try checkNext(requests.inbound(further)?.url, after: next) }
    case .lost:
        try require(query.page != nil && [400, 404].contains(response.status), "lost at the beginning")
    case .unavailable(let reason, let wait):
        try checkWord(reason, "reason", upTo: 64)
        try require(wait == nil, "a wait that nobody asked for")
    }
}

/// The provider names its next page, which must not become a request for anything else.
private func checkNext(_ url: String?, after page: String?) throws(Violation) {
    guard let url, page != nil else { return }
    try require(
        url.hasPrefix("https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json?"), "a page leads elsewhere")
    try require(url.utf8.count <= 4_096 && url.utf8.allSatisfy { (0x21...0x7e).contains($0) }, "an odd page")
}

private func checkEntry(_ entry: MailLogEntry, _ id: String) throws(Violation) {
    try checkReceipt(entry.receipt)
    try require(entry.receipt.providerID == id, "a receipt of another mail")
    try checkWord(entry.logID, "log id", upTo: 128)
    try require(entry.logID == id || entry.logID.hasPrefix(id + "."), "another mail's log")
    let path = requests.mailEvents(entry.logID).map { $0.url.split(separator: "/").count }
    try require(path == 5, "a log's id makes another path")
    if entry.lacksReason { try require(entry.receipt.fact == .failed, "a reason is missed of no failure") }
    if entry.receipt.suppression != nil { try require(entry.receipt.fact == .failed, "no mail at all for no failure") }
}
