import HTTPTypes
import HummingbirdTesting
import Insight
import Postgres
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
            #expect(try await client.getInTime("/jobs/999999?format=json").status == .notFound)
            #expect(try await client.get("/jobs/x").status == .notFound)
            #expect(try await client.get("/jobs/99999999999999999999").status == .notFound)
        }
    }

    @Test("with a password, page and metrics open to nobody else, while health stays open")
    func access() async throws {
        let gateway = try await GatewayFixture(operatorAccess: .init(user: "ops", password: "p:w"))
        try await gateway.testing { client async throws in
            for path in ["/", "/jobs/1", "/metrics"] {
                let (bare, wrong) = (
                    try await client.get(path), try await client.get(path, [.authorization: "Basic b3BzOnA6eA=="])
                )
                #expect(bare.status == .unauthorized)
                #expect(wrong.status == .unauthorized)
            }
            #expect(try await client.getInTime("/", [.authorization: "Basic b3BzOnA6dw=="]).status == .ok)
            #expect(try await client.get("/healthz").status == .ok)
            #expect(try await client.getInTime("/readyz").status == .ok)
        }
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
