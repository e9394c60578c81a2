import Delivery
import HTTPTransport
import Providers
import Signing

let messageSID = "SM00000000000000000000000000000001"
let callSID = "CA00000000000000000000000000000001"

let requests = ProviderRequests(
    twilio: TwilioAccount(
        accountSID: "AC00000000000000000000000000000001", apiKeySID: "SK00000000000000000000000000000001",
        apiKeySecret: "key-secret"),
    sendGrid: SendGridAccount(apiKey: "SG.key"))

func outbound(
    _ channel: Channel, _ content: MessageContent? = nil, from sender: MessageSender? = nil,
    validity: Duration = .seconds(120), callbacks: String? = "https://hooks.example.com", locale: String = "en-US"
) -> OutboundMessage {
    let content = content ?? defaultContent(of: channel)
    let isMail = channel == .email
    return OutboundMessage(
        jobID: 42, generation: 3, token: "7d8e5b52-0000-4000-8000-000000000001", channel: channel,
        to: isMail ? "ann@example.com" : "+15005550006",
        sender: sender ?? MessageSender(address: isMail ? "shop@example.org" : "+15005550010"), content: content,
        validity: validity, category: .alert, locale: locale, callbackBaseURL: callbacks)
}

private func defaultContent(of channel: Channel) -> MessageContent {
    switch channel {
    case .sms, .whatsapp: .text("Your order is ready")
    case .voice: .spoken("Your order is ready")
    case .email: .email(subject: "Order", text: "Ready", html: "<p>Ready</p>")
    }
}

func reply(_ status: Int, _ body: String = "", _ headers: [(name: String, value: String)] = []) -> HTTPResult {
    .answered(ServerReply(status: status, headers: headers, body: Array(body.utf8)))
}

func form(of request: OutgoingRequest) throws -> FormParameters {
    try FormParameters(parsing: request.body)
}
