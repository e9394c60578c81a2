import Delivery
import HTTPTransport
import Providers
import Signing
import Testing

@Suite("A poll and a listing say only what they show")
struct PollingTests {
    @Test(
        "a poll",
        arguments: [
            (reply(404, #"{"code":20404,"status":404}"#), .notFound),
            (reply(404, "<html>"), .unavailable(reason: "http_404")),
            (reply(200, "<html>"), .unavailable(reason: "unreadable")),
            (reply(200, #"{"sid":"x"}"#), .unavailable(reason: "unreadable")),
            (reply(200, #"{"sid":"SM\u0000","status":"sent"}"#), .unavailable(reason: "unreadable")),
            (reply(200, #"{"sid":"\#(messageSID)","status":""}"#), .unavailable(reason: "unreadable")),
            (reply(429), .unavailable(reason: "http_429")), (reply(503), .unavailable(reason: "http_503")),
            (.notSent(NotSent(reason: .connect)), .unavailable(reason: "connect")),
            (.unknown(UnknownSend(reason: .timedOut)), .unavailable(reason: "timed_out")),
        ] as [(HTTPResult, StatusReading)])
    func poll(result: HTTPResult, reading: StatusReading) {
        #expect(requests.readStatus(result, channel: .sms) == reading)
    }

    @Test("a poll and a callback with the same news make the same receipt")
    func sameWords() throws {
        let polled = requests.readStatus(
            reply(200, #"{"sid":"\#(messageSID)","status":"undelivered","error_code":30003}"#), channel: .sms)
        let called = try TwilioWebhooks.readStatus(
            form: ["MessageSid": messageSID, "MessageStatus": "undelivered", "ErrorCode": "30003"],
            query: ["job": "1", "generation": "1", "token": "t"])
        #expect(polled == .facts([called.receipt]))
        let polledCall = requests.readStatus(
            reply(200, #"{"sid":"\#(callSID)","status":"completed","answered_by":"machine_start"}"#), channel: .voice)
        let calledCall = try TwilioWebhooks.readVoice(
            form: ["CallSid": callSID, "CallStatus": "completed", "AnsweredBy": "machine_start"],
            query: ["job": "1", "generation": "1", "token": "t"])
        #expect(polledCall == .facts([calledCall.receipt]))
        let shortCall = requests.readStatus(
            reply(200, #"{"sid":"\#(callSID)","status":"completed","duration":"1","answered_by":"human"}"#),
            channel: .voice)
        let shortCallback = try TwilioWebhooks.readVoice(
            form: ["CallSid": callSID, "CallStatus": "completed", "CallDuration": "1", "AnsweredBy": "human"],
            query: ["job": "1", "generation": "1", "token": "t"])
        #expect(shortCall == .facts([shortCallback.receipt]))
    }

    @Test("a call that is listened to when Twilio is asked counts; a callback of the answer waits for the call's end")
    func listening() throws {
        let polled = requests.readStatus(
            reply(200, #"{"sid":"\#(callSID)","status":"in-progress","answered_by":"human"}"#), channel: .voice)
        guard case .facts(let receipts) = polled else {
            Issue.record("no receipt")
            return
        }
        #expect(receipts.map(\.fact) == [.reached(.answered)])
        let called = try TwilioWebhooks.readVoice(
            form: ["CallSid": callSID, "CallStatus": "in-progress", "AnsweredBy": "human"],
            query: ["job": "1", "generation": "1", "token": "t"])
        #expect(called.receipt.fact == .progress)
    }

    @Test("a listing asks by both addresses when they are fixed, in documented words")
    func listingRequest() throws {
        let sms = try #require(requests.listing(for: outbound(.sms)))
        #expect(sms.method == .get)
        #expect(sms.url.hasSuffix("/Messages.json?To=%2B15005550006&From=%2B15005550010&PageSize=100"))
        let service = outbound(.whatsapp, from: MessageSender(address: "MG00000000000000000000000000000001"))
        #expect(
            requests.listing(for: service)?.url.hasSuffix("/Messages.json?To=whatsapp%3A%2B15005550006&PageSize=100")
                == true)
        for message in [outbound(.sms), outbound(.voice)] {
            let url = try #require(requests.listing(for: message)?.url)
            let query = try FormParameters(parsing: Array(url.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst()))
            let allowed = message.channel == .voice ? DocumentedParameters.listCalls : DocumentedParameters.listMessages
            #expect(Set(query.pairs.map(\.name)).isSubset(of: allowed))
        }
    }
}

/// 2023-08-24 05:01:45 UTC.
private let begunAt = Instant(microseconds: 1_692_853_305_000_000)

private func listed(
    _ sid: String = messageSID, created: String = "Thu, 24 Aug 2023 05:01:46 +0000",
    direction: String = "outbound-api", body: String = "Your order is ready", to: String = "+15005550006",
    from: String = "\"+15005550010\"", service: String = "null", status: String = "sent"
) -> String {
    #"{"sid":"\#(sid)","date_created":"\#(created)","direction":"\#(direction)","body":"\#(body)","to":"\#(to)","#
        + #""from":\#(from),"messaging_service_sid":\#(service),"status":"\#(status)","error_code":null}"#
}

private func page(_ messages: [String], next: String = "null", key: String = "messages") -> HTTPResult {
    reply(200, #"{"next_page_uri":\#(next),"\#(key)":[\#(messages.joined(separator: ","))]}"#)
}

private func read(
    _ result: HTTPResult, _ message: OutboundMessage = outbound(.sms), excluding: Set<String> = []
) -> ListingReading {
    requests.readListing(result, matching: message, begunAt: begunAt, excluding: excluding)
}

@Suite("A lost send is found again, and nothing else is taken for it")
struct ListingTests {
    @Test("the match gives its id and its status")
    func found() {
        guard case .found(let sid, let receipts, _) = read(page([listed()])) else {
            Issue.record("not found")
            return
        }
        #expect(sid == messageSID)
        #expect(receipts.map(\.fact) == [.reached(.sent)])
    }

    @Test("a listing tells by the text only where it shows one, and by the time only where it says what time it is")
    func sighting() {
        func sighting(_ result: HTTPResult, dated: Bool = false) -> Sighting? {
            guard case .answered(let response) = result else { return nil }
            let date = dated ? [(name: "date", value: "Thu, 24 Aug 2023 05:02:45 GMT")] : []
            let reading = requests.readListing(
                .answered(ServerReply(status: 200, headers: response.headers + date, body: response.body)),
                matching: outbound(.sms), begunAt: begunAt, repliedAt: begunAt.advanced(by: .seconds(60)))
            guard case .found(_, _, let sighting) = reading else { return nil }
            return sighting
        }
        #expect(sighting(page([listed()])) == Sighting(showsText: true))
        #expect(sighting(page([listed(body: "")])) == Sighting())
        #expect(sighting(page([listed()]), dated: true) == Sighting(showsText: true, reach: .seconds(90)))
    }

    @Test(
        "another message is no match",
        arguments: [
            listed(direction: "inbound"), listed(direction: "outbound-reply"), listed(body: "Another text"),
            listed(to: "+15005550099"), listed(from: "\"+15005550098\""), listed(from: "null"),
            listed(created: "Thu, 24 Aug 2023 04:56:44 +0000"), listed(created: "yesterday"),
        ])
    func others(entry: String) {
        #expect(read(page([entry])) == .notFound)
    }

    @Test("by the reply's own date a message is never older than its intent, however far apart the clocks are")
    func date() {
        // The provider's clock is an hour ahead; the listing is asked a minute after the intent.
        func read(_ created: String) -> ListingReading {
            guard case .answered(let response) = page([listed(created: created)]) else { return .notFound }
            let headers = response.headers + [(name: "date", value: "Thu, 24 Aug 2023 06:02:45 GMT")]
            return requests.readListing(
                .answered(ServerReply(status: 200, headers: headers, body: response.body)), matching: outbound(.sms),
                begunAt: begunAt,
                repliedAt: begunAt.advanced(by: .seconds(60)))
        }
        #expect(isFound(read("Thu, 24 Aug 2023 06:01:46 +0000")))
        #expect(isFound(read("Thu, 24 Aug 2023 06:01:30 +0000")))
        #expect(read("Thu, 24 Aug 2023 06:01:29 +0000") == .notFound, "the message of somebody before")
        #expect(isFound(read("Thu, 24 Aug 2023 06:03:00 +0000")))
        #expect(read("Thu, 24 Aug 2023 06:03:01 +0000") == .notFound, "the message of a later attempt")
    }

    @Test("without a date five minutes of clock difference are allowed")
    func tolerance() {
        #expect(isFound(read(page([listed(created: "Thu, 24 Aug 2023 04:56:45 +0000")]))))
    }

    @Test("what is nearer to an earlier attempt's intent than to this one is not this one's")
    func earlierAttempt() {
        let middle = begunAt.advanced(by: .seconds(-20))
        func read(_ created: String) -> ListingReading {
            requests.readListing(
                page([listed(created: created)]), matching: outbound(.sms), begunAt: begunAt, notBefore: middle)
        }
        #expect(read("Thu, 24 Aug 2023 05:01:24 +0000") == .notFound)
        #expect(isFound(read("Thu, 24 Aug 2023 05:01:25 +0000")))
    }

    @Test("ids of other attempts are passed over, and of two matches the nearer in time counts")
    func candidates() {
        let far = listed("SM02", created: "Thu, 24 Aug 2023 05:09:00 +0000")
        let near = listed("SM01")
        #expect(id(read(page([far, near]))) == "SM01")
        #expect(id(read(page([far, near]), excluding: ["SM01"])) == "SM02")
        #expect(read(page([near]), excluding: ["SM01"]) == .notFound)
    }

    @Test(
        "the same text counts as the same with typographic characters replaced, a trial's sentence in front, or not kept",
        arguments: ["Your  order is ready", "Sent from your Twilio trial account - Your order is ready", ""])
    func sameText(body: String) {
        #expect(isFound(read(page([listed(body: body)]))))
    }

    @Test("a text without letters, or only media, is not taken for any other text")
    func noLetters() {
        for text in ["", "👍"] {
            let message = outbound(.sms, .text(text, mediaURLs: ["https://e.example/1.png"]))
            #expect(read(page([listed(body: "Your order is ready")]), message) == .notFound)
            #expect(isFound(read(page([listed(body: text)]), message)))
            #expect(isFound(read(page([listed(body: "Sent from your Twilio trial account - " + text)]), message)))
        }
    }

    @Test("a text is not taken for one that ends like it")
    func suffix() {
        #expect(read(page([listed(body: "Not yet: Your order is ready")])) == .notFound)
    }

    @Test("a service's message is found without its number")
    func service() {
        let ours = "MG00000000000000000000000000000001"
        let message = outbound(.sms, from: MessageSender(address: ours))
        #expect(isFound(read(page([listed(from: "null", service: "\"\(ours)\"")]), message)))
        #expect(isFound(read(page([listed(from: "\"+15005550077\"")]), message)))
        #expect(read(page([listed(service: "\"MG02\"")]), message) == .notFound)
    }

    @Test("a WhatsApp template is found by addresses and time")
    func template() {
        let message = outbound(.whatsapp, .contentTemplate(sid: "HX01", variables: [:]))
        let entry = listed(body: "Hello Ann", to: "whatsapp:+15005550006", from: "\"whatsapp:+15005550010\"")
        #expect(isFound(read(page([entry]), message)))
        #expect(read(page([listed()]), message) == .notFound, "an SMS to the same number")
    }

    @Test("a call is found by addresses and time")
    func call() {
        let entry = listed(callSID, status: "ringing")
        #expect(id(read(page([entry], key: "calls"), outbound(.voice))) == callSID)
        #expect(read(page([entry]), outbound(.voice)) == .unavailable(reason: "unreadable"))
    }

    @Test("a page that ends too early proves nothing")
    func cut() {
        let recent = listed(body: "Another text")
        let old = listed(created: "Thu, 24 Aug 2023 01:00:00 +0000")
        #expect(read(page([recent], next: "\"/x\"")) == .unavailable(reason: "more_than_one_page"))
        #expect(read(page([recent, old], next: "\"/x\"")) == .notFound)
    }

    @Test("no readable answer is not 'not found'")
    func unavailable() {
        #expect(read(reply(200, "{}")) == .unavailable(reason: "unreadable"))
        #expect(read(reply(200, "no")) == .unavailable(reason: "unreadable"))
        #expect(read(reply(500)) == .unavailable(reason: "http_500"))
        #expect(read(reply(404, #"{"code":20404}"#)) == .unavailable(reason: "not_found"))
        #expect(read(.notSent(NotSent(reason: .tls))) == .unavailable(reason: "tls"))
    }

    private func isFound(_ reading: ListingReading) -> Bool { id(reading) != nil }

    private func id(_ reading: ListingReading) -> String? {
        guard case .found(let sid, _, _) = reading else { return nil }
        return sid
    }
}
