import Delivery
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Insight
import Logging
import Postgres
import Synchronization
import TestDatabase
import Testing

@testable import Gateway

@Suite("Troubles are said", .timeLimit(.minutes(5)))
struct TroubleTests {
    private static func watch(_ pool: PostgresPool, _ lines: Lines, _ registry: PrometheusRegistry) -> TroubleWatch {
        TroubleWatch(
            Overview(pool, deadline: .seconds(30)), metrics: registry,
            logger: Logger(label: "test", factory: { _ in lines }))
    }

    /// A sender that the provider refuses, as a worker's statement pauses it.
    private static let refuse =
        "select outrider.pause_sender(1, 'the provider said 20003 of job 1', 30)"

    @Test("wrong credentials: one line with code, meaning and remedy, a metric, the page; and one line when it is over")
    func credentials() async throws {
        let gateway = try await GatewayFixture()
        let (lines, registry) = (Lines(), PrometheusRegistry())
        let watch = Self.watch(gateway.admin, lines, registry)
        await watch.look()
        #expect(lines.all == [])
        try await gateway.query(Self.refuse)
        for _ in 0..<5 {
            await watch.look()
            try await gateway.query(Self.refuse)
        }
        let said = lines.all.filter { $0.contains("sender_paused") }
        #expect(said.count == 1)
        #expect(said.first?.contains("20003") == true)
        #expect(said.first?.contains("Authenticate") == true || said.first?.contains("redential") == true)
        #expect(said.first?.contains("TWILIO_API_KEY_SECRET") == true)
        #expect(registry.text().contains("outrider_troubles{cause=\"channel_stopped\"} 1\n"))
        let summary = try await Overview(gateway.admin, deadline: .seconds(30)).summary()
        #expect(summary.troubles.map(\.cause) == [.channelStopped, .senderPaused])
        try await gateway.testing { client async throws in
            let page = try await client.getInTime("/")
            #expect(page.text.contains("class=\"bad\" role=\"alert\""))
            #expect(page.text.contains("20003"))
            let metrics = try await client.get("/metrics").text
            #expect(metrics.contains("outrider_sender_paused{channel=\"sms\",code=\"20003\"} 1\n"))
        }
        try await gateway.query("update outrider.senders set paused_until = null")
        await watch.look()
        #expect(watch.current == [])
        #expect(lines.all.count { $0.contains("A trouble is over") } == 2)
    }

    @Test("pauses that follow each other are one trouble, and its age is that of the first")
    func since() async throws {
        let gateway = try await GatewayFixture()
        try await gateway.query(Self.refuse)
        try await gateway.query("update outrider.senders set paused_since = paused_since - interval '5 minutes'")
        try await gateway.query("update outrider.senders set paused_until = now() - interval '2 seconds'")
        let ages = { try await Overview(gateway.admin, deadline: .seconds(30)).troubles().map(\.seconds) }
        #expect(try await ages().allSatisfy { $0 >= 300 })
        try await gateway.query(Self.refuse)
        let again = try await ages()
        #expect(again.count == 2 && again.allSatisfy { $0 >= 300 })
        try await gateway.query("update outrider.senders set paused_until = now() - interval '10 minutes'")
        #expect(try await Overview(gateway.admin, deadline: .seconds(30)).troubles() == [])
        try await gateway.query(Self.refuse)
        let anew = try await ages()
        #expect(anew.count == 2 && anew.allSatisfy { $0 < 200 })
    }

    @Test("a database that takes no writes makes a gateway not ready, and what stops sending alone does not")
    func readiness() async throws {
        let outer = [Trouble(.senderPaused, of: "texts", detail: "code 20003"), Trouble(.noWorker, detail: "late")]
        #expect(Replies.readiness([]).status == .ok)
        #expect(Replies.readiness(outer).status == .ok)
        #expect(Replies.sending(outer).status == .serviceUnavailable)
        for cause in [Trouble.Cause.databaseReadOnly, .writesRefused, .schemaTooNew, .databaseUnreachable] {
            #expect(Replies.readiness([Trouble(cause, detail: "")]).status == .serviceUnavailable)
        }
    }

    @Test("a newer schema and a dead database are each named, and a read-only default stops nothing")
    func database() async throws {
        let gateway = try await GatewayFixture()
        try await gateway.query(
            "insert into outrider.schema_migrations (number, name, checksum) values (99, 'next', '')")
        #expect(try await Overview(gateway.admin, deadline: .seconds(30)).troubles().map(\.cause) == [.schemaTooNew])
        let early = Self.watch(gateway.admin, Lines(), PrometheusRegistry())
        await early.look()
        #expect(early.current.map(\.cause) == [.schemaTooNew])
        try await gateway.query("delete from outrider.schema_migrations where number = 99")
        let url = try await PostgresServer.migratedDatabase()
        let readOnly = PostgresPool(
            PostgresConfiguration(url: url + "?options=-cdefault_transaction_read_only%3Don", poolSize: 1))
        // The default of a role or a database is overruled: sessions pin what they rely on.
        #expect(try await Overview(readOnly, deadline: .seconds(30)).troubles().map(\.cause) == [])
        let (lines, registry) = (Lines(), PrometheusRegistry())
        let dead = PostgresPool(PostgresConfiguration(url: "postgresql://x@127.0.0.1:1/x", poolSize: 1))
        let watch = TroubleWatch(
            Overview(dead, deadline: .milliseconds(200)), metrics: registry,
            logger: Logger(label: "test", factory: { _ in lines }))
        await watch.look()
        await watch.look()
        #expect(watch.current.map(\.cause) == [.databaseUnreachable])
        #expect(lines.all.count == 1)
    }

    @Test("a schema that becomes newer under a running gateway is an upgrade: it stays ready until it is restarted")
    func upgrade() async throws {
        let gateway = try await GatewayFixture()
        let watch = Self.watch(gateway.admin, Lines(), PrometheusRegistry())
        await watch.look()
        try await gateway.query(
            "insert into outrider.schema_migrations (number, name, checksum) values (99, 'next', '')")
        await watch.look()
        #expect(watch.current == [])
    }

    @Test("a webhook that cannot be stored makes the gateway not ready; one that is stored some seconds later ends it")
    func refusedWrite() async throws {
        let gateway = try await GatewayFixture()
        let watch = Self.watch(gateway.admin, Lines(), PrometheusRegistry())
        watch.wrote("a webhook was not stored: could not extend file [53100]")
        await watch.look()
        #expect(watch.current.map(\.cause) == [.writesRefused])
        // Where the disk is full, some writes find room and others do not.
        watch.wrote(nil)
        await watch.look()
        #expect(watch.current.map(\.cause) == [.writesRefused])
        watch.wrote(nil, at: .now + TroubleWatch.calm)
        await watch.look()
        #expect(watch.current == [])
    }

    @Test("who asks once has a write tried: what the database says is the trouble, and a standby needs no try")
    func triedWrite() async throws {
        let gateway = try await GatewayFixture()
        let overview = Overview(gateway.admin, deadline: .seconds(30))
        #expect(await overview.refusedWrite(beside: []) == nil)
        try await gateway.admin.run(
            script: """
                create or replace function outrider.try_write() returns boolean language plpgsql as $$
                begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$
                """)
        let trouble = await overview.refusedWrite(beside: [])
        #expect(trouble?.cause == .writesRefused)
        #expect(trouble?.detail.contains("No space left on device") == true)
        #expect(await overview.refusedWrite(beside: [Trouble(.databaseReadOnly, detail: "a standby")]) == nil)
    }

    @Test(
        "a gateway that tries writes knows of a full disk before a webhook finds no room, and goes on taking webhooks")
    func fullDisk() async throws {
        let gateway = try await GatewayFixture()
        try await gateway.admin.run(
            script: """
                create or replace function outrider.try_write() returns boolean language plpgsql as $$
                begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$
                """)
        let watch = TroubleWatch(
            Overview(gateway.admin, deadline: .seconds(30)), triesWrites: true, metrics: PrometheusRegistry(),
            logger: Logger(label: "test"))
        await watch.look()
        #expect(watch.current.map(\.cause) == [.writesRefused])
        #expect(Replies.sending(watch.current).status == .serviceUnavailable)
        #expect(Replies.readiness(watch.current).status == .ok)
    }

    @Test("what a worker reports is shown while it reports it")
    func reports() async throws {
        let gateway = try await GatewayFixture()
        try await gateway.query(
            """
            insert into outrider.troubles (process, cause, scope, detail)
            values ('w', 'tls_fails', 'twilio', 'x'), ('v', 'tls_fails', 'twilio', 'x')
            """)
        let troubles = try await Overview(gateway.admin, deadline: .seconds(30)).troubles()
        #expect(troubles.map(\.cause) == [.tlsFails])
        #expect(troubles.first?.detail == "x, says 2 workers of 2")
        try await gateway.query("update outrider.troubles set seen_at = now() - interval '20 seconds'")
        #expect(try await Overview(gateway.admin, deadline: .seconds(30)).troubles() == [])
    }

    @Test("while a gateway serves since before the last note, all is heard, though no worker lives; a gap is not")
    func heard() async throws {
        let gateway = try await GatewayFixture()
        try await gateway.query(
            """
            insert into outrider.catch_ups (account, channel, address, seen_until, listed_until, look_at)
            values ('AC', 'sms', '+15005550006', now() - interval '30 minutes', now() - interval '1 hour',
                    now() - interval '29 minutes')
            """)
        let age = { try await Overview(gateway.admin, deadline: .seconds(30)).summary().unheardSeconds ?? -1 }
        #expect(try await age() >= 1_800)
        try await gateway.query("insert into outrider.gateways (id, up_since) values ('g', now() - interval '1 hour')")
        #expect(try await age() < 60)
        try await gateway.query("update outrider.gateways set up_since = now() - interval '10 minutes'")
        #expect(try await age() >= 1_800)
    }
}

/// Keeps what is logged, each line with its metadata.
private final class Lines: LogHandler, @unchecked Sendable {
    private let kept = Mutex<[String]>([])
    var all: [String] { kept.withLock { $0 } }

    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        kept.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
    }
}
