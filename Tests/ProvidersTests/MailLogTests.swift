import Delivery
import HTTPTransport
import Providers
import Testing

/// 2023-08-24 05:01:45 UTC.
private let instant = Instant(microseconds: 1_692_853_305_900_000)

private func entry(_ status: String, id: String = "Xj5L.recvd-85abf8d92c.1", reason: String? = nil) -> String {
    let reason = reason.map { #""reason":"\#($0)","# } ?? ""
    return #"{"from_email":"a@b.example","sg_message_id":"\#(id)","subject":"S","to_email":"c@d.example",\#(reason)"#
        + #""status":"\#(status)","sg_message_id_created_at":"2023-08-24T05:01:46Z"}"#
}

private func page(_ entries: [String]) -> MailLogPage {
    requests.readMailLog(reply(200, #"{"messages":[\#(entries.joined(separator: ","))]}"#))
}

private func webhook(_ members: String) throws -> Receipt {
    let json = #"[{"email":"c@d.example","sg_message_id":"Xj5L.recvd-85abf8d92c.1",\#(members)}]"#
    return try #require(try SendGridWebhooks.read(body: Array(json.utf8)).first).receipt
}

@Suite("The e-mail logs say what became of a mail in the event webhook's words")
struct MailLogTests {
    @Test("the search names our category and the span, in documented fields and operators, within its limit")
    func search() throws {
        let span = MailLogSpan(from: instant, to: instant.advanced(by: .seconds(60)))
        let request = try #require(requests.mailLog(span))
        #expect(request.method == .post && request.url == "https://api.sendgrid.com/v3/logs")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"limit":500,"query":"categories IN ('outrider')"#
                + #" AND sg_message_id_created_at >= TIMESTAMP \"2023-08-24T05:01:45Z\""#
                + #" AND sg_message_id_created_at <= TIMESTAMP \"2023-08-24T05:02:45Z\""}"#)
        let open = try #require(requests.mailLog(nil))
        #expect(
            String(decoding: open.body, as: UTF8.self) == #"{"limit":500,"query":"categories IN ('outrider')"}"#)
        let one = try #require(requests.mailLog(nil, to: "c@d.example"))
        #expect(
            String(decoding: one.body, as: UTF8.self)
                == #"{"limit":500,"query":"to_email = 'c@d.example' AND categories IN ('outrider')"}"#)
        // How the query language escapes one is not documented.
        #expect(requests.mailLog(nil, to: "o'hara@d.example")?.url == nil)
        #expect(requests.mailLog(nil, to: "o'\u{308}hara@d.example")?.url == nil, "nor one that carries a mark")
        let none = ProviderRequests(twilio: nil, sendGrid: nil)
        #expect(none.mailLog(span)?.url == nil && none.mailEvents("Xj5L.recvd-1")?.url == nil)
    }

    @Test("the events of a mail are asked for by the logs' own id, which makes no other path")
    func events() throws {
        let request = try #require(requests.mailEvents("Xj5L.recvd-85abf8d92c.1"))
        #expect(request.method == .get)
        #expect(request.url == "https://api.sendgrid.com/v3/logs/Xj5L.recvd-85abf8d92c.1")
        #expect(requests.mailEvents("a/../b?c#d")?.url == "https://api.sendgrid.com/v3/logs/a%2F..%2Fb%3Fc%23d")
    }

    @Test(
        "each status makes the same receipt as its event",
        arguments: [
            ("processed", nil, #""event":"processed""#), ("delivered", "250 OK", #""event":"delivered""#),
            ("deferred", "450 later", #""event":"deferred""#),
            ("bounced", "550 5.1.1 nobody", #""event":"bounce","type":"bounce""#),
            ("blocked", "550 5.7.1 policy", #""event":"bounce","type":"blocked""#),
            ("dropped", "Bounced Address\\n", #""event":"dropped","reason":"Bounced Address""#),
            ("dropped", "Spam Content", #""event":"dropped","reason":"Spam Content""#),
            ("dropped", "Unsubscribed Address", #""event":"dropped","reason":"Unsubscribed Address""#),
            ("dropped", nil, #""event":"dropped""#), ("brand new", nil, #""event":"brand new""#),
        ] as [(String, String?, String)])
    func words(status: String, reason: String?, event: String) throws {
        guard case .page(let entries, isWhole: true) = page([entry(status, reason: reason)]) else {
            Issue.record("no whole page")
            return
        }
        let found = try #require(entries["Xj5L"], "by the id that the send's answer gave")
        #expect(found.receipt == (try webhook(event)))
        #expect(found.logID == "Xj5L.recvd-85abf8d92c.1")
        #expect(found.lacksReason == (status == "dropped" && reason == nil))
    }

    @Test(
        "an entry that names no mail or status costs no other, and the first of two on one mail counts",
        arguments: [
            "{}", "7", #""x""#, entry(""), entry("delivered", id: ""), entry("delivered", id: ".recvd"),
            entry("delivered", id: "a\\u0000.recvd"),
            entry("delivered", id: String(repeating: "x", count: 300)), entry("processed"),
        ])
    func malformed(odd: String) {
        guard case .page(let entries, isWhole: true) = page([entry("delivered"), odd]) else {
            Issue.record("no whole page")
            return
        }
        #expect(entries.mapValues(\.receipt.status) == ["Xj5L": "delivered"])
    }

    @Test("a full page may hide a mail, whatever its entries are, and one too large to be taken hides all")
    func full() {
        let entries = Array(repeating: "{}", count: 499)
        #expect(page(entries) == .page([:], isWhole: true))
        #expect(page(entries + ["{}"]) == .page([:], isWhole: false))
        let tooLarge = HTTPResult.unknown(UnknownSend(reason: .replyTooLarge))
        #expect(requests.readMailLog(tooLarge) == .page([:], isWhole: false))
    }

    @Test(
        "no readable page is not an empty one, and who may not read the logs has none",
        arguments: [
            (reply(403, #"{"errors":[{"message":"access forbidden"}]}"#), .absent), (reply(404, "<html>"), .absent),
            (reply(200, "{}"), .unavailable(reason: "unreadable")),
            (reply(200, "no"), .unavailable(reason: "unreadable")),
            (reply(200, #"{"messages":{}}"#), .unavailable(reason: "unreadable")),
            (reply(401), .unavailable(reason: "http_401")), (reply(400), .unavailable(reason: "http_400")),
            (reply(429), .unavailable(reason: "http_429")), (reply(503), .unavailable(reason: "http_503")),
            (.notSent(NotSent(reason: .connect)), .unavailable(reason: "connect")),
            (.unknown(UnknownSend(reason: .timedOut)), .unavailable(reason: "timed_out")),
        ] as [(HTTPResult, MailLogPage)])
    func unavailable(result: HTTPResult, expected: MailLogPage) {
        #expect(requests.readMailLog(result) == expected)
    }

    @Test("a mail's events make the webhook's receipts; what the webhook never says is passed over")
    func eventReceipts() throws {
        let id = #""sg_message_id":"Xj5L.recvd-85abf8d92c.1""#
        let events = [
            #"{"event":"received","recv_msgid":"Xj5L"}"#, #"{"event":"processed",\#(id)}"#,
            #"{"event":"open","sg_machine_open":true,\#(id)}"#, #"{"event":"click",\#(id)}"#,
            #"{"event":"bounce","type":"bounce",\#(id)}"#, #"{"event":"cancel_drop","reason":"Invalid",\#(id)}"#,
            "{}", #"{"event":""}"#,
        ].joined(separator: ",")
        let reading = requests.readMailEvents(reply(200, #"{"sg_message_id":"x","events":[\#(events)]}"#))
        let expected = try [
            #""event":"processed""#, #""event":"open","sg_machine_open":true"#, #""event":"click""#,
            #""event":"bounce","type":"bounce""#, #""event":"dropped","reason":"Invalid""#,
        ].map(webhook)
        #expect(reading == .facts(expected))
        #expect(requests.readMailEvents(reply(404)) == .notFound)
        #expect(requests.readMailEvents(reply(200, "{}")) == .unavailable(reason: "unreadable"))
        #expect(requests.readMailEvents(reply(429)) == .unavailable(reason: "http_429"))
    }
}
