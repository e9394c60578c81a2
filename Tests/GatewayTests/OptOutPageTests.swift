import HTTPTypes
import HummingbirdTesting
import Insight
import Postgres
import TestDatabase
import Testing

@testable import Gateway

/// Over real connections, with the logins that an installation has.
@Suite("What people decide about opt-outs on the page", .timeLimit(.minutes(5)))
struct OptOutPageTests {
    private static func gateway(canAct: Bool = true) async throws -> GatewayFixture {
        let gateway = try await GatewayFixture(
            operatorAccess: GatewayFixture.shared, people: [GatewayFixture.ann], canAct: canAct, port: 0)
        try await gateway.query(
            """
            insert into outrider.opt_out_wishes (provider_id, channel, address, to_address, text)
            select 'SM' || n, 'sms', '+15005550101', '+15005550006', 'Please <b>stop</b> texting me ' || n from generate_series(1, 3) n
            """)
        return gateway
    }

    @Test(
        "the list shows no number and no text; its page shows the text to who may decide, and nothing is done by looking"
    )
    func shows() async throws {
        let gateway = try await Self.gateway()
        try await gateway.live { client async throws in
            let ann = Person(client, GatewayFixture.ann)
            let list = try await ann.get("/optouts").text
            #expect(list.contains("href=\"/optouts/2\"") && list.contains("<td>+1…01</td>"))
            #expect(!list.contains("5005550101") && !list.contains("texting"))
            let page = try await ann.get("/optouts/2")
            #expect(
                page.text.contains("<pre aria-labelledby=\"words\">Please &lt;b&gt;stop&lt;/b&gt; texting me 2</pre>"))
            #expect(!page.text.contains("5005550101") && !page.text.contains("<script"))
            #expect(page.headers[.contentSecurityPolicy]?.contains("form-action 'self'") == true)
            for path in ["/optouts/9", "/optouts/x", "/optouts/2/all"] {
                #expect(try await ann.get(path).status == .notFound, "\(path)")
            }
            #expect(try await gateway.count("opt_out_wishes", where: "settled_at is null") == 3)
        }
    }

    @Test("a decision is made once, for a reason, in the name of who signed in", arguments: WishVerdict.allCases)
    func settles(_ verdict: WishVerdict) async throws {
        let gateway = try await Self.gateway()
        try await gateway.live { client async throws in
            let ann = Person(client, GatewayFixture.ann)
            let form = (path: "/optouts/1/\(verdict.rawValue)", token: try await Self.token(verdict, ann))
            let bare = try await ann.send(form, reason: " ")
            #expect(bare.status == .badRequest && bare.text.contains("Say why") && bare.text.contains("texting me 1"))
            let other = WishVerdict.allCases.first { $0 != verdict }!
            #expect(try await ann.send(("/optouts/1/\(other.rawValue)", form.token), reason: "x").status == .forbidden)
            #expect(
                try await ann.send(("/optouts/2/\(verdict.rawValue)", form.token), reason: "x").status == .forbidden)
            #expect(try await gateway.count("opt_out_wishes", where: "settled_at is null") == 3)
            let done = try await ann.send(form, reason: "reads so")
            let path = try #require(done.headers[.location])
            #expect(done.status == .seeOther && path.hasPrefix("/optouts?said=sentence%201"))
            #expect(!path.contains("5005550101") && !path.contains("texting"))
            #expect(try await ann.get(path).text.contains("role=\"status\">sentence 1: "))
            let again = try await ann.send(form, reason: "reads so")
            #expect(try await ann.get(try #require(again.headers[.location])).text.contains("done already"))
            let kept = try await gateway.query(
                "select stops || ', ' || settled_by || ', ' || reason as line from outrider.opt_out_wishes where settled_at is not null"
            )
            let line = try kept.map { try $0.string("line") }.joined(separator: "; ")
            #expect(
                line.hasPrefix("\(verdict.rawValue), ann") && line.hasSuffix(", reads so") && kept.count == 1, "\(line)"
            )
            #expect(
                try await gateway.suppressed("+15005550101") == (verdict == .all ? ["sms", "voice", "whatsapp"] : []))
        }
    }

    @Test("without the second login, and for a sign-in that only reads, no text is shown and nothing is decided")
    func readers() async throws {
        for (access, canAct) in [(GatewayFixture.ann, false), (GatewayFixture.shared, true)] {
            let gateway = try await Self.gateway(canAct: canAct)
            try await gateway.live { client async throws in
                let reader = Person(client, access)
                let list = try await reader.get("/optouts").text
                #expect(
                    list.contains("OUTRIDER_OPERATOR_") && !list.contains("/optouts/1") && !list.contains("texting"))
                let page = try await reader.get("/optouts/1")
                #expect(page.status == .forbidden && !page.text.contains("texting"))
                #expect(try await reader.send(("/optouts/1/all", "x"), reason: "x").status == .forbidden)
                #expect(try await gateway.count("opt_out_wishes", where: "settled_at is null") == 3)
            }
        }
    }

    private static func token(_ verdict: WishVerdict, _ person: Person) async throws -> String {
        let pattern = try Regex(
            "action=\"/optouts/1/\(verdict.rawValue)\"><input type=\"hidden\" name=\"token\" value=\"([^\"]+)\"")
        let page = try await person.get("/optouts/1").text
        return String(try #require(try pattern.firstMatch(in: page)?.output[1].substring))
    }
}
