import Delivery
import Providers

/// One odd event costs no other one, and whatever is read can be stored.
func checkSendGridEvents(_ body: [UInt8]) throws(Violation) {
    let events: [MailEvent]
    do {
        events = try SendGridWebhooks.read(body: body, limit: 50)
    } catch {
        return try require(error == .malformedBody || error == .tooManyEvents(limit: 50), "refused for \(error)")
    }
    try require((try? SendGridWebhooks.read(body: body)) == events, "another reading of the same batch")
    for event in events { try checkMailEvent(event) }
    try checkNeighbours(of: body, events)
}

private func checkMailEvent(_ event: MailEvent) throws(Violation) {
    try checkReceipt(event.receipt)
    try require(event.email.utf8.count <= 320 && !event.email.utf8.contains(0), "an address that cannot be stored")
    try require(!"\(event)\(String(reflecting: event))".contains("@"), "the description shows the address")
    if let token = event.token { try checkWord(token, "token", upTo: 256) }
    if let job = event.jobID { try require(job > 0, "a job's number is \(job)") }
    if let generation = event.generation { try require(generation > 0, "a generation is \(generation)") }
    try require(event.resubscription == nil || event.receipt.suppression == nil, "a return that is a departure")
    if let reason = event.receipt.suppression, reason != .bounce, reason != .invalidAddress {
        let fact = event.receipt.event(tableClass: nil, retryAfter: nil).fact
        let isSilent = event.receipt.fact == .progress
        try require(isSilent || fact == .failed(.optedOut), "an opt-out that the ladder does not hear of")
    }
}

/// The batch with one more event in front still has all of its own.
private func checkNeighbours(of body: [UInt8], _ events: [MailEvent]) throws(Violation) {
    guard let start = body.firstIndex(of: UInt8(ascii: "[")), !events.isEmpty else { return }
    let longer = Array(body[...start]) + Array(oddEvents.utf8) + body[(start + 1)...]
    try require((try? SendGridWebhooks.read(body: longer)) == events, "odd events cost others")
}

/// Proper JSON, and no event.
private let oddEvents =
    #"{"event":7,"email":null},null,1e999,[-0.0,12345678901234567890123456789012345678901234567890],"#
    + #"{"event":"\u0000\ud83d\ude00","email":{},"sg_message_id":1e-999},"#
    + String(repeating: "[", count: 100) + String(repeating: "]", count: 100) + ","
