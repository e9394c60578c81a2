import HTTPTypes
import HummingbirdTesting
import Insight
import Postgres
import Synchronization
import TestDatabase
import Testing

@testable import Gateway

@Suite("The operator page and the metrics", .timeLimit(.minutes(5)))
struct OperatorPageTests {
    @Test("the page shows counts and jobs, escapes every name, and never a full address or a text")
    func page() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt()
        try await gateway.query(
            """
            insert into outrider.events (job_id, generation, kind, status, code, channel, reason)
            values ($1, 0, 'outcome', 'ended', 'delivered', 'sms', '<script>alert("x")</script>')
            """, [.int(job)])
        try await gateway.testing { client async throws in
            for path in ["/", "/jobs/\(job)", "/?refresh=1"] {
                let page = try await client.getInTime(path)
                #expect(page.status == .ok)
                #expect(page.headers[.contentType] == "text/html; charset=utf-8")
                #expect(page.text.contains("delivered"))
                #expect(page.text.contains("&lt;script&gt;"))
                #expect(!page.text.contains("<script"))
                #expect(!page.text.contains(GatewayFixture.person))
                #expect(!page.text.contains("hello"))
                #expect(page.text.contains("http-equiv=\"refresh\"") == path.contains("refresh"))
            }
        }
    }

    @Test("every page is there as JSON, by query or by Accept")
    func json() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt()
        try await gateway.testing { client async throws in
            let summary = try await client.getInTime("/?format=json")
            #expect(summary.headers[.contentType] == "application/json")
            #expect(summary.text.contains("\"recent_jobs\""))
            let timeline = try await client.getInTime("/jobs/\(job)", [.accept: "application/json"])
            #expect(timeline.text.contains("intent: about to send"))
            #expect(timeline.text.contains("\"why\" : \"Under way: "))
            #expect(try await client.getInTime("/jobs/\(job)").text.contains("role=\"status\">Under way: "))
            #expect(try await client.getInTime("/jobs/999999?format=json").status == .notFound)
            #expect(try await client.get("/jobs/x").status == .notFound)
            #expect(try await client.get("/jobs/99999999999999999999").status == .notFound)
        }
    }

    @Test(
        "campaigns are listed with their progress, and one shows its figures, its course and who did what; never a person"
    )
    func campaigns() async throws {
        let gateway = try await GatewayFixture()
        try await gateway.query(
            "select outrider.create_campaign('<script>spring', channel => 'sms', body => 'hello', reason => 'agreed')")
        try await gateway.query(
            """
            insert into outrider.jobs (channel, address, body, campaign)
            select 'sms', '+1555' || lpad(n::text, 7, '0'), 'hello', '<script>spring' from generate_series(1, 4) n
            """)
        try await gateway.query("select outrider.start_campaign('<script>spring')")
        try await gateway.query(
            "select outrider.cancel(id) from outrider.jobs where id = (select min(id) from outrider.jobs)")
        try await gateway.query(
            "insert into outrider.campaign_minutes values (1, '2026-11-26 10:00Z', 5, 5, 5), (1, '2026-11-26 10:04Z', 5, 5, 10)"
        )
        try await gateway.query("select outrider.pause_campaign('<script>spring', 'wrong <b>price</b>')")
        try await gateway.testing { client async throws in
            let list = try await client.getInTime("/campaigns")
            #expect(list.status == .ok)
            #expect(list.text.contains("<a href=\"/campaigns/1\">&lt;script&gt;spring</a>"))
            #expect(list.text.contains("1 of 4") && list.text.contains("wrong &lt;b&gt;price"))
            let page = try await client.getInTime("/campaigns/1?refresh=1")
            for part in [
                "4 people: 1 done, 3 left",
                "<polyline points=\"56,130 279,230 502,230 725,230 948,30\"", "at most 10 done a minute",
                "This page only reads. To act here, set OUTRIDER_OPERATOR_DATABASE_URL",
                "canceled", "+1",
                "agreed",
                "wrong &lt;b&gt;price", "http-equiv=\"refresh\"",
            ] {
                #expect(page.text.contains(part), "\(part)")
            }
            for text in [list.text, page.text] {
                #expect(
                    !text.contains("<form") && !text.contains("<script") && !text.contains("+1555")
                        && !text.contains("hello"))
            }
            let json = try await client.getInTime("/campaigns/1?format=json")
            #expect(json.text.contains("\"people\" : 4") && json.text.contains("\"what\" : \"paused\""))
            #expect(try await client.getInTime("/campaigns?format=json").text.contains("\"state\" : \"paused\""))
            for missing in ["/campaigns/2", "/campaigns/x", "/campaigns/99999999999999999999"] {
                let reply = try await client.get(missing)
                #expect(reply.status == .notFound && reply.text.contains("no such campaign"))
            }
        }
    }

    @Test(
        "schedules are listed, and one shows its rules, its times with the reasons and who did what; never an address or a text"
    )
    func schedules() async throws {
        let gateway = try await GatewayFixture()
        try await gateway.query(
            """
            select outrider.create_schedule('<script>weekly', '0 9 * * MON', 'Europe/Warsaw',
                     '{"job": {"channel": "sms", "address": "+15550000101", "body": "hello"}}', reason => 'agreed')
            """)
        try await gateway.query("update outrider.schedule_events set person = 'Ann <b>'")
        try await gateway.query(
            """
            update outrider.schedule_clocks
               set words = 'Mondays at 9:00', next_at = '2199-01-07 08:00Z', upcoming = '{2199-01-07 08:00Z}',
                   upcoming_real = '{2199-01-07 08:01:30Z}'
            """)
        try await gateway.query(
            """
            insert into outrider.schedule_fires (schedule_id, nominal_at, real_at, outcome, reason, cause, job_id)
            values (1, '2026-01-05 08:00Z', '2026-01-05 08:00Z', 'fired', null, 'time', 17),
                   (1, '2026-01-12 08:00Z', '2026-01-12 08:00Z', 'failed', 'template <b>gone</b>', 'time', null)
            """)
        try await gateway.testing { client async throws in
            let list = try await client.getInTime("/schedules")
            #expect(list.status == .ok)
            #expect(list.text.contains("<a href=\"/schedules/1\">&lt;script&gt;weekly</a>"))
            for part in ["Mondays at 9:00", "2199-01-07 08:01:30", "2026-01-12 08:00:00", "failed", "&lt;b&gt;gone"] {
                #expect(list.text.contains(part), "\(part)")
            }
            let page = try await client.getInTime("/schedules/1?refresh=1")
            for part in [
                "<td>Mon 2199-01-07 09:00</td>", "2199-01-07 08:01:30", "makes a job", "<td>latest</td>",
                "<a href=\"/jobs/17\">job 17</a>", "template &lt;b&gt;gone", "agreed", "<td>Ann &lt;b&gt;, by ",
                "http-equiv=\"refresh\"",
            ] {
                #expect(page.text.contains(part), "\(part)")
            }
            let json = try await client.getInTime("/schedules/1?format=json")
            #expect(json.text.contains("\"outcome\" : \"failed\"") && json.text.contains("\"what\" : \"created\""))
            let all = try await client.getInTime("/schedules?format=json")
            #expect(all.text.contains("\"state\" : \"running\""))
            for text in [list.text, page.text, json.text, all.text] {
                #expect(!text.contains("+1555") && !text.contains("hello"))
            }
            #expect(!list.text.contains("<script") && !page.text.contains("<script"))
            #expect(try await client.getInTime("/").text.contains("href=\"/schedules\""))
            for missing in ["/schedules/2", "/schedules/x", "/schedules/99999999999999999999"] {
                let reply = try await client.get(missing)
                #expect(reply.status == .notFound && reply.text.contains("no such schedule"))
            }
        }
    }

    @Test("with a password, page and metrics open to nobody else, while health stays open")
    func access() async throws {
        let gateway = try await GatewayFixture(operatorAccess: .init(user: "ops", password: "p:w"))
        try await gateway.testing { client async throws in
            for path in ["/", "/jobs/1", "/campaigns", "/campaigns/1", "/schedules", "/schedules/1", "/metrics"] {
                let (bare, wrong) = (
                    try await client.get(path), try await client.get(path, [.authorization: "Basic b3BzOnA6eA=="])
                )
                #expect(bare.status == .unauthorized)
                #expect(wrong.status == .unauthorized)
                #expect(bare.text.contains("OUTRIDER_OPERATOR_PASSWORD"))
            }
            #expect(try await client.getInTime("/", [.authorization: "Basic b3BzOnA6dw=="]).status == .ok)
            #expect(try await client.get("/healthz").status == .ok)
            #expect(try await client.getInTime("/readyz").status == .ok)
        }
    }

    @Test("HEAD is answered as GET is, without the body, and a path that serves nothing says so")
    func headAndMissing() async throws {
        let gateway = try await GatewayFixture()
        try await gateway.testing { client async throws in
            for path in ["/healthz", "/metrics", "/"] {
                _ = try await client.getInTime(path)
                let head = try await client.execute(uri: path, method: .head)
                #expect(head.status == .ok, "\(path)")
                #expect(head.text.isEmpty)
                #expect((Int(head.headers[.contentLength] ?? "") ?? 0) > 5)
            }
            let missing = try await client.get("/nowhere")
            #expect(missing.status == .notFound)
            #expect(missing.text == "404 Not Found: this path serves no GET.\n")
            #expect(try await client.execute(uri: "/nowhere", method: .head).text.isEmpty)
            #expect(try await client.get("/webhooks/twilio/status").text.contains("serves no GET"))
        }
    }

    @Test("without a password, page and metrics are closed where the world may reach them, and say how to open them")
    func closed() async throws {
        let gateway = try await GatewayFixture(isOpen: false)
        let job = try await gateway.attempt()
        try await gateway.testing { client async throws in
            for path in ["/", "/jobs/\(job)", "/metrics"] {
                let answer = try await client.get(path, [.authorization: "Basic Og=="])
                #expect(answer.status == .forbidden)
                #expect(answer.text.contains("Set OUTRIDER_OPERATOR_USER and OUTRIDER_OPERATOR_PASSWORD"))
            }
            #expect(try await client.get("/healthz").status == .ok)
            #expect(try await client.getInTime("/readyz").status == .ok)
            #expect(try await client.sendInTime(.status(job: job, "delivered")).status == .noContent)
        }
    }

    @Test("passwords are guessed slowly, and guesses of others keep nobody out who was let in before")
    func guesses() async throws {
        let gateway = try await GatewayFixture(operatorAccess: .init(user: "ops", password: "p:w"))
        let right = "Basic b3BzOnA6dw=="
        let forwarded = try #require(HTTPField.Name("X-Forwarded-For"))
        try await gateway.testing { client async throws in
            for _ in 0..<10 { #expect(try await client.get("/", [.authorization: "Basic x"]).status == .unauthorized) }
            let refused = try await client.get("/", [.authorization: right])
            #expect(refused.status == .tooManyRequests)
            #expect(refused.headers[.retryAfter] == "60")
            let operatorHeaders: HTTPFields = [.authorization: right, forwarded: "6.6.6.6, 192.0.2.1"]
            #expect(try await client.getInTime("/", operatorHeaders).status == .ok)
            // As many strangers as there may be.
            for number in 0..<120 {
                _ = try await client.get("/", [.authorization: "Basic x", forwarded: "198.51.100.\(number)"])
            }
            let stranger: HTTPFields = [.authorization: right, forwarded: "203.0.113.1"]
            #expect(try await client.get("/", stranger).status == .tooManyRequests)
            #expect(try await client.getInTime("/", operatorHeaders).status == .ok)
        }
    }

    @Test("what was guessed comes back with time")
    func patience() {
        let time = Mutex(ContinuousClock.now)
        let attempts = WrongAttempts { time.withLock { $0 } }
        for _ in 0..<10 { #expect(attempts.mayTry("one")) }
        #expect(!attempts.mayTry("one"))
        #expect(attempts.mayTry("another"))
        time.withLock { $0 += .seconds(6) }
        #expect(attempts.mayTry("one"))
        #expect(!attempts.mayTry("one"))
    }

    @Test("metrics say what the database holds and what the webhooks became")
    func metrics() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt()
        try await gateway.testing { client async throws in
            _ = try await client.send(.status(job: job, "delivered"))
            _ = try await client.send(.status(job: job, "delivered", token: "forged"))
            // On a loaded machine the database may take longer than a scrape waits for it.
            let deadline = ContinuousClock.now + .seconds(90)
            var text = ""
            repeat {
                text = try await client.get("/metrics").text
            } while !(text.contains("outrider_database_up 1") && text.contains("outrider_figures_late 0"))
                && ContinuousClock.now < deadline
            for line in [
                "outrider_database_up 1", #"outrider_due{reason="decide",when="now"} 1"#, "outrider_workers_alive 0",
                #"outrider_webhooks_total{result="stored",source="status"} 1"#,
                #"outrider_webhooks_total{result="forged",source="status"} 1"#,
                #"outrider_webhook_duration_seconds_count{source="status"} 2"#,
                #"outrider_due_exact{reason="decide",when="now"} 1"#, #"outrider_troubles{cause="no_worker"} 0"#,
                // Series of what has not happened yet: a rule on their increase sees the first event.
                #"outrider_webhooks_total{result="unavailable",source="mail"} 0"#,
                #"outrider_arrivals_total{fate="unknown",source="voice"} 0"#,
            ] {
                #expect(text.contains(line + "\n"), "\(line)")
            }
            let types = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
            let shown = types.map { $0.split(separator: " ")[2] }
            for name in shown { #expect(MetricHelp.isDescribed(String(name)), "\(name)") }
            #expect(Set(shown).count == shown.count)
        }
    }
}
