import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Postgres
import Signing
import TestDatabase
import Testing

@testable import Gateway

/// Over real connections, with the logins that an installation has: the gateway's own and the one for people.
@Suite("Forms that are not the page's own", .timeLimit(.minutes(5)))
struct ForgedFormTests {
    @Test("a form without its token, with another's, another action's or an old one is refused, and nothing is done")
    func tokens() async throws {
        let gateway = try await GatewayFixture.people()
        try await gateway.live { client async throws in
            let (ann, ben) = (Person(client, GatewayFixture.ann), Person(client, GatewayFixture.ben))
            let (start, cancel) = (try await ann.token("start"), try await ann.token("cancel"))
            let parts = start.split(separator: ".")
            let forged = [
                "", "x", "..", cancel, try await ben.token("start"), start + "0", String(start.dropLast()),
                "\(parts[0]).\(parts[1]).\(String(repeating: "0", count: 64))",
                "\(parts[0]).9999999999.\(parts[2])", "\(String(repeating: "0", count: 32)).\(parts[1]).\(parts[2])",
            ]
            for token in forged {
                #expect(try await ann.send("start", token, ["reason": "x"]).status == .forbidden, "\(token)")
            }
            #expect(try await ben.send("start", start, ["reason": "x"]).status == .forbidden)
            #expect(try await client.post("/campaigns/1/start", [:], "token=\(start)&reason=x").status == .unauthorized)
            for action in ["pause", "resume", "load", "retry", "cancel"] {
                #expect(try await ann.send(action, start, ["reason": "x"]).status == .forbidden, "\(action)")
            }
            #expect(try await ann.send("nothing", start).status == .notFound)
            #expect(
                try await client.post("/campaigns/2/start", ann.headers, "token=\(start)&reason=x").status == .forbidden
            )
            #expect(try await gateway.campaignState() == "draft")
            #expect(try await gateway.count("operations") == 0)
        }
    }

    @Test("a token holds for twelve hours, and no part of it can be changed for another")
    func seal() throws {
        let seal = FormSeal(key: [1, 2, 3])
        let token = seal.token(for: "ann", "campaign 1 start", at: 1_000)
        let last = 1_000 + FormSeal.life - 1
        let click = try #require(seal.click(of: token, by: "ann", "campaign 1 start", at: last))
        #expect(token.hasPrefix(click) && click.count == 32)
        #expect(seal.click(of: token, by: "ann", "campaign 1 start", at: last + 1) == nil)
        #expect(seal.click(of: token, by: nil, "campaign 1 start", at: last) == nil)
        #expect(seal.click(of: token, by: "anncampaign", " 1 start", at: last) == nil)
        #expect(FormSeal(key: [1, 2, 4]).click(of: token, by: "ann", "campaign 1 start", at: last) == nil)
        #expect(seal.token(for: "ann", "campaign 1 start", at: 1_000) != token)
        let mark = seal.seal(of: "done", at: "/campaigns/1")
        #expect(seal.isOurs("done", at: "/campaigns/1", seal: mark))
        #expect(
            !seal.isOurs("done", at: "/campaigns/2", seal: mark) && !seal.isOurs("Done", at: "/campaigns/1", seal: mark)
        )
    }

    @Test(
        "a form that comes from another page is refused, whoever signs it",
        arguments: [
            (.origin, "https://evil.example"), (.origin, "null"), (.origin, "https://hooks.example.com.evil.example"),
            (.origin, "https://hooks.example.com:444"), (.site, "cross-site"), (.site, "same-site"), (.site, "none"),
        ] as [(Field, String)])
    func origins(_ field: Field, _ value: String) async throws {
        let gateway = try await GatewayFixture.people()
        try await gateway.live { client async throws in
            let ann = Person(client, GatewayFixture.ann)
            let token = try await ann.token("start")
            let refused = try await ann.send("start", token, ["reason": "x"], [field.name: value])
            #expect(refused.status == .forbidden)
            #expect(refused.text.contains("Nothing was done"))
            #expect(try await gateway.campaignState() == "draft")
            let page: HTTPFields = [.origin: "https://hooks.example.com", Field.site.name: "same-origin"]
            #expect(try await ann.send("start", token, ["reason": "x"], page).status == .seeOther)
        }
    }

    enum Field: Sendable {
        case origin, site

        var name: HTTPField.Name { self == .origin ? .origin : .init("Sec-Fetch-Site")! }
    }

    @Test("no GET and no HEAD acts, whatever it carries, and each page forbids what it does not need")
    func reading() async throws {
        let gateway = try await GatewayFixture.people()
        try await gateway.live { client async throws in
            let ann = Person(client, GatewayFixture.ann)
            for action in CampaignAction.allCases {
                let token = action == .pause || action == .resume ? "x" : try await ann.token("start")
                for method in [HTTPRequest.Method.get, .head] {
                    let path = "/campaigns/1/\(action.rawValue)?token=\(token)&reason=x"
                    let answer = try await client.execute(uri: path, method: method, headers: ann.headers)
                    #expect(answer.status == (action.asksFirst ? .ok : .notFound), "\(action)")
                }
            }
            #expect(try await gateway.campaignState() == "draft")
            #expect(try await gateway.count("operations") == 0)
            let page = try await ann.get("/campaigns/1/start")
            let policy = try #require(page.headers[.contentSecurityPolicy])
            #expect(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"))
            #expect(page.headers[.init("Referrer-Policy")!] == "same-origin")
            #expect(
                try await ann.get("/campaigns").headers[.contentSecurityPolicy]?.contains("form-action 'none'") == true)
        }
    }

    @Test(
        "a page's own origin is that of the public URL or of the Host; where nobody signs in, no name but this machine's own does",
        arguments: [
            ("https://hooks.example.com", "10.0.0.7:8080", true, true),
            ("http://10.0.0.7:8080", "10.0.0.7:8080", true, false),
            ("HTTP://Page.Internal", "page.internal", true, false),
            ("http://localhost:8080", "localhost:8080", true, true),
            ("http://[::1]:8080", "[::1]:8080", true, true), ("http://127.0.0.1", "127.0.0.1", true, true),
            // A name that was made to lead here (DNS rebinding): then the Host is the attacker's as well.
            ("http://rebound.example:8080", "rebound.example:8080", true, false),
            ("http://localhost.example:8080", "localhost.example:8080", true, false),
            ("http://localhost:8080", "localhost:8081", false, false), ("ftp://localhost", "localhost", false, false),
            ("https://hooks.example.com.", "10.0.0.7", false, false), ("", "", false, false),
        ])
    func origin(_ origin: String, host: String, signedIn: Bool, nobody: Bool) {
        let head = HTTPRequest(
            method: .post, scheme: "http", authority: host, path: "/campaigns/1/start",
            headerFields: [.origin: origin])
        let request = Request(head: head, body: .init(buffer: ByteBuffer()))
        for (onlyThisMachine, expected) in [(false, signedIn), (true, nobody)] {
            let own = FormOrigin(publicURL: "https://hooks.example.com/path", onlyThisMachine: onlyThisMachine)
            #expect(own.admits(request) == expected)
        }
    }

    @Test("where nobody signs in, this machine acts, and no name is kept")
    func nobody() async throws {
        let gateway = try await GatewayFixture(canAct: true, port: 0)
        try await gateway.addCampaign()
        try await gateway.live { client async throws in
            let start = try await Person(client, nil).send(
                "start", try await Person(client, nil).token("start"), ["reason": "x"], [.origin: "http://localhost"])
            #expect(start.status == .seeOther)
            #expect(try await gateway.deeds() == ["started x"])
        }
    }
}
