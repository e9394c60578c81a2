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
@Suite("What people do on the page", .timeLimit(.minutes(5)))
struct CampaignActionTests {
    @Test("an action is done once, in the name of who signed in, and the history says it on the page")
    func acts() async throws {
        let gateway = try await GatewayFixture.people()
        try await gateway.live { client async throws in
            let ann = Person(client, GatewayFixture.ann)
            let token = try await ann.token("start")
            let first = try await ann.send("start", token, ["reason": "agreed with <b>Ben</b>"])
            #expect(first.status == .seeOther)
            #expect(first.headers[.location]?.hasPrefix("/campaigns/1?said=started&seal=") == true)
            // The second half of a double click, and a reload.
            for _ in 0..<2 {
                let again = try await ann.send("start", token, ["reason": "agreed with <b>Ben</b>"])
                let page = try await ann.get(try #require(again.headers[.location]))
                #expect(page.text.contains("This has been done already."))
            }
            #expect(try await gateway.deeds() == ["ann started agreed with <b>Ben</b>"])
            let pause = try await Person(client, GatewayFixture.ben).send(
                "pause", try await Person(client, GatewayFixture.ben).token("pause"))
            let page = try await ann.get(try #require(pause.headers[.location]))
            #expect(page.text.contains("paused: nothing more of it is begun</p>"))
            #expect(page.text.contains("<td>ann <span class=\"quiet\">by page_gateway_"))
            #expect(page.text.contains("agreed with &lt;b&gt;Ben&lt;/b&gt;") && !page.text.contains("<script"))
            _ = try await ann.send("resume", try await ann.token("resume"), ["reason": "all is well"])
            _ = try await ann.send("cancel", try await ann.token("cancel"), ["reason": "sold out"])
            #expect(
                try await gateway.deeds().dropFirst() == [
                    "ben paused", "ann resumed all is well", "ann canceled sold out",
                ])
            let ended = try await ann.get("/campaigns/1")
            #expect(!ended.text.contains("<form") && !ended.text.contains("/campaigns/1/cancel"))
        }
    }

    @Test(
        "a start asks first: people, segments, the senders' rates, the finish and how it reads; and it wants a reason")
    func asking() async throws {
        let gateway = try await GatewayFixture.people()
        try await gateway.query("select outrider.suppress('+15550000004')")
        try await gateway.live { client async throws in
            let ann = Person(client, GatewayFixture.ann)
            let page = try await ann.get("/campaigns/1/start")
            for part in [
                "<td>4 in 4 rows; 0 twice, 0 refused</td>", "<td>3 people</td>",
                "Look at its text", "says an offer without how to stop",
                "<td>3: 3 people with 1; some are of 70 characters because of &quot;Ż&quot;</td>", "<td>3 by sms</td>",
                "2 s at the senders&#39; rates: begun now, by 20", "<td>opted_out</td>", "<pre>Hello Żaneta1</pre>",
                "&lt;script&gt;spring&lt;/script&gt;",
            ] {
                #expect(page.text.contains(part), "\(part)")
            }
            #expect(!page.text.contains("<script") && !page.text.contains("+1555"))
            for reason in ["", "   ", "\u{200B}"] {
                let again = try await ann.send("start", try await ann.token("start"), ["reason": reason])
                #expect(again.status == .badRequest && again.text.contains("Say why"))
            }
            #expect(try await gateway.campaignState() == "draft")
        }
    }

    @Test("a retry names the classes of those who were not reached, and asks again for the ones that are marked")
    func retry() async throws {
        let gateway = try await GatewayFixture.people()
        try await gateway.query("select outrider.start_campaign('\(GatewayFixture.campaign)')")
        try await gateway.query(
            """
            insert into outrider.campaign_deltas (campaign_id, wave, variant, country, channel, outcome, class, ended)
            values (1, 1, '', '+1', 'sms', 'exhausted', 'unreachable', 2), (1, 1, '', '+1', 'sms', 'opted_out', '', 1),
                   (1, 1, '', '+1', 'sms', 'expired', '', 1)
            """)
        try await gateway.live { client async throws in
            let ann = Person(client, GatewayFixture.ann)
            let page = try await ann.get("/campaigns/1/retry").text
            #expect(page.contains("<th scope=\"row\">People not reached</th><td>3</td>"))
            #expect(
                page.contains("value=\"unreachable\"> unreachable (2)")
                    && page.contains("value=\"expired\"> expired (1)"))
            #expect(!page.contains("opted_out"))
            let token = try await ann.token("retry")
            let form = FormParameters([
                ("token", token), ("class", "unreachable"), ("class", "expired"), ("reason", "a try"),
            ])
            let answer = try await client.post("/campaigns/1/retry", ann.headers, form.encoded())
            #expect(answer.headers[.location]?.contains("said=wave%202%3A%20a%20worker%20asks%20again") == true)
            let wave = try await gateway.query(
                "select wave, array_to_string(classes, ',') as classes from outrider.campaign_loads")
            #expect(try wave.map { try $0.string("classes") } == ["unreachable,expired"])
            #expect(try await gateway.deeds().last == "ann retry asked for a try")
        }
    }

    @Test("an audience that the page's login may not read is not previewed, and the page says what to grant")
    func noPreview() async throws {
        let gateway = try await GatewayFixture.people()
        try await gateway.admin.run(
            script: """
                create table public.members as select 1 as key, '+15550000001' as phone, 'Ann' as name;
                grant usage on schema public to outrider_worker, outrider_operator; grant select on public.members to outrider_worker;
                select outrider.create_campaign('summer', channel => 'sms', body => 'Hi {{name}}', audience => 'public.members')
                """)
        try await gateway.live { client async throws in
            let ann = Person(client, GatewayFixture.ann)
            let refused = try await ann.get("/campaigns/2/start").text
            #expect(
                refused.contains("audience_must_be_yours_to_read")
                    && refused.contains("grant select on public.members to page_"))
            #expect(try await ann.get("/campaigns/2").text.contains("action=\"/campaigns/2/load\""))
        }
    }

    @Test("what the database refuses is said with its hint, and a click that failed may be sent again")
    func refusals() async throws {
        let gateway = try await GatewayFixture.people()
        try await gateway.live { client async throws in
            let ann = Person(client, GatewayFixture.ann)
            let token = try await ann.token("start")
            try await gateway.query("select outrider.start_campaign('\(GatewayFixture.campaign)')")
            let late = try await ann.send("start", token, ["reason": "x"])
            #expect(late.status == .conflict)
            #expect(
                late.text.contains(
                    "campaign_starts_once: &quot;&lt;script&gt;spring&lt;/script&gt;&quot; is running. See outrider.campaign_status."
                ))
            #expect(!late.text.contains("<script"))
            #expect(try await gateway.count("operations") == 0)
            let pause = try await ann.token("pause")
            try await gateway.query("select outrider.cancel_campaign('\(GatewayFixture.campaign)')")
            #expect(try await ann.send("pause", pause).text.contains("Only one that runs can be paused."))
            let malformed = try await client.post(
                "/campaigns/1/pause", ann.headers.with(.contentType, "application/json"), "{}")
            #expect(malformed.status == .badRequest)
        }
    }

    @Test("who failed and why, and everybody, as CSV: by key, never by address; and the course as a picture")
    func files() async throws {
        let gateway = try await GatewayFixture.people()
        try await gateway.query(
            """
            insert into outrider.events (job_id, generation, kind, status, code, channel, class, reason)
            select id, 0, 'outcome', 'ended', case when id % 2 = 0 then 'exhausted' else 'delivered' end, 'sms',
                   case when id % 2 = 0 then 'unreachable' end, case when id % 2 = 0 then 'it said "no",' || chr(10) || 'twice' end
              from outrider.jobs
            """)
        try await gateway.query(
            "insert into outrider.campaign_minutes values (1, '2026-11-26 10:00Z', 5, 5, 5), (1, '2026-11-26 10:04Z', 5, 5, 10)"
        )
        try await gateway.live { client async throws in
            let ann = Person(client, GatewayFixture.ann)
            let all = try await ann.get("/campaigns/1/people.csv")
            #expect(all.headers[.contentDisposition] == "attachment; filename=\"campaign-1-people.csv\"")
            #expect(
                all.text.hasPrefix("job,key,wave,variant,state,outcome,channel,class,reason\n1,\"key,1\",1,,delivered,")
            )
            #expect(all.text.split(separator: "\n").count(where: { $0.contains("\"key,") }) == 4)
            let failed = try await ann.get("/campaigns/1/failed.csv")
            #expect(
                failed.text.contains(
                    "2,\"key,2\",1,,exhausted,exhausted,sms,unreachable,\"it said \"\"no\"\",\ntwice\"\n"))
            #expect(!failed.text.contains("\"key,1\"") && failed.text.contains("\"key,4\""))
            #expect(try await !ann.get("/campaigns/1/failed.csv?after=2").text.contains("\"key,2\""))
            #expect(!(all.text + failed.text).contains("+1555"))
            let chart = try await ann.get("/campaigns/1/chart.svg")
            #expect(chart.headers[.contentType] == "image/svg+xml" && chart.text.contains("<polyline points=\"56,"))
            #expect(chart.text.contains("&lt;script&gt;spring") && !chart.text.contains("<script"))
            #expect(try await ann.get("/campaigns/2/people.csv").status == .notFound)
            #expect(try await ann.get("/campaigns/1/other").status == .notFound)
        }
    }

    @Test("a sign-in that many share only reads where people are named, and without the second login everybody does")
    func readers() async throws {
        let gateway = try await GatewayFixture.people()
        try await gateway.live { client async throws in
            let reader = Person(client, GatewayFixture.shared)
            let token = try await Person(client, GatewayFixture.ann).token("start")
            let page = try await reader.get("/campaigns/1")
            #expect(!page.text.contains("<form") && page.text.contains("the people of OUTRIDER_OPERATOR_PEOPLE act"))
            #expect(page.headers[.contentSecurityPolicy]?.contains("form-action 'none'") == true)
            for path in ["/campaigns/1/start", "/campaigns/1/people.csv"] {
                #expect(try await reader.get(path).status == .forbidden)
            }
            #expect(try await reader.send("start", token, ["reason": "x"]).status == .forbidden)
        }
        let readOnly = try await GatewayFixture(people: [GatewayFixture.ann], port: 0)
        try await readOnly.addCampaign()
        try await readOnly.live { client async throws in
            let ann = Person(client, GatewayFixture.ann)
            #expect(try await ann.get("/campaigns/1").text.contains("set OUTRIDER_OPERATOR_DATABASE_URL to a login"))
            #expect(try await ann.send("start", "x", ["reason": "x"]).status == .forbidden)
            #expect(try await ann.get("/campaigns/1/start").status == .forbidden)
        }
    }

    @Test("an operator is believed in whose name they act, an application is not")
    func believed() async throws {
        let gateway = try await GatewayFixture.people()
        let login = "shop_\(UInt64.random(in: 0...UInt64.max))"
        try await gateway.admin.run(
            script: """
                create role \(login) login in role outrider_app;
                set session authorization \(login);
                begin; select set_config('outrider.person', 'ann', true); select outrider.start_campaign('\(GatewayFixture.campaign)'); commit;
                reset session authorization;
                begin; select outrider.act_for('ben', 'one'); select outrider.pause_campaign('\(GatewayFixture.campaign)', 'x'); commit;
                select outrider.resume_campaign('\(GatewayFixture.campaign)');
                """)
        #expect(try await gateway.deeds() == ["started", "ben paused x", "resumed"])
    }
}
