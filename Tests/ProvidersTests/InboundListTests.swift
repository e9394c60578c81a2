import Delivery
import HTTPTransport
import Providers
import Signing
import Testing

/// 2023-08-24 05:01:45 UTC, and a bit.
private let sentAt = Instant(microseconds: 1_692_853_305_000_000)
private let since = sentAt.advanced(by: .milliseconds(999))
private let ours = InboundQuery(recipient: .init(channel: .sms, address: "+15005550010"), since: since)

private func listed(
    _ sid: String = messageSID, direction: String = "inbound", from: String = "+15005550006",
    to: String = "+15005550010", body: String = "Stop", sent: String = "\"Thu, 24 Aug 2023 05:01:45 +0000\""
) -> String {
    #"{"sid":"\#(sid)","direction":"\#(direction)","from":"\#(from)","to":"\#(to)","body":"\#(body)","#
        + #""date_created":"Thu, 24 Aug 2023 05:01:45 +0000","date_sent":\#(sent),"status":"received"}"#
}

private func page(_ messages: String..., next: String = "null") -> HTTPResult {
    reply(200, #"{"next_page_uri":\#(next),"messages":[\#(messages.joined(separator: ","))]}"#)
}

@Suite("What people wrote is read from the list as from a webhook")
struct InboundListTests {
    @Test("the list is asked for by number and time, in documented words")
    func request() throws {
        let request = try #require(requests.inbound(ours))
        #expect(request.method == .get)
        #expect(
            request.url.hasSuffix(
                "/Messages.json?To=%2B15005550010&DateSent%3E=2023-08-24T05%3A01%3A45Z&PageSize=100"))
        let query = try FormParameters(parsing: Array(request.url.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst()))
        #expect(Set(query.pairs.map(\.name)).isSubset(of: DocumentedParameters.listMessages))
        let chat = InboundQuery(recipient: .init(channel: .whatsapp, address: "+15005550010"), since: since)
        #expect(requests.inbound(chat)?.url.contains("To=whatsapp%3A%2B15005550010&") == true)
        #expect(requests.inbound(InboundQuery(recipient: nil, since: since))?.url.contains("To=") == false)
    }

    @Test(
        "the time is written as the calendar has it",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (-5, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"),
            (951_868_799, "2000-02-29T23:59:59Z"), (951_868_800, "2000-03-01T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"), (1_735_689_600, "2025-01-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ])
    func calendar(seconds: Int64, text: String) throws {
        let query = InboundQuery(recipient: nil, since: Instant(microseconds: seconds * 1_000_000))
        let url = try #require(requests.inbound(query)?.url)
        #expect(url.contains("DateSent%3E=\(text.replacing(":", with: "%3A"))&"))
    }

    @Test("a further page is asked for as the provider named it, and only one of this account's messages")
    func pages() {
        let list = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json?"
        func url(_ page: String) -> String? {
            requests.inbound(InboundQuery(recipient: nil, since: since, page: page))?.url
        }
        #expect(url(list + "Page=1&PageToken=PASM1") == "https://api.twilio.com" + list + "Page=1&PageToken=PASM1")
        for page in [
            "https://elsewhere.example/2010-04-01", list.replacing("AC0", with: "AC1") + "Page=1",
            list.replacing("Messages", with: "Calls"), list + "Page=1 HTTP/1.1\r\nHost: elsewhere",
            list + String(repeating: "x", count: 2_048),
        ] {
            #expect(url(page) == nil, "\(page.prefix(40))")
        }
    }

    @Test("a message is what its webhook would say, with its time")
    func message() throws {
        let reading = requests.readInbound(
            page(
                listed(), listed("SM02", body: "Hello"),
                listed("SM03", from: "whatsapp:+15005550006", to: "whatsapp:+15005550010", sent: "null"),
                next: "\"/next\""), of: ours)
        guard case .page(let messages, let next) = reading else {
            Issue.record("\(reading)")
            return
        }
        #expect(next == "/next")
        var told = try TwilioWebhooks.readInbound(
            form: ["MessageSid": messageSID, "From": "+15005550006", "To": "+15005550010", "Body": "Stop"])
        told.sentAt = sentAt
        #expect(messages.first == told)
        #expect(messages.map(\.keyword) == [.stop, nil, .stop])
        #expect(messages.map(\.channel) == [.sms, .sms, .whatsapp])
        #expect(messages.last?.to == "+15005550010" && messages.last?.sentAt == sentAt)
    }

    @Test(
        "what we sent, and what no webhook would be read from, is passed over and spoils nothing",
        arguments: [
            listed(direction: "outbound-api"), listed(direction: "outbound-reply"), listed(from: ""),
            listed(""), listed(sent: "\"soon\""), "{}", "7",
        ])
    func others(entry: String) {
        guard case .page(let messages, nil) = requests.readInbound(page(entry, listed("SM09")), of: ours) else {
            Issue.record("no page")
            return
        }
        #expect(messages.map(\.providerID) == ["SM09"])
    }

    @Test("no readable answer is not an empty list, and a wait that is asked for is passed on")
    func unavailable() {
        #expect(
            requests.readInbound(reply(429, "", [("Retry-After", "17")]), of: ours)
                == .unavailable(reason: "http_429", retryAfter: .seconds(17)))
        for (result, reason) in [
            (reply(503), "http_503"), (reply(200, "{}"), "unreadable"), (reply(200, "no"), "unreadable"),
            (reply(400), "http_400"), (.notSent(NotSent(reason: .connect)), "connect"),
            (.unknown(UnknownSend(reason: .timedOut)), "timed_out"),
        ] {
            #expect(requests.readInbound(result, of: ours) == .unavailable(reason: reason, retryAfter: nil))
        }
        var continued = ours
        continued.page = "/2010-04-01/x"
        #expect(requests.readInbound(reply(400), of: continued) == .lost)
        #expect(requests.readInbound(reply(404), of: continued) == .lost)
    }
}

@Suite("Many messages are asked about at once")
struct StatusListTests {
    @Test("a page says of each of our messages what a poll of it would")
    func page() throws {
        #expect(requests.statuses(page: nil)?.url.hasSuffix("/Messages.json?PageSize=100") == true)
        #expect(requests.statuses(page: "/elsewhere") == nil)
        let failed = #"{"sid":"SM02","direction":"outbound-api","status":"undelivered","error_code":30003}"#
        let sent = #"{"sid":"SM01","direction":"outbound-api","status":"delivered","error_code":null}"#
        let others = #"{"sid":"SM03","direction":"inbound","status":"received"},{},{"sid":"SM04","status":""}"#
        let reading = requests.readStatuses(
            reply(200, #"{"messages":[\#(sent),\#(failed),\#(others)],"next_page_uri":"/next"}"#))
        guard case .page(let receipts, "/next") = reading else {
            Issue.record("\(reading)")
            return
        }
        #expect(receipts.keys.sorted() == ["SM01", "SM02"])
        for (sid, resource) in [("SM01", sent), ("SM02", failed)] {
            #expect(requests.readStatus(reply(200, resource), channel: .sms) == .facts([try #require(receipts[sid])]))
        }
        for other in [reply(200, "{}"), reply(200), reply(503, "{}"), .unknown(UnknownSend(reason: .timedOut))] {
            #expect(requests.readStatuses(other) == .unavailable)
        }
    }

    @Test("only what asks to be asked less slows the questions down")
    func pushback() {
        #expect(requests.pushback(in: reply(429, "", [("Retry-After", "5")])) == Pushback(retryAfter: .seconds(5)))
        #expect(requests.pushback(in: reply(503)) == Pushback())
        for other in [reply(200), reply(404), .notSent(NotSent(reason: .connect))] {
            #expect(requests.pushback(in: other) == nil)
        }
    }
}
