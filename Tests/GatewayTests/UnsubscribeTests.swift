import Delivery
import Foundation
import HTTPTypes
import HummingbirdTesting
import Postgres
import Providers
import TestDatabase
import Testing

@testable import Gateway

@Suite("Leaving offers by the link of a mail", .timeLimit(.minutes(5)))
struct UnsubscribeTests {
    private static let address = "ann.smith@example.com"
    private static let oneClick = "List-Unsubscribe=One-Click"

    /// The path of a link as a worker makes it.
    private static func path(key: String = GatewayFixture.linkKey) throws -> String {
        let request = UnsubscribeRequest(jobID: 42, category: .marketing, tenant: "shop", address: address)
        let way = UnsubscribeLinks(secrets: [key]).way(out: request, by: .email, at: GatewayFixture.publicURL)
        return String(try #require(way).link.dropFirst(GatewayFixture.publicURL.count))
    }

    private static func post(
        _ path: String, _ body: String = oneClick, to client: any TestClientProtocol
    ) async throws -> TestResponse {
        try await client.post(path, [.contentType: Person.form], body)
    }

    @Test("one POST is enough: the address is suppressed for its tenant before the answer, and again is 200 too")
    func post() async throws {
        let gateway = try await GatewayFixture()
        let path = try Self.path()
        try await gateway.live { client in
            for body in [Self.oneClick, Self.oneClick, ""] {
                let answer = try await Self.post(path, body, to: client)
                #expect(answer.status == .ok)
                #expect(answer.text.contains("Unsubscribed"))
                #expect(!answer.text.contains(Self.address))
                let rows = try await gateway.query(
                    "select concat_ws(' ', tenant, address, channel, reason, source) as line from outrider.suppressions"
                )
                #expect(
                    try rows.map { try $0.string("line") }
                        == ["shop \(Self.address) email unsubscribe the link in the mail of job 42"])
            }
        }
    }

    @Test("GET shows a button and changes nothing: scanners of mail follow every link")
    func get() async throws {
        let gateway = try await GatewayFixture()
        let path = try Self.path()
        try await gateway.live { client in
            let page = try await client.get(path)
            #expect(page.status == .ok)
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            #expect(page.text.contains("<form method=\"post\">"))
            #expect(page.text.contains("<button>Unsubscribe</button>"))
            #expect(page.text.contains("a…@…le.com"))
            #expect(!page.text.contains(Self.address) && !page.text.contains("<script"))
            let policy = try #require(page.headers[.contentSecurityPolicy])
            #expect(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"))
            #expect(policy.contains("frame-ancestors 'none'"))
            #expect(page.headers[.cacheControl] == "no-store")
            let head = try await client.execute(uri: path, method: .head)
            #expect(head.status == .ok)
        }
        #expect(try await gateway.count("suppressions") == 0)
    }

    @Test("a link that is forged, cut or of a key not in use is refused with a page, and suppresses nobody")
    func forged() async throws {
        let gateway = try await GatewayFixture()
        let path = try Self.path()
        let cut = String(path.dropLast())
        let forged = cut + (path.hasSuffix("A") ? "B" : "A")
        let paths = [cut, forged, try Self.path(key: "an-old-key-an-old-key"), "/unsubscribe/42", path + "%00"]
        try await gateway.live { client in
            for path in paths {
                for answer in [try await client.get(path), try await Self.post(path, to: client)] {
                    #expect(answer.status == .notFound)
                    #expect(answer.text.contains("not complete, or not valid any more"))
                    #expect(!answer.text.contains("example.com"))
                }
            }
        }
        #expect(try await gateway.count("suppressions") == 0)
    }

    @Test("a one-click request is small")
    func large() async throws {
        let gateway = try await GatewayFixture()
        let path = try Self.path()
        try await gateway.testing { client async throws in
            let answer = try await Self.post(path, String(repeating: "a", count: 5_000), to: client)
            #expect(answer.status == .badRequest)
            #expect(answer.headers[.connection] == "close")
        }
        #expect(try await gateway.count("suppressions") == 0)
    }

    @Test("an unsubscribe that cannot be stored is not answered with 200")
    func unstored() async throws {
        let gateway = try await GatewayFixture()
        let path = try Self.path()
        try await gateway.query("alter table outrider.suppressions rename to gone")
        try await gateway.testing { client async throws in
            let answer = try await Self.post(path, to: client)
            #expect(answer.status == .serviceUnavailable)
            #expect(answer.headers[.retryAfter] == "5")
            #expect(answer.text.contains("try again"))
        }
    }
}
