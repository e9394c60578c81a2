import HTTPTypes
import HummingbirdTesting
import Postgres
import Signing
import TestDatabase
import Testing

@testable import Gateway

@Suite("What people write to us", .timeLimit(.minutes(5)))
struct InboundWebhookTests {
    @Test("STOP closes SMS, voice and WhatsApp; START opens them again")
    func stopAndStart() async throws {
        let gateway = try await GatewayFixture()
        try await gateway.testing { client async throws in
            let response = try await client.send(.inbound(" stop ", id: "SM001"))
            #expect(response.status == .ok)
            #expect(response.text.hasSuffix("<Response/>"))
            #expect(try await gateway.suppressed() == ["sms", "voice", "whatsapp"])
            _ = try await client.send(.inbound("please stop", id: "SM002"))
            try await gateway.wroteEarlier("2 minutes")
            _ = try await client.send(.inbound("START", id: "SM003"))
            #expect(try await gateway.suppressed() == [])
            #expect(try await gateway.count("suppressions") == 3, "lifted ones stay as history")
        }
    }

    @Test("a sentence that asks for an end stops marketing at once, and waits for an operator")
    func sentence() async throws {
        let gateway = try await GatewayFixture()
        try await gateway.testing { client async throws in
            for _ in 0..<2 {
                let response = try await client.send(.inbound("I want no more of your texts", id: "SM001"))
                #expect(response.status == .ok && response.text.hasSuffix("<Response/>"))
            }
            #expect(try await gateway.count("suppressions", where: "category = 'marketing' and lifted_at is null") == 3)
            #expect(try await gateway.count("suppressions") == 3, "nothing else is stopped")
            let open = "settled_at is null and text = 'I want no more of your texts' and provider_id = 'SM001'"
            #expect(try await gateway.count("opt_out_wishes", where: open) == 1)
            try await gateway.wroteEarlier("2 minutes")
            _ = try await client.send(.inbound("START", id: "SM002"))
            #expect(try await gateway.suppressed() == [])
            _ = try await client.send(.inbound("I want no more of your texts", id: "SM001"))
            #expect(try await gateway.suppressed() == [], "a repeated sentence is not a new one")
        }
    }

    @Test("a word is answered once, in the tenant's words, and never where Twilio has answered it")
    func replies() async throws {
        let gateway = try await GatewayFixture()
        try await gateway.query("select outrider.set_keyword_reply('stop', 'You get no more from Tom & Co.')")
        try await gateway.testing { client async throws in
            let said = "<Response><Message>You get no more from Tom &amp; Co.</Message></Response>"
            #expect(try await client.send(.inbound("ARRÊT", id: "SM001")).text.hasSuffix(said))
            #expect(try await client.send(.inbound("ARRÊT", id: "SM001")).text.hasSuffix("<Response/>"), "repeated")
            #expect(try await client.send(.inbound("STOP", id: "SM002")).text.hasSuffix("<Response/>"), "by Twilio")
            #expect(
                try await client.send(.inbound("Hilfe", id: "SM003")).text.hasSuffix("<Response/>"), "no reply is set")
            #expect(try await client.send(.inbound("Good morning", id: "SM004")).text.hasSuffix("<Response/>"))
        }
    }

    @Test("a replayed STOP does not undo a later START, nor the other way round")
    func replayedWords() async throws {
        let gateway = try await GatewayFixture()
        try await gateway.testing { client async throws in
            let (stop, start) = (
                SignedRequest.inbound("STOP", id: "SM001"), SignedRequest.inbound("START", id: "SM002")
            )
            _ = try await client.send(stop)
            try await gateway.wroteEarlier("2 minutes")
            _ = try await client.send(start)
            _ = try await client.send(stop)
            #expect(try await gateway.suppressed() == [])
            _ = try await client.send(.inbound("QUIT", id: "SM003"))
            _ = try await client.send(start)
            #expect(try await gateway.suppressed() == ["sms", "voice", "whatsapp"])
        }
    }

    @Test("of words that come within a minute STOP counts, whichever came last, and the provider's list is asked for")
    func wordsTogether() async throws {
        let gateway = try await GatewayFixture()
        let asked = "asked_at > clock_timestamp() - interval '1 minute'"
        try await gateway.query(
            """
            insert into outrider.catch_ups (account, channel, address, seen_until, listed_until)
            select 'AC1', channel, address, now(), now() from (values ('sms', $1), ('*', '*'), ('sms', '+15005550007')) n (channel, address)
            """, [.text(GatewayFixture.sender)])
        try await gateway.testing { client async throws in
            _ = try await client.send(.inbound("STOP", id: "SM001"))
            #expect(try await gateway.count("catch_ups", where: asked) == 0)
            // A webhook is repeated for 15 s, and a frozen gateway takes its backlog in any order.
            _ = try await client.send(.inbound("START", id: "SM002"))
            #expect(try await gateway.suppressed() == ["sms", "voice", "whatsapp"])
            #expect(
                try await gateway.count("catch_ups", where: asked + " and address in ('*', '\(GatewayFixture.sender)')")
                    == 2)
            #expect(try await gateway.count("catch_ups", where: asked) == 2)
            try await gateway.wroteEarlier("2 minutes")
            _ = try await client.send(.inbound("UNSTOP", id: "SM003"))
            #expect(try await gateway.suppressed() == [])
            _ = try await client.send(.inbound("CANCEL", id: "SM004"))
            #expect(try await gateway.suppressed() == ["sms", "voice", "whatsapp"])
        }
    }

    @Test("START lifts a provider's block and never what an operator decided")
    func operatorsWord() async throws {
        let gateway = try await GatewayFixture()
        try await gateway.query(
            """
            insert into outrider.suppressions (address, channel, reason, source) values
                ($1, 'sms', 'provider 21610', 'test'), ($1, 'voice', 'operator', 'test')
            """, [.text(GatewayFixture.person)])
        try await gateway.testing { client async throws in _ = try await client.send(.inbound("UNSTOP", id: "SM001")) }
        #expect(try await gateway.suppressed() == ["voice"])
    }

    @Test(
        "a message is stored and answered 2xx whatever kind of address it comes from, and a word in it counts",
        arguments: [
            ("rcs:+15005550099", "+15005550099"), ("12345", "12345"), ("MYBANK", "MYBANK"),
            ("messenger:1234567890", "messenger:1234567890"), ("whatsapp:+15005550099", "+15005550099"),
            ("whatsapp:US.1234567890", "US.1234567890"),
        ])
    func addressKinds(from: String, stored: String) async throws {
        let gateway = try await GatewayFixture()
        try await gateway.testing { client async throws in
            #expect(try await client.send(.inbound("Stop.", id: "SM001", from: from)).status == .ok)
        }
        #expect(
            try await gateway.count("inbound_messages", where: "from_address = '\(stored)' and keyword = 'stop'") == 1)
        #expect(try await gateway.suppressed(stored) == ["sms", "voice", "whatsapp"])
    }

    @Test(
        "the button of a WhatsApp template is read, and Twilio's own recognition comes before any word",
        arguments: [
            (["ButtonPayload": "STOP", "ButtonText": "No more offers", "Body": "No more offers"], ["stop"]),
            (["ButtonPayload": "offer-17", "ButtonText": "Stop", "Body": "Stop"], ["stop"]),
            (["ButtonPayload": "offer-17", "ButtonText": "Tell me more", "Body": "Tell me more"], []),
            (["OptOutType": "STOP", "Body": "genug"], ["stop"]), (["OptOutType": "HELP", "Body": "STOP"], ["help"]),
        ] as [([String: String], [String])])
    func buttons(fields: [String: String], keywords: [String]) async throws {
        let gateway = try await GatewayFixture()
        var form: FormParameters = [
            "MessageSid": "SM001", "From": "whatsapp:" + GatewayFixture.person,
            "To": "whatsapp:" + GatewayFixture.sender,
        ]
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { form.append(name, value) }
        let request = SignedRequest.twilio("/webhooks/twilio/inbound", form)
        try await gateway.testing { client async throws in #expect(try await client.send(request).status == .ok) }
        let rows = try await gateway.query("select keyword from outrider.inbound_messages where keyword is not null")
        #expect(try rows.map { try $0.string("keyword") } == keywords)
        #expect(try await gateway.suppressed() == (keywords == ["stop"] ? ["sms", "voice", "whatsapp"] : []))
    }

    @Test(
        "a word binds the person in every spelling of the number, and so does the window",
        arguments: [
            ("whatsapp:+551187654321", "+5511987654321"), ("+5511987654321", "+5511987654321"),
            ("whatsapp:+5215512345678", "+525512345678"), ("whatsapp:+5491123456789", "+541123456789"),
        ])
    func spellings(from: String, person: String) async throws {
        let gateway = try await GatewayFixture()
        try await gateway.testing { client async throws in
            _ = try await client.send(.inbound("STOP", id: "SM001", from: from))
            #expect(try await gateway.suppressed(person) == ["sms", "voice", "whatsapp"])
            try await gateway.wroteEarlier("2 minutes")
            _ = try await client.send(.inbound("START", id: "SM002", from: person))
            #expect(try await gateway.suppressed(person) == [])
        }
        let windows = from.hasPrefix("whatsapp:") ? 1 : 0
        #expect(try await gateway.count("whatsapp_windows", where: "address = '\(person)'") == windows)
    }

    @Test("a WhatsApp window moves by messages seen for the first time only")
    func window() async throws {
        let gateway = try await GatewayFixture()
        try await gateway.testing { client async throws in
            let first = SignedRequest.inbound("hello", id: "SM001", from: "whatsapp:" + GatewayFixture.person)
            _ = try await client.send(first)
            #expect(try await gateway.count("whatsapp_windows", where: "address = '\(GatewayFixture.person)'") == 1)
            try await gateway.query(
                "update outrider.whatsapp_windows set last_inbound_at = last_inbound_at - interval '2 days'")
            let before = try await gateway.everything()
            _ = try await client.send(first)
            #expect(try await gateway.everything() == before)
            _ = try await client.send(.inbound("again", id: "SM002", from: "whatsapp:" + GatewayFixture.person))
            #expect(
                try await gateway.count(
                    "whatsapp_windows", where: "last_inbound_at > clock_timestamp() - interval '1 minute'") == 1)
        }
    }

    @Test("an SMS opens no WhatsApp window, and the text of a message is not kept")
    func sms() async throws {
        let gateway = try await GatewayFixture()
        try await gateway.testing { client async throws in _ = try await client.send(.inbound("my secret", id: "SM001"))
        }
        #expect(try await gateway.count("whatsapp_windows") == 0)
        #expect(try await gateway.count("inbound_messages") == 1)
        #expect(try await !gateway.everything().contains("secret"))
    }
}
