import Delivery
import Providers
import Signing
import Testing

private let good: FormParameters = [
    "AccountSid": "AC00000000000000000000000000000001", "ApiVersion": "2010-04-01", "From": "+15017250604",
    "MessageSid": messageSID, "MessageStatus": "delivered", "SmsSid": messageSID, "SmsStatus": "delivered",
    "To": "+15558675310", "RawDlrDoneDate": "2308240501", "SomethingNew": "1",
]
private let query: FormParameters = ["job": "42", "generation": "3", "token": "t"]

private func without(_ name: String, _ form: FormParameters) -> FormParameters {
    FormParameters(form.pairs.filter { $0.name != name })
}

private func with(_ name: String, _ value: String, _ form: FormParameters) -> FormParameters {
    FormParameters(without(name, form).pairs + [(name, value)])
}

@Suite("Twilio's webhooks are read, or refused by the name of the field")
struct TwilioWebhookTests {
    @Test("a callback finds its attempt")
    func callback() throws {
        let callback = try TwilioWebhooks.readStatus(form: good, query: query)
        #expect(callback.jobID == 42 && callback.generation == 3 && callback.token == "t")
        #expect(callback.receipt.fact == .reached(.delivered))
    }

    @Test("the callback URL we ask for is one we can read", arguments: [Channel.sms, .voice])
    func roundTrip(channel: Channel) throws {
        let form = try form(of: try requests.send(outbound(channel), notAfter: nil))
        let url = try #require(form["StatusCallback"])
        let queryBytes = Array(url.utf8.prefix { $0 != UInt8(ascii: "#") }.drop { $0 != UInt8(ascii: "?") }.dropFirst())
        let query = try FormParameters(parsing: queryBytes)
        let callback =
            channel == .voice
            ? try TwilioWebhooks.readVoice(form: ["CallSid": callSID, "CallStatus": "ringing"], query: query)
            : try TwilioWebhooks.readStatus(form: good, query: query)
        #expect(callback.jobID == 42 && callback.generation == 3)
        #expect(callback.token == outbound(channel).token)
    }

    @Test(
        "what is missing or malformed is named",
        arguments: [
            (without("MessageSid", good), query, .missingField("MessageSid")),
            (without("MessageStatus", good), query, .missingField("MessageStatus")),
            (with("MessageStatus", "", good), query, .missingField("MessageStatus")),
            (with("MessageSid", "SM'; --", good), query, .malformedField("MessageSid")),
            (with("MessageStatus", String(repeating: "a", count: 300), good), query, .malformedField("MessageStatus")),
            (with("MessageStatus", "sent\u{0}", good), query, .malformedField("MessageStatus")),
            (good, without("job", query), .missingField("job")),
            (good, without("token", query), .missingField("token")),
            (good, with("job", "-1", query), .malformedField("job")),
            (good, with("job", "99999999999999999999", query), .malformedField("job")),
            (good, with("generation", "x", query), .malformedField("generation")),
            ([:], [:], .missingField("MessageSid")),
        ] as [(FormParameters, FormParameters, WebhookError)])
    func malformed(form: FormParameters, query: FormParameters, error: WebhookError) {
        #expect(throws: error) { try TwilioWebhooks.readStatus(form: form, query: query) }
    }

    @Test("a call's callback needs the call's fields")
    func voice() {
        #expect(throws: WebhookError.missingField("CallSid")) { try TwilioWebhooks.readVoice(form: good, query: query) }
        #expect(throws: WebhookError.missingField("CallStatus")) {
            try TwilioWebhooks.readVoice(form: ["CallSid": callSID], query: query)
        }
    }

    @Test("an inbound SMS is read without its text")
    func inbound() throws {
        let message = try TwilioWebhooks.readInbound(
            form: ["MessageSid": messageSID, "From": "+15017250604", "To": "+15558675310", "Body": " stop\n"])
        #expect(message.channel == .sms && message.from == "+15017250604" && message.to == "+15558675310")
        #expect(message.keyword == .stop && message.wish == nil && message.bodyLength == 6)
        #expect(!"\(message)".contains("5017250604"))
    }

    @Test(
        "Twilio answers its own words in a text to a number, and none of ours: not on WhatsApp, not on a short code",
        arguments: [
            ("STOP", "+15558675310", true), ("stop ", "+15558675310", true), ("HELP", "+15558675310", true),
            ("ARRÊT", "+15558675310", false), ("Stop, please", "+15558675310", false), ("STOP", "12345", false),
            ("STOP", "whatsapp:+15558675310", false), ("hi", "+15558675310", false),
        ])
    func answered(_ row: (body: String, to: String, isAnswered: Bool)) throws {
        let prefix = row.to.hasPrefix("whatsapp:") ? "whatsapp:" : ""
        let message = try TwilioWebhooks.readInbound(
            form: ["MessageSid": messageSID, "From": "\(prefix)+15017250604", "To": row.to, "Body": row.body])
        #expect(message.isAnswered == row.isAnswered)
    }

    @Test("a sentence that asks for an end comes with its text; any other message without")
    func sentence() throws {
        let read = { (body: String) in
            try TwilioWebhooks.readInbound(
                form: [
                    "MessageSid": messageSID, "From": "+15017250604", "To": "+15558675310", "Body": body,
                ])
        }
        #expect(try read("I want no more of your texts").wish?.text == "I want no more of your texts")
        #expect(try read("STOP").wish == nil && read("See you at five").wish == nil)
    }

    @Test("an inbound WhatsApp message is read by the bare number")
    func whatsApp() throws {
        let message = try TwilioWebhooks.readInbound(
            form: [
                "MessageSid": messageSID, "From": "whatsapp:+15017250604", "To": "whatsapp:+15558675310", "Body": "hi",
            ])
        #expect(message.channel == .whatsapp && message.from == "+15017250604" && message.to == "+15558675310")
        #expect(message.keyword == nil)
    }

    @Test("Twilio's own finding of a keyword counts, in any language")
    func advancedOptOut() throws {
        let message = try TwilioWebhooks.readInbound(
            form: [
                "MessageSid": messageSID, "From": "+15017250604", "To": "12345", "Body": "BAJA", "OptOutType": "STOP",
            ])
        #expect(message.keyword == .stop && message.isAnswered)
    }

    @Test(
        "whoever wrote is told as the provider writes it, without the prefix of the channel",
        arguments: [
            ("12345", "12345", .sms), ("rcs:brand", "brand", .sms), ("rcs:+15005550001", "+15005550001", .sms),
            ("Shop", "Shop", .sms), ("whatsapp:+1", "+1", .whatsapp),
        ] as [(String, String, Channel)])
    func strangers(from: String, address: String, channel: Channel) throws {
        let message = try TwilioWebhooks.readInbound(
            form: ["MessageSid": messageSID, "From": from, "To": "+15558675310", "Body": "STOP"])
        #expect(message.from == address && message.channel == channel && message.keyword == .stop)
    }

    @Test("an inbound message to a channel's bare prefix is to no number of ours")
    func barePrefix() {
        let form: FormParameters = ["MessageSid": messageSID, "From": "whatsapp:+15005550001", "To": "whatsapp:"]
        #expect(throws: WebhookError.malformedField("To")) { try TwilioWebhooks.readInbound(form: form) }
    }
}
