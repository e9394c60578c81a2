import Delivery
import Foundation
import HTTPTransport
import Providers
import Testing

@Suite("Leaving offers by e-mail")
struct UnsubscribeTests {
    private static let base = "https://hooks.example.com/x"
    private static let links = UnsubscribeLinks(secrets: ["a-key-of-sixteen"])

    private static func request(_ category: Delivery.Category = .marketing) -> UnsubscribeRequest {
        UnsubscribeRequest(jobID: 42, category: category, tenant: "shop", address: "ann@example.com")
    }

    @Test("an offer by e-mail has a way out; nothing else has one")
    func scope() {
        for category in Delivery.Category.allCases {
            for channel in Channel.allCases {
                let way = Self.links.way(out: Self.request(category), by: channel, at: Self.base)
                #expect((way != nil) == (category == .marketing && channel == .email), "\(category) \(channel)")
            }
        }
        #expect(UnsubscribeLinks(secrets: []).way(out: Self.request(), by: .email, at: Self.base) == nil)
    }

    @Test("a link says whose mail it is from, without showing the address")
    func link() throws {
        let way = try #require(Self.links.way(out: Self.request(), by: .email, at: Self.base + "/"))
        let start = Self.base + UnsubscribeLinks.path
        #expect(way.link.hasPrefix(start))
        #expect(!way.link.contains("ann") && !way.link.contains("shop"))
        #expect(Self.links.request(String(way.link.dropFirst(start.count))) == Self.request())
        #expect("\(way) \(Self.request())".contains("ann") == false)
    }

    @Test("the mail carries both headers of RFC 8058, and none that SendGrid keeps to itself")
    func headers() throws {
        var message = outbound(.email)
        message.unsubscribe = Self.links.way(out: Self.request(), by: .email, at: Self.base)
        let link = try #require(message.unsubscribe?.link)
        #expect(
            try Self.headers(of: message) == [
                "List-Unsubscribe": "<\(link)>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            ])
        message.unsubscribe?.mailbox = "leave@example.com"
        #expect(
            try Self.headers(of: message)?["List-Unsubscribe"]
                == "<\(link)>, <mailto:leave@example.com?subject=unsubscribe>")
        let reserved = [
            "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to",
            "from", "subject", "reply-to", "cc", "bcc",
        ]
        #expect(try Self.headers(of: message)?.keys.allSatisfy { !reserved.contains($0.lowercased()) } == true)
        #expect(try Self.headers(of: outbound(.email)) == nil)
    }

    private static func headers(of message: OutboundMessage) throws -> [String: String]? {
        let request = try requests.send(message, notAfter: nil)
        let mail = try #require(JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any])
        let personalization = try #require((mail["personalizations"] as? [[String: Any]])?.first)
        return personalization["headers"] as? [String: String]
    }
}
