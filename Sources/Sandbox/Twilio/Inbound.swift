import Foundation

/// A message a person sends to one of the account's senders.
struct Inbound: Sendable {
    /// With the channel prefix on WhatsApp.
    var from: String
    var to: String
    var body: String
    var isWhatsApp: Bool
    var serviceSid: String?
    /// `STOP`, `START` or `HELP`, where the account has Advanced Opt-Out.
    var optOutType: String?

    /// The number without its channel prefix.
    var number: String { from.hasPrefix("whatsapp:") ? String(from.dropFirst(9)) : from }

    func parameters(sid: String, accountSid: String) -> [(name: String, value: String)] {
        var parameters: [(name: String, value: String)] = [
            ("AccountSid", accountSid), ("ApiVersion", "2010-04-01"), ("Body", body), ("From", from),
            ("MessageSid", sid), ("NumMedia", "0"), ("NumSegments", String(MessageSegments.count(body))),
            ("SmsMessageSid", sid), ("SmsSid", sid), ("SmsStatus", "received"), ("To", to),
        ]
        if let serviceSid { parameters.append(("MessagingServiceSid", serviceSid)) }
        if let optOutType { parameters.append(("OptOutType", optOutType)) }
        if isWhatsApp {
            parameters += [
                ("MessageType", "text"), ("ProfileName", "Sandbox"), ("ReferralNumMedia", "0"),
                ("WaId", String(number.dropFirst())),
            ]
        }
        return parameters
    }
}

/// The words Twilio acts on, alone in a message, in any case.
/// Source: https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out.
enum OptOutWord {
    static let stop: Set<String> = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"]
    static let start: Set<String> = ["START", "YES", "UNSTOP"]
}

extension SandboxWorld {
    /// Takes an inbound message: keeps the opt-out list and the WhatsApp window, and returns the webhook to post.
    func receive(_ inbound: Inbound) -> Callback? {
        let now = Date()
        let sid = Identifier.sid("SM")
        messages.insert(
            Message(
                sid: sid, accountSid: configuration.accountSid, to: inbound.to, from: inbound.from,
                serviceSid: inbound.serviceSid, body: inbound.body, mediaCount: 0,
                segments: MessageSegments.count(inbound.body), status: .received, direction: "inbound", created: now,
                updated: now, sent: now), sid: sid)
        if inbound.isWhatsApp {
            lastInbound[inbound.number] = now
        } else {
            // WhatsApp has no keyword list: people block the sender instead.
            let word = inbound.body.trimmingCharacters(in: .whitespacesAndNewlines).uppercased()
            if OptOutWord.stop.contains(word) || inbound.optOutType == "STOP" {
                optOuts[inbound.number, default: []].insert(inbound.to)
            } else if OptOutWord.start.contains(word) || inbound.optOutType == "START" {
                optOuts[inbound.number]?.remove(inbound.to)
            }
        }
        guard let url = inboundURL else { return nil }
        return signedForm(inbound.parameters(sid: sid, accountSid: configuration.accountSid), to: url)
    }
}
