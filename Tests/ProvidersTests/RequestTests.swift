import Delivery
import Foundation
import HTTPTransport
import Providers
import Signing
import Testing

@Suite("A send is one well-formed request")
struct RequestTests {
    @Test(
        "uses only documented parameters, once each unless they are lists",
        arguments: [
            outbound(.sms),
            outbound(.sms, .text("", mediaURLs: ["https://e.example/1.png", "https://e.example/2.png"])),
            outbound(.sms, from: MessageSender(address: "MG00000000000000000000000000000001")), outbound(.whatsapp),
            outbound(.whatsapp, .contentTemplate(sid: "HX01", variables: ["1": "Ann"])), outbound(.voice),
        ])
    func documented(message: OutboundMessage) throws {
        let request = try requests.send(message, notAfter: nil)
        let form = try FormParameters(parsing: request.body)
        let allowed =
            message.channel == .voice ? DocumentedParameters.createCall : DocumentedParameters.createMessage
        let names = form.pairs.map(\.name)
        #expect(Set(names).isSubset(of: allowed))
        #expect(names.contains("To"))
        for name in Set(names) where !DocumentedParameters.repeatable.contains(name) {
            #expect(form.values(of: name).count == 1, "\(name)")
        }
        for name in DocumentedParameters.integers {
            for value in form.values(of: name) { #expect(Int(value) != nil, "\(name)") }
        }
        #expect(request.method == .post)
        #expect(request.headers.contains { $0 == ("Content-Type", "application/x-www-form-urlencoded") })
    }

    @Test("writes an SMS as Twilio reads it")
    func sms() throws {
        let request = try requests.send(outbound(.sms, .text("1 + 1 = 2 & ż")), notAfter: nil)
        #expect(
            request.url == "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json"
        )
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "To=%2B15005550006&From=%2B15005550010&Body=1+%2B+1+%3D+2+%26+%C5%BC&ValidityPeriod=120"
                + "&StatusCallback=https%3A%2F%2Fhooks.example.com%2Fwebhooks%2Ftwilio%2Fstatus%3Fjob%3D42"
                + "%26generation%3D3%26token%3D7d8e5b52-0000-4000-8000-000000000001%23rc%3D5%26rp%3Dall")
        guard case .basic(let user, let password) = request.credentials else {
            Issue.record("no basic credentials")
            return
        }
        #expect(user == "SK00000000000000000000000000000001" && password == "key-secret")
    }

    @Test("sends through a Messaging Service without a From")
    func messagingService() throws {
        let sender = MessageSender(address: "MG00000000000000000000000000000001")
        let form = try form(of: try requests.send(outbound(.sms, from: sender), notAfter: nil))
        #expect(form["MessagingServiceSid"] == sender.address)
        #expect(form["From"] == nil)
    }

    @Test(
        "bounds the validity period of an SMS to what Twilio takes",
        arguments: [
            (Duration.milliseconds(10), "1"), (.seconds(7.9), "7"), (.seconds(90_000), "36000"),
            (.seconds(-5), "1"),
        ])
    func validity(validity: Duration, expected: String) throws {
        let form = try form(of: try requests.send(outbound(.sms, validity: validity), notAfter: nil))
        #expect(form["ValidityPeriod"] == expected)
    }

    @Test(
        "lets no telephone ring past the job's deadline, the provider's own five seconds counted",
        arguments: [(Duration.seconds(10), "5"), (.seconds(31.9), "26"), (.seconds(3_600), "60")])
    func ringing(left: Duration, expected: String) throws {
        var message = outbound(.voice, validity: .seconds(90))
        message.timeLeft = left
        #expect(try form(of: try requests.send(message, notAfter: nil))["Timeout"] == expected)
    }

    @Test(
        "a WhatsApp message, whether of free text or by a template, waits in Twilio's queue no longer than until its deadline"
    )
    func whatsAppDeadline() throws {
        for content in [MessageContent.text("hi"), .contentTemplate(sid: "HX01", variables: [:])] {
            var message = outbound(.whatsapp, content)
            message.timeLeft = .seconds(59.9)
            #expect(try form(of: try requests.send(message, notAfter: nil))["ValidityPeriod"] == "59")
        }
    }

    @Test("names the channel in both WhatsApp addresses and, without a deadline, asks for no validity period")
    func whatsApp() throws {
        let content = MessageContent.contentTemplate(sid: "HX01", variables: ["2": "\"b\"\\", "1": "Ann"])
        let form = try form(of: try requests.send(outbound(.whatsapp, content), notAfter: nil))
        #expect(form["To"] == "whatsapp:+15005550006")
        #expect(form["From"] == "whatsapp:+15005550010")
        #expect(form["ContentSid"] == "HX01")
        #expect(form["ContentVariables"] == #"{"1":"Ann","2":"\"b\"\\"}"#)
        #expect(form["Body"] == nil && form["ValidityPeriod"] == nil)
    }

    @Test(
        "a value of a WhatsApp template is on one line, without tabs, and with four spaces in a row at most",
        arguments: [
            ("a\nb", "a b"), ("a\r\n\tb", "a   b"), ("a     b", "a    b"), ("a\u{2028}b\u{B}", "a b "),
            ("a\u{A0}b", "a b"),
            ("a\n\u{301}b", "a \u{301}b"), ("12.50 €", "12.50 €"),
        ])
    func variables(_ row: (value: String, sent: String)) throws {
        let content = MessageContent.contentTemplate(sid: "HX01", variables: ["1": row.value])
        let form = try form(of: try requests.send(outbound(.whatsapp, content), notAfter: nil))
        #expect(form["ContentVariables"]?.hasBytes(of: #"{"1":"\#(row.sent)"}"#) == true)
    }

    @Test("a text that shows nothing is not sent", arguments: ["", " ", "\u{200B}\u{FEFF}", "\n\u{A0}\u{3000}"])
    func blank(_ text: String) {
        #expect(throws: ContentError.empty) { try requests.send(outbound(.sms, .text(text)), notAfter: nil) }
        #expect(throws: ContentError.notSpeakable(.nothingToSay)) {
            try requests.send(outbound(.voice, .spoken(text)), notAfter: nil)
        }
        #expect(throws: ContentError.empty) {
            try requests.send(outbound(.email, .email(subject: "s", text: text, html: nil)), notAfter: nil)
        }
    }

    @Test("no call is made in a language that no voice speaks", arguments: ["tlh", "ka-GE", "hr"])
    func noVoice(_ locale: String) {
        #expect(throws: ContentError.notSpeakable(.noVoice)) {
            try requests.send(outbound(.voice, .spoken("Ready"), locale: locale), notAfter: nil)
        }
    }

    @Test("calls with a document of its own, detection and all four events")
    func voice() throws {
        let message = outbound(.voice, .spoken("Ready & waiting"), validity: .seconds(25), locale: "pl-PL")
        let request = try requests.send(message, notAfter: nil)
        let form = try form(of: request)
        #expect(request.url.hasSuffix("/Calls.json"))
        #expect(form["Timeout"] == "15")
        #expect(form["MachineDetection"] == "Enable")
        #expect(form.values(of: "StatusCallbackEvent") == ["initiated", "ringing", "answered", "completed"])
        #expect(form["StatusCallback"]?.hasPrefix("https://hooks.example.com/webhooks/twilio/voice?job=42&") == true)
        let twiml = try #require(form["Twiml"])
        #expect(twiml.components(separatedBy: "Ready &amp; waiting").count == 3, "said twice")
        #expect(twiml.contains("language=\"pl-PL\""))
    }

    @Test("says a long text once, and lets no telephone ring for more than a minute")
    func longCall() throws {
        let long = String(repeating: "a", count: 2_500)
        let form = try form(
            of: try requests.send(outbound(.voice, .spoken(long), validity: .seconds(600)), notAfter: nil))
        #expect(form["Twiml"]?.components(separatedBy: long).count == 2)
        #expect(form["Timeout"] == "60")
    }

    @Test("asks for no callbacks when there is no address for them", arguments: [Channel.sms, .whatsapp, .voice])
    func polling(channel: Channel) throws {
        let form = try form(of: try requests.send(outbound(channel, callbacks: nil), notAfter: nil))
        #expect(!form.pairs.contains { $0.name.hasPrefix("StatusCallback") })
    }

    @Test("carries the fence", arguments: Channel.allCases)
    func fence(channel: Channel) throws {
        let fence = ContinuousClock.now
        #expect(try requests.send(outbound(channel), notAfter: fence).notAfter == fence)
        #expect(try requests.send(outbound(channel), notAfter: nil).notAfter == nil)
    }

    @Test(
        "refuses content that the channel cannot carry",
        arguments: [
            (Channel.sms, MessageContent.text(""), ContentError.empty),
            (.sms, .text(String(repeating: "a", count: 1_601)), .textTooLong(characters: 1_601)),
            (.sms, .text("a", mediaURLs: Array(repeating: "https://e.example/", count: 11)), .tooManyMedia(count: 11)),
            (.sms, .spoken("a"), .unsuitable(.spoken, channel: .sms)),
            (.voice, .text("a"), .unsuitable(.text, channel: .voice)),
            (.voice, .spoken(" "), .notSpeakable(.nothingToSay)),
            (.whatsapp, .email(subject: "a", text: "b", html: nil), .unsuitable(.email, channel: .whatsapp)),
            (.email, .text("a"), .unsuitable(.text, channel: .email)),
            (.email, .email(subject: "", text: "a", html: nil), .noSubject),
            (.email, .email(subject: "a", text: "", html: nil), .empty),
            (.email, .dynamicTemplate(id: "d-1", subject: nil, dataJSON: "[]"), .malformedTemplateData),
            (.email, .dynamicTemplate(id: "d-1", subject: nil, dataJSON: "{"), .malformedTemplateData),
        ])
    func unsuitable(channel: Channel, content: MessageContent, error: ContentError) {
        #expect(throws: error) { try requests.send(outbound(channel, content), notAfter: nil) }
        #expect(error.failureClass == .content)
    }

    @Test("without an account nothing is sent, and the fault is ours", arguments: Channel.allCases)
    func noAccount(channel: Channel) {
        let none = ProviderRequests(twilio: nil, sendGrid: nil)
        #expect(throws: ContentError.noAccount(channel.provider)) { try none.send(outbound(channel), notAfter: nil) }
        #expect(ContentError.noAccount(.twilio).failureClass == .configuration)
        #expect(none.status(of: messageSID, channel: channel)?.url == nil)
        #expect(none.listing(for: outbound(channel))?.url == nil)
        #expect(none.cancelCall(callSID)?.url == nil)
    }

    @Test("asks for and cancels by id")
    func byID() throws {
        let base = "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001"
        #expect(requests.status(of: messageSID, channel: .whatsapp)?.url == "\(base)/Messages/\(messageSID).json")
        #expect(requests.status(of: "CA/../x", channel: .voice)?.url == "\(base)/Calls/CA%2F..%2Fx.json")
        #expect(requests.status(of: "id", channel: .email)?.url == nil)
        let cancel = try #require(requests.cancelCall(callSID))
        #expect(cancel.method == .post && cancel.url == "\(base)/Calls/\(callSID).json")
        #expect(cancel.body == Array("Status=canceled".utf8))
    }

    @Test(
        "what Twilio says to the end of a call",
        arguments: [
            (reply(200, #"{"sid":"\#(callSID)","status":"canceled"}"#), .ended),
            (reply(200, #"{"sid":"\#(callSID)","status":"ringing"}"#), .held("ringing")),
            (reply(200, #"{"sid":"\#(callSID)","status":"in-progress"}"#), .tooLate("in-progress")),
            (reply(200, #"{"sid":"\#(callSID)","status":"completed"}"#), .tooLate("completed")),
            (reply(200, "<html>"), .unavailable(reason: "unreadable_success", retryAfter: nil)),
            (reply(400, #"{"code":21220,"status":400}"#), .tooLate("the call is in another state")),
            (reply(400, #"{"code":20001,"status":400}"#), .unavailable(reason: "http_400", retryAfter: nil)),
            (reply(404, #"{"code":20404,"status":404}"#), .tooLate("there is no such call")),
            (reply(404, "<html>"), .unavailable(reason: "http_404", retryAfter: nil)),
            (reply(401, #"{"code":20003}"#), .unavailable(reason: "http_401", retryAfter: nil)),
            (reply(429, "", [("Retry-After", "7")]), .unavailable(reason: "http_429", retryAfter: .seconds(7))),
            (reply(503), .unavailable(reason: "http_503", retryAfter: nil)),
            (.notSent(NotSent(reason: .connect)), .unavailable(reason: "connect", retryAfter: nil)),
            (.unknown(UnknownSend(reason: .timedOut)), .unavailable(reason: "timed_out", retryAfter: nil)),
        ] as [(HTTPResult, EndAnswer)])
    func end(result: HTTPResult, answer: EndAnswer) {
        #expect(requests.readEnd(result) == answer)
    }

    @Test("shows no address and no content in descriptions", arguments: Channel.allCases)
    func redaction(channel: Channel) {
        var dumped = ""
        dump(outbound(channel), to: &dumped)
        dump(requests, to: &dumped)
        let shown = dumped + "\(outbound(channel))" + "\(outbound(channel).content)"
        for secret in ["5550006", "ann@", "order", "Order", "key-secret", "SG.key", "7d8e5b52"] {
            #expect(!shown.contains(secret), "\(secret)")
        }
    }
}
