import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Postgres
import Signing
import TestDatabase
import Testing

@testable import Gateway

/// Over real connections, with the logins that an installation has: the gateway's own and the one for people.
@Suite("What people do to schedules on the page", .timeLimit(.minutes(5)))
struct ScheduleActionTests {
    @Test("an action on a schedule asks first, is done once, in the name of who signed in, and the history says it")
    func acts() async throws {
        let gateway = try await GatewayFixture.people()
        try await gateway.addSchedules(1)
        try await gateway.live { client async throws in
            let (ann, ben) = (Person(client, GatewayFixture.ann), Person(client, GatewayFixture.ben))
            let form = try await ann.form(at: "/schedules/1/pause")
            let first = try await ann.send(form, reason: "stock is <b>out</b>")
            #expect(
                first.status == .seeOther && first.headers[.location]?.hasPrefix("/schedules/1?said=paused") == true)
            let again = try await ann.send(form, reason: "stock is <b>out</b>")
            let page = try await ann.get(try #require(again.headers[.location])).text
            #expect(page.contains("This has been done already.") && page.contains("<td>ann, by page_gateway_"))
            #expect(page.contains("stock is &lt;b&gt;out") && !page.contains("<script"))
            #expect(page.contains("/schedules/1/resume") && !page.contains("/schedules/1/pause"))
            _ = try await ben.confirm("/schedules/1/resume")
            let fired = try await ann.confirm("/schedules/1/trigger", reason: "Ben asked")
            #expect(
                try await ann.get(try #require(fired.headers[.location])).text.contains("role=\"status\">fired</p>"))
            #expect(try await gateway.query("select from outrider.jobs where campaign is null").count == 1)
            let dropped = try await ann.confirm("/schedules/1/drop", reason: "over")
            let list = try await ann.get(try #require(dropped.headers[.location])).text
            #expect(list.contains("&lt;script&gt;1: dropped: it fires no more. What it has made goes on</p>"))
            #expect(try await gateway.count("schedules") == 0)
            #expect(
                try await gateway.scheduleDeeds()
                    == ["ann paused stock is <b>out</b>", "ben resumed", "ann triggered Ben asked", "ann dropped over"])
        }
    }

    @Test(
        "the page that asks says what it makes, its next times with their zone, and never an address or a text",
        arguments: ScheduleAction.allCases)
    func asking(_ action: ScheduleAction) async throws {
        let gateway = try await GatewayFixture.people()
        try await gateway.addSchedules(1)
        if action == .resume { try await gateway.query("select outrider.pause_schedule('<script>1', 'x')") }
        try await gateway.live { client async throws in
            let ann = Person(client, GatewayFixture.ann)
            let page = try await ann.get("/schedules/1/\(action.rawValue)")
            #expect(page.status == .ok && page.headers[.contentSecurityPolicy]?.contains("form-action 'self'") == true)
            var parts = [
                "<h1>\(action.label): &lt;script&gt;1?</h1>", "every day at 9:00, Europe/Warsaw",
                "<td>job, category alert, channel sms</td>",
                "<td>Mon 2199-01-07 09:00</td><td>2199-01-07 08:01:30</td>",
            ]
            if action == .trigger {
                parts += ["<td>once, now: one job</td>", "<td>it fires beside it</td>"]
            }
            for part in parts { #expect(page.text.contains(part), "\(part)") }
            #expect(!page.text.contains("+1555") && !page.text.contains("hello") && !page.text.contains("<script"))
            #expect(try await gateway.scheduleDeeds().count == (action == .resume ? 1 : 0))
            guard action.needsReason, action != .backfill else { return }
            let bare = try await ann.confirm("/schedules/1/\(action.rawValue)", reason: " ")
            #expect(bare.status == .badRequest && bare.text.contains("Say why"))
            #expect(try await gateway.scheduleDeeds() == [])
        }
    }

    @Test("a backfill counts the times of its span before it is asked for, and fires the span that was counted")
    func backfill() async throws {
        let gateway = try await GatewayFixture.people()
        try await gateway.addSchedules(1)
        try await gateway.query(
            """
            insert into outrider.schedule_fires (schedule_id, nominal_at, real_at, outcome, cause)
            values (1, '2020-01-02 08:00Z', '2020-01-02 08:00Z', 'fired', 'time'), (1, '2020-01-03 08:00Z', '2020-01-03 08:00Z', 'skipped', 'time')
            """)
        try await gateway.live { client async throws in
            let ann = Person(client, GatewayFixture.ann)
            let empty = try await ann.get("/schedules/1/backfill").text
            #expect(empty.contains("<form method=\"get\"") && !empty.contains("method=\"post\""))
            let path = "/schedules/1/backfill?from=2020-01-01&until=2020-01-10+09%3A00%2B01"
            let page = try await ann.get(path).text
            for part in [
                "<td>10, of which 1 fired already</td>", "<td>9: a job each</td>", "<td>2020-01-01T00:00:00Z</td>",
                "<td>Wed 2020-01-01 09:00 +01:00</td><td>2020-01-01 08:00:00</td>",
                "<td>Fri 2020-01-03 09:00 +01:00</td>",
                "<td>Sat 2020-01-04 09:00 +01:00</td>", "value=\"2020-01-10T08:00:00Z\"",
            ] {
                #expect(page.contains(part), "\(part)")
            }
            let form = try await ann.form(at: path)
            let bare = try await ann.send(form)
            #expect(bare.status == .badRequest && bare.text.contains("9: a job each"))
            var other = form
            other.path.replace("2020-01-01", with: "2020-01-02")
            #expect(try await ann.send(other, reason: "x").status == .forbidden)
            let answer = try await ann.send(form, reason: "the database was down")
            #expect(answer.headers[.location]?.contains("said=a%20worker%20fires%20the%20times") == true)
            let asked = try await gateway.query(
                "select next_after = '2019-12-31 23:59:59.999999Z' and until_at = '2020-01-10 08:00Z' as is_it from outrider.schedule_backfills"
            )
            #expect(try asked.map { try $0.bool("is_it") } == [true])
            #expect(try await gateway.scheduleDeeds() == ["ann backfill asked for the database was down"])
        }
    }

    @Test(
        "a span that the database would refuse is said before anything is sent, and what was written stays",
        arguments: [
            ("2020-01-02", "2020-01-01", "the first before the second"),
            ("2018-01-01", "2020-01-01", "at most 366 days"),
            ("2020-01-01", "2199-01-01", "both past"), ("infinity", "infinity", "The database refused"),
            ("<b>soon", "2020-01-01", "The database refused"),
        ])
    func refusedSpan(_ from: String, _ until: String, _ says: String) async throws {
        let gateway = try await GatewayFixture.people()
        try await gateway.addSchedules(1)
        try await gateway.live { client async throws in
            let ann = Person(client, GatewayFixture.ann)
            let query = FormParameters([("from", from), ("until", until)]).encoded()
            let page = try await ann.get("/schedules/1/backfill?\(query)")
            #expect(page.status == .badRequest && page.text.contains("role=\"alert\""))
            #expect(
                page.text.contains(says)
                    && page.text.contains("name=\"until\" required maxlength=\"40\" value=\"\(until)\""))
            #expect(!page.text.contains("method=\"post\"") && !page.text.contains("<b>soon"))
        }
    }

    @Test("a span of very many times is counted to ten thousand")
    func longSpan() async throws {
        let gateway = try await GatewayFixture.people()
        try await gateway.addSchedules(1, cron: "* * * * *")
        try await gateway.live { client async throws in
            let ann = Person(client, GatewayFixture.ann)
            let page = try await ann.get("/schedules/1/backfill?from=2020-01-01&until=2020-01-09").text
            #expect(page.contains("<td>more than 10000: a job each</td>"))
        }
    }

    @Test("schedules of a tenant are paused and resumed by their tag or all at once, after a page that names them")
    func many() async throws {
        let gateway = try await GatewayFixture.people()
        try await gateway.addSchedules(3)
        let tenant = try await gateway.query("select tenant from outrider.schedules limit 1")[0].string("tenant")
        try await gateway.live { client async throws in
            let ann = Person(client, GatewayFixture.ann)
            let list = try await ann.get("/schedules").text
            #expect(list.contains("<option>\(tenant)</option>") && list.contains("<option>tag 2</option>"))
            let tagged = "/schedules/pause?tenant=\(tenant)&tag=tag+2"
            let page = try await ann.get(tagged).text
            #expect(
                page.contains("<td>&lt;script&gt;2, every day at 9:00</td><td>Mon 2199-01-07 09:01, Europe/Warsaw</td>")
            )
            #expect(!page.contains("&lt;script&gt;3"))
            let form = try await ann.form(at: tagged)
            var other = form
            other.path.replace("tag%202", with: "tag%203")
            #expect(other.path != form.path)
            #expect(try await ann.send(other, reason: "x").status == .forbidden)
            let paused = try await ann.send(form, reason: "holidays")
            #expect(try await ann.get(try #require(paused.headers[.location])).text.contains("paused: 1 schedule</p>"))
            _ = try await ann.confirm("/schedules/pause?tenant=\(tenant)&tag=", reason: "all")
            #expect(try await gateway.query("select from outrider.schedule_clocks where paused_at is null").isEmpty)
            let resumed = try await ann.confirm("/schedules/resume?tenant=\(tenant)&tag=all")
            #expect(resumed.headers[.location]?.hasPrefix("/schedules?said=resumed%3A%203%20schedules") == true)
            #expect(
                try await gateway.scheduleDeeds().sorted()
                    == ["ann paused all", "ann paused all", "ann paused holidays"]
                    + Array(repeating: "ann resumed", count: 3))
            for path in [
                "/schedules/pause", "/schedules/trigger?tenant=\(tenant)", "/schedules/1/start", "/schedules/9/drop",
            ] {
                #expect(try await ann.get(path).status == .notFound, "\(path)")
            }
        }
    }

    @Test("without the second login, and for a sign-in that only reads, schedules are shown and nothing is offered")
    func readers() async throws {
        for access in [GatewayFixture.ann, GatewayFixture.shared] {
            let gateway = try await GatewayFixture(
                operatorAccess: GatewayFixture.shared, people: [GatewayFixture.ann],
                canAct: access.user == GatewayFixture.shared.user, port: 0)
            try await gateway.addSchedules(1)
            try await gateway.live { client async throws in
                let reader = Person(client, access)
                for path in ["/schedules", "/schedules/1"] {
                    let page = try await reader.get(path)
                    #expect(page.status == .ok && !page.text.contains("<form") && !page.text.contains("/schedules/1/"))
                    #expect(page.text.contains("OUTRIDER_OPERATOR_"))
                }
                for path in [
                    "/schedules/1/drop", "/schedules/1/backfill?from=2020-01-01&until=2020-01-02",
                    "/schedules/pause?tenant=x&tag=",
                ] {
                    #expect(try await reader.get(path).status == .forbidden)
                    #expect(try await reader.send((path, "x"), reason: "x").status == .forbidden)
                }
                #expect(try await gateway.scheduleDeeds() == [])
            }
        }
    }
}
