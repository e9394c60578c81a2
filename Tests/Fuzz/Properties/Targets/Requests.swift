import Delivery
import Foundation
import HTTPTransport
import Providers
import Signing

/// Line 1: an address; line 2: a token; then the text. What is sent says just that, wherever it stands in a request.
func checkRequests(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    let (address, token, text) = (input.line(), input.line(), input.text())
    guard ![address, token, text].contains(where: { $0.contains("secret") }) else { return }
    for channel in Channel.allCases {
        for content in contents(text) {
            let message = OutboundMessage(
                jobID: 7, generation: 2, token: token, channel: channel, to: address,
                sender: MessageSender(address: address, displayName: text), content: content,
                validity: .seconds(60), category: .otp, locale: token, callbackBaseURL: "https://hooks.example.com/")
            try checkSend(message)
            if let listing = requests.listing(for: message) { try checkShape(listing) }
        }
        if let poll = requests.status(of: token, channel: channel) {
            try checkShape(poll)
            try require(poll.url.split(separator: "/").count == 7, "an id makes another path")
        }
    }
    if let search = requests.mailLog(nil, to: address) { try checkSearch(search, address) }
}

private let requests = ProviderRequests(
    twilio: TwilioAccount(accountSID: "AC1", apiKeySID: "SK1", apiKeySecret: "twilio-secret"),
    sendGrid: SendGridAccount(apiKey: "sendgrid-secret"))

private func contents(_ text: String) -> [MessageContent] {
    [
        .text(text), .text(text, mediaURLs: [text]),
        .contentTemplate(sid: "HX1", variables: ["1": text].merging([text: "2"]) { $1 }),
        .spoken(text), .email(subject: text, text: text, html: text),
        .dynamicTemplate(id: "d-1", subject: nil, dataJSON: text),
    ]
}

private func checkSend(_ message: OutboundMessage) throws(Violation) {
    let request: OutgoingRequest
    do {
        request = try requests.send(message, notAfter: nil)
    } catch {
        try require(error.description.utf8.count <= 120, "an error of \(error.description.utf8.count) bytes")
        return try require(!"\(error)".contains("secret"), "an error shows a secret")
    }
    try checkShape(request)
    if message.channel == .email {
        try checkMail(request.body, message)
    } else {
        try checkForm(request.body, message)
    }
}

/// Nothing of a message ends a line of a request, or shows in a log.
private func checkShape(_ request: OutgoingRequest) throws(Violation) {
    let lines = [request.url] + request.headers.flatMap { [$0.name, $0.value] }
    let isPlain = lines.allSatisfy { $0.utf8.allSatisfy { (0x21...0x7e).contains($0) } && !$0.isEmpty }
    try require(isPlain, "a request line with odd characters")
    try require(!lines.contains { $0.contains("secret") }, "a secret outside the credentials")
    let shown = "\(request) \(request.credentials) \(String(reflecting: request))"
    try require(shown.utf8.count < 200 && !shown.contains("secret"), "a request shows \(shown.utf8.count) bytes")
    let hosts = ["https://api.twilio.com/2010-04-01/Accounts/AC1/", "https://api.sendgrid.com/v3/"]
    try require(hosts.contains(where: request.url.hasPrefix), "another address")
}

/// An address is one word of the search, whatever it looks like.
private func checkSearch(_ search: OutgoingRequest, _ address: String) throws(Violation) {
    struct Search: Decodable { var query: String }
    try checkShape(search)
    let read = try? JSONDecoder().decode(Search.self, from: Data(search.body))
    try require(
        read?.query == "to_email = '\(address)' AND categories IN ('outrider')"
            && !address.utf8.contains(UInt8(ascii: "'")),
        "another search")
}

private func checkForm(_ body: [UInt8], _ message: OutboundMessage) throws(Violation) {
    guard let form = try? FormParameters(parsing: body) else { throw Violation(description: "no form") }
    let known: Set<String> = [
        "To", "From", "MessagingServiceSid", "Body", "MediaUrl", "ContentSid", "ContentVariables", "ValidityPeriod",
        "StatusCallback", "StatusCallbackEvent", "Twiml", "Timeout", "MachineDetection",
    ]
    try require(form.pairs.allSatisfy { known.contains($0.name) }, "a parameter of the message's making")
    try require(form.values(of: "To").count == 1, "several addresses")
    // By bytes: a mark that an address begins with joins the colon before it.
    let to = form["To"].map { Array($0.utf8.suffix(message.to.utf8.count)) }
    try require(to == Array(message.to.utf8), "another address")
    guard let callback = form["StatusCallback"]?.prefix(while: { $0 != "#" }),
        let query = callback.split(separator: "?", maxSplits: 1).last,
        let names = try? FormParameters(parsing: Array(query.utf8))
    else { throw Violation(description: "no callback") }
    let attempt: FormParameters = ["job": "7", "generation": "2", "token": message.token]
    try require(names == attempt, "a callback names another attempt")
    switch message.content {
    case .text(let text, _):
        try require(text.isBlank ? form["Body"] == nil : form["Body"]?.hasBytes(of: text) == true, "another text")
    case .contentTemplate(_, let variables):
        let json = Data((form["ContentVariables"] ?? "").utf8)
        let read = try? JSONDecoder().decode([String: String].self, from: json)
        guard message.channel == .whatsapp else { return try require(read == variables, "other variables") }
        // WhatsApp takes no line ends and no tabs in them.
        try require(read?.mapValues(visible) == variables.mapValues(visible), "other variables")
        let isPlain = read?.values.allSatisfy { !$0.contains { $0.isNewline || $0 == "\t" } && !$0.contains("     ") }
        try require(isPlain == true, "variables that WhatsApp refuses")
    case .spoken, .email, .dynamicTemplate:
        try require(message.channel == .voice, "content that the channel cannot carry")
    }
}

/// What is left of a text without its white space.
private func visible(_ text: String) -> [Unicode.Scalar] {
    text.unicodeScalars.filter { !$0.properties.isWhitespace && $0.properties.generalCategory != .control }
}

private func checkMail(_ body: [UInt8], _ message: OutboundMessage) throws(Violation) {
    guard let mail = try? JSONDecoder().decode(Mail.self, from: Data(body)), mail.personalizations.count == 1 else {
        throw Violation(description: "no mail")
    }
    let personal = mail.personalizations[0]
    try require(personal.to.map(\.email) == [message.to], "other addresses")
    try require(personal.customArguments["outrider_token"] == message.token, "another token")
    try require(mail.from.email == message.sender.address, "another sender")
    switch message.content {
    case .email(let subject, let text, let html):
        try require(mail.subject == subject, "another subject")
        try require(
            mail.content?.map(\.value) == [text, html].compactMap(\.self).filter { !$0.isBlank }, "another text")
    case .dynamicTemplate(_, _, let json): try checkData(body, json)
    case .text, .contentTemplate, .spoken: throw Violation(description: "a mail without a subject")
    }
}

/// The template's data is as the job has it, read by another reader.
private func checkData(_ body: [UInt8], _ json: String) throws(Violation) {
    let mail = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
    let personal = (mail?["personalizations"] as? [[String: Any]])?.first
    let sent = personal?["dynamic_template_data"] as? NSDictionary
    let asked = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? NSDictionary
    // Foundation's two readers do not take quite the same texts.
    guard let asked else { return }
    try require(sent == asked, "other data")
}

private struct Mail: Decodable {
    struct Address: Decodable { let email: String }
    struct Content: Decodable { let value: String }
    struct Personalization: Decodable {
        let to: [Address]
        let customArguments: [String: String]

        enum CodingKeys: String, CodingKey {
            case to
            case customArguments = "custom_args"
        }
    }

    let personalizations: [Personalization]
    let from: Address
    let subject: String?
    let content: [Content]?
}
