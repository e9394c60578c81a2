import Delivery
import HTTPTypes
import Signing
import Testing

@testable import Sandbox

@Suite("An address decides its fate")
struct FateTests {
    @Test(
        "the S digit is the fate of a text message",
        arguments: [
            (0, "delivered", nil), (1, "undelivered", "30003"), (2, "undelivered", "30006"), (3, "sent", nil),
            (4, "undelivered", "30007"), (8, "delivered", nil),
        ] as [(Int, String, String?)])
    func sms(digit: Int, status: String, code: String?) async throws {
        try await Rehearsal.run(SandboxConfiguration(timeScale: 1000)) { sandbox in
            let reply = try await sandbox.message("+1500\(digit)001234")
            #expect(reply.status == 201)
            let callbacks = await sandbox.live()
            #expect(callbacks.prefix(2).map { $0.form["MessageStatus"] } == ["sending", "sent"])
            #expect(callbacks.last?.form["MessageStatus"] == status)
            #expect(callbacks.last?.form["ErrorCode"] == code)
            #expect(callbacks.allSatisfy { $0.isSigned(with: sandbox.configuration.authToken) })
            #expect(callbacks.allSatisfy { !$0.isSigned(with: "another token") })
            #expect(callbacks.allSatisfy { $0.request.url == "https://app.example/status?job=1" })
        }
    }

    @Test("the S digits 5 and 6 refuse, 7 refuses three times, 9 accepts behind an error")
    func smsRefusals() async throws {
        try await Rehearsal.run { sandbox in
            #expect(try await sandbox.message("+15005001234").code == 21211)
            #expect(try await sandbox.message("+15006001234").code == 21610)
            for _ in 0..<3 {
                let reply = try await sandbox.message("+15007001234")
                #expect(reply.status == 429)
                #expect(reply.code == 20429)
                #expect(reply.headers[.retryAfter] == "1")
            }
            #expect(try await sandbox.message("+15007001234").status == 201)
            let unknown = try await sandbox.message("+15009001234")
            #expect(unknown.status == 500)
            #expect(unknown.code == 20500)
            #expect(try await sandbox.control(.get, "ledger?to=%2B15009001234").json["entries"]?.array?.count == 1)
            #expect(await sandbox.live().last?.form["MessageStatus"] == "delivered")
        }
    }

    @Test(
        "the V digit is the fate of a call",
        arguments: [
            (0, ["initiated", "ringing", "in-progress", "completed"]), (1, ["initiated", "ringing", "busy"]),
            (2, ["initiated", "ringing", "no-answer"]), (3, ["initiated", "failed"]),
            (4, ["initiated", "ringing", "in-progress", "completed"]), (8, ["initiated", "ringing"]),
        ] as [(Int, [String])])
    func voice(digit: Int, statuses: [String]) async throws {
        try await Rehearsal.run { sandbox in
            let reply = try await sandbox.callPhone("+15000\(digit)01234", [("MachineDetection", "Enable")])
            #expect(reply.status == 201)
            let callbacks = await sandbox.live()
            #expect(callbacks.map { $0.form["CallStatus"] } == statuses)
            #expect(callbacks.map { $0.form["SequenceNumber"] } == statuses.indices.map(String.init))
            #expect(callbacks.allSatisfy { $0.isSigned(with: sandbox.configuration.authToken) })
            let person = digit == 4 ? "machine_start" : digit == 0 ? "human" : nil
            #expect(callbacks.last?.form["AnsweredBy"] == person)
            let fetched = try await sandbox.twilio(.get, sandbox.account + "/Calls/\(reply.sid).json")
            #expect(fetched.json["answered_by"] == .optional(person))
        }
    }

    @Test("the V digits 5, 7 and 9 show in the reply, and 6 presses a key")
    func voiceReplies() async throws {
        try await Rehearsal.run { sandbox async throws in
            #expect(try await sandbox.callPhone("+15000501234").code == 21217)
            #expect(try await sandbox.callPhone("+15000701234").status == 429)
            #expect(try await sandbox.callPhone("+15000601234").status == 201)
            let press = await sandbox.live().first { $0.form["Digits"] != nil }
            #expect(press?.request.url == "https://app.example/key?a=1&b=2")
            #expect(press?.form["Digits"] == "1")
            #expect(press?.isSigned(with: sandbox.configuration.authToken) == true)
            #expect(try await sandbox.callPhone("+15000901234").status == 500)
        }
    }

    @Test("only the call events asked for are called back; completed alone unless asked")
    func callEvents() async throws {
        try await Rehearsal.run { sandbox in
            let fields = [
                ("To", "+15000001234"), ("From", Rehearsal.sender), ("Twiml", "<Response/>"),
                ("StatusCallback", "https://app.example/call"),
            ]
            _ = try await sandbox.twilio(.post, sandbox.account + "/Calls.json", fields)
            #expect(await sandbox.live().map { $0.form["CallStatus"] } == ["completed"])
        }
    }

    @Test(
        "a call's wrong field is refused with the provider's code",
        arguments: [
            ("To", "", 21201), ("To", "hello", 21211), ("To", "+15005550002", 21214), ("To", "+15005550003", 21215),
            ("To", "+15005550004", 21216), ("To", "+15005550001", 21217), ("From", "", 21213),
            ("From", "+15005550001", 21212), ("Twiml", "", 21205),
            ("Twiml", String(repeating: "x", count: 4001), 32018),
            ("StatusCallback", "nowhere", 21609), ("StatusCallbackEvent", "hung-up", 21626), ("Timeout", "601", 21208),
            ("SendDigits", "x", 21206), ("MachineDetection", "Maybe", 21207), ("Url", "nowhere", 21205),
        ] as [(String, String, Int)])
    func callRefused(name: String, value: String, code: Int) async throws {
        try await Rehearsal.run { sandbox in
            var fields = ["To": "+15000001234", "From": Rehearsal.sender, "Twiml": "<Response/>"]
            fields[name] = value
            let reply = try await sandbox.twilio(
                .post, sandbox.account + "/Calls.json", fields.map { ($0.key, $0.value) })
            #expect(reply.status == 400)
            #expect(reply.code == code)
        }
    }

    @Test(
        "the W digit is the fate of a WhatsApp template",
        arguments: [
            (0, "read", nil), (1, "read", nil), (2, "undelivered", "63024"), (3, "undelivered", "63018"),
            (4, "sent", nil), (6, "undelivered", "63033"),
        ] as [(Int, String, String?)])
    func whatsApp(digit: Int, status: String, code: String?) async throws {
        try await Rehearsal.run { sandbox async throws in
            let template = ["ContentSid": "HX" + String(repeating: "a", count: 32), "Body": ""]
            #expect(try await sandbox.message("whatsapp:+150000\(digit)1234", template).status == 201)
            let callbacks = await sandbox.live()
            #expect(callbacks.last?.form["MessageStatus"] == status)
            #expect(callbacks.last?.form["ErrorCode"] == code)
            #expect(callbacks.last?.form["ChannelPrefix"] == "whatsapp")
        }
    }

    @Test("free-form WhatsApp fails outside the window, and the person's own message opens it")
    func window() async throws {
        try await Rehearsal.run { sandbox in
            let to = "whatsapp:+15000001234"
            #expect(try await sandbox.message(to).status == 201)
            #expect(await sandbox.live().last?.form["ErrorCode"] == "63016")
            let inbound: JSON = [
                "from": "+15000001234", "to": .string(Rehearsal.sender), "body": "hi", "channel": "whatsapp",
            ]
            #expect(try await sandbox.control(.post, "inbound", inbound).status == 202)
            _ = try await sandbox.message(to)
            #expect(await sandbox.live().last?.form["MessageStatus"] == "read")
            #expect(try await sandbox.message("whatsapp:+15000051234").code == 21211)
        }
    }

    @Test("STOP blocks the sender with 21610 until START, and both are posted signed")
    func stop() async throws {
        let configuration = SandboxConfiguration(inboundURL: "https://app.example/inbound#rc=2")
        try await Rehearsal.run(configuration) { sandbox in
            let person: [JSON.Member] = [
                .init(name: "from", value: "+15000001234"), .init(name: "to", value: .string(Rehearsal.sender)),
            ]
            let say = { (word: String) in
                let json = JSON.object(person + [.init(name: "body", value: .string(word))])
                _ = try await sandbox.control(.post, "inbound", json)
            }
            try await say("stop please")
            #expect(try await sandbox.message("+15000001234").status == 201)
            try await say(" stop ")
            #expect(try await sandbox.message("+15000001234").code == 21610)
            #expect(try await sandbox.message("+15000001234", ["From": "+15005550010"]).status == 201)
            try await say("Start")
            #expect(try await sandbox.message("+15000001234").status == 201)
            let posted = await sandbox.live().filter { $0.request.url == "https://app.example/inbound" }
            #expect(posted.map { $0.form["Body"] } == ["stop please", " stop ", "Start"])
            #expect(posted.allSatisfy { $0.isSigned(with: configuration.authToken) })
            #expect(posted.allSatisfy { $0.form["SmsStatus"] == "received" })
        }
    }

    @Test("a serial of 98nn answers STOP once the message is delivered")
    func answers() async throws {
        try await Rehearsal.run(SandboxConfiguration(inboundURL: "https://app.example/inbound")) { sandbox in
            _ = try await sandbox.message("+15000009812")
            #expect(await sandbox.live().last?.form["Body"] == "STOP")
            #expect(try await sandbox.message("+15000009812").code == 21610)
        }
    }

    @Test("a fate set by the control API replaces the number's own")
    func setFates() async throws {
        try await Rehearsal.run { sandbox in
            let fate: JSON = ["address": "+48600100200", "sms": "unreachable", "voice": "busy"]
            #expect(try await sandbox.control(.post, "fates", fate).status == 204)
            _ = try await sandbox.message("+48600100200")
            #expect(await sandbox.live().last?.form["ErrorCode"] == "30003")
            let wrong = try await sandbox.control(.post, "fates", ["address": "+48600100200", "sms": "eaten"])
            #expect(wrong.status == 400)
            #expect(wrong.json["error"]?.string?.contains("unreachable") == true)
        }
    }

    @Test("the provider's own numbers and all others are no magic numbers")
    func others() {
        #expect(PhoneFates(number: "+15005550006") == PhoneFates())
        #expect(PhoneFates(number: "+48600100200") == PhoneFates())
        #expect(PhoneFates(number: "+1500123456") == PhoneFates())
        #expect(
            PhoneFates(number: "+15001229700")
                == PhoneFates(sms: .unreachable, voice: .noAnswer, whatsApp: .notUser, reply: .yes))
        #expect(PhoneFates(number: "+15000009600") == PhoneFates(line: .voip))
        #expect(PhoneFates(number: "+15000009500") == PhoneFates(line: .risky))
    }
}
