import Delivery
import Providers
import Signing

/// Line 1: the callback URL's query; then the form. Whatever is read can be stored.
func checkTwilioWebhooks(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    guard let query = try? FormParameters(parsing: input.lineBytes()),
        let form = try? FormParameters(parsing: input.rest())
    else { return }
    if let callback = try? TwilioWebhooks.readStatus(form: form, query: query) {
        try checkCallback(callback)
        try require(callback.receipt.providerID == form["MessageSid"], "another message's id")
    }
    if let callback = try? TwilioWebhooks.readVoice(form: form, query: query) {
        try checkCallback(callback)
        try require(callback.receipt.providerID == form["CallSid"], "another call's id")
    }
    if let message = try? TwilioWebhooks.readInbound(form: form) { try checkInbound(message, form) }
}

/// What holds for a person's message, whether the webhook or a list brought it.
func checkInbound(_ message: InboundMessage) throws(Violation) {
    try checkWord(message.providerID, "provider id", upTo: 64)
    try require((1...256).contains(message.from.utf8.count), "a person of \(message.from.utf8.count) bytes")
    try require(!message.from.utf8.contains(0), "a person that cannot be stored")
    try require(message.channel == .sms || message.channel == .whatsapp, "a text on \(message.channel)")
    try require((1...256).contains(message.to.utf8.count), "a number of ours of \(message.to.utf8.count) bytes")
    if let number = try? PhoneNumber(message.from) {
        try require(!message.description.contains(number.e164), "the description shows the number")
    }
    if message.keyword == nil { try require(!message.isAnswered, "an answer to no keyword") }
}

private func checkCallback(_ callback: StatusCallback) throws(Violation) {
    try require(callback.jobID > 0 && callback.generation > 0, "numbers from 0 down")
    try require(
        (1...256).contains(callback.token.utf8.count) && !callback.token.utf8.contains(0),
        "a token that cannot be stored")
    try checkReceipt(callback.receipt)
}

private func checkInbound(_ message: InboundMessage, _ form: FormParameters) throws(Violation) {
    try checkInbound(message)
    let body = form["Body"] ?? ""
    if OptOutKeyword(message: body) == .stop, form["OptOutType"] == nil, form["ButtonPayload"] == nil,
        form["ButtonText"] == nil
    {
        try require(message.keyword == .stop, "a STOP is lost")
    }
}
