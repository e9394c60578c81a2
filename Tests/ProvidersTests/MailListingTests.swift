import Delivery
import HTTPTransport
import Providers
import Testing

/// 2023-08-24 05:01:45 UTC.
private let begunAt = Instant(microseconds: 1_692_853_305_000_000)

private func entry(
    id: String = "Xj5L.recvd-85abf8d92c", to: String = "Ann@example.com", from: String = "shop@example.org",
    subject: String = "Order", status: String = "delivered", created: String = "2023-08-24T05:01:46Z"
) -> String {
    #"{"sg_message_id":"\#(id)","to_email":"\#(to)","from_email":"\#(from)","subject":"\#(subject)","#
        + #""status":"\#(status)","reason":"Invalid","sg_message_id_created_at":"\#(created)"}"#
}

private func read(
    _ entries: [String], _ message: OutboundMessage = outbound(.email), excluding: Set<String> = []
) -> ListingReading {
    requests.readListing(
        reply(200, #"{"messages":[\#(entries.joined(separator: ","))]}"#), matching: message, begunAt: begunAt,
        excluding: excluding)
}

@Suite("A lost mail is found in the e-mail logs, and nothing else is taken for it")
struct MailListingTests {
    @Test("the search names the address and our category, within its limit")
    func search() throws {
        let request = try #require(requests.listing(for: outbound(.email)))
        #expect(request.method == .post && request.url == "https://api.sendgrid.com/v3/logs")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"limit":100,"query":"to_email = 'ann@example.com' AND categories IN ('outrider')"}"#)
        var quoted = outbound(.email)
        quoted.to = "o'hara@example.com"
        #expect(requests.listing(for: quoted)?.url == nil)
    }

    @Test(
        "the match gives its id and what became of it",
        arguments: [
            ("processed", .reached(.sent), "sent"), ("delivered", .reached(.delivered), "delivered"),
            ("deferred", .progress, "deferred"), ("bounced", .failed, "bounce"), ("blocked", .failed, "blocked"),
            ("dropped", .failed, "dropped invalid"),
        ] as [(String, ReceiptFact, String)])
    func found(status: String, fact: ReceiptFact, key: String) {
        guard case .found("Xj5L", let receipts, _) = read([entry(status: status)]) else {
            Issue.record("not found")
            return
        }
        #expect(receipts.map(\.fact) == [fact])
        #expect(receipts.map(\.status) == [key])
    }

    @Test(
        "another mail is no match",
        arguments: [
            entry(to: "bob@example.com"), entry(to: "ann@example.com\u{200D}"), entry(from: "other@example.org"),
            entry(subject: "Offer"),
            entry(created: "2023-08-24T04:56:44Z"), entry(created: "yesterday"), entry(created: "2023-08-24"),
        ])
    func others(entry: String) {
        #expect(read([entry]) == .notFound)
    }

    @Test("a template's mail is found whatever its subject, but not when it is another attempt's")
    func template() {
        let message = outbound(.email, .dynamicTemplate(id: "d-1", subject: nil, dataJSON: "{}"))
        let offer = entry(subject: "Offer", created: "2023-08-24T05:01:46.123Z")
        guard case .found("Xj5L", _, _) = read([offer], message) else {
            Issue.record("not found")
            return
        }
        #expect(read([offer], message, excluding: ["Xj5L"]) == .notFound)
    }

    @Test("a full page and an unreadable answer prove nothing")
    func unavailable() {
        let other = entry(subject: "Offer")
        #expect(read(Array(repeating: other, count: 100)) == .unavailable(reason: "more_than_one_page"))
        let message = outbound(.email)
        for (result, reason) in [
            (reply(403), "http_403"), (reply(200, "{}"), "unreadable"), (.notSent(NotSent(reason: .tls)), "tls"),
        ] {
            #expect(
                requests.readListing(result, matching: message, begunAt: begunAt) == .unavailable(reason: reason))
        }
    }
}
