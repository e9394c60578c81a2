import Delivery
import Foundation
import Insight
import Postgres
import Rendering
import Sandbox
import TestDatabase
import Testing

@testable import JobQueue
@testable import OutriderCLI

@Suite("outrider campaign rehearse", .timeLimit(.minutes(5)))
struct RehearsalTests {
    private static let people = 30
    private let url: String
    private let pool: PostgresPool

    init() async throws {
        url = try await PostgresServer.migratedDatabase()
        pool = PostgresPool(PostgresConfiguration(url: url, poolSize: 2, queryDeadline: .seconds(60)))
        try await pool.run(
            script: """
                insert into outrider.senders (name, channel, address, rate_per_second, paused_until)
                values ('s1', 'sms', '+15550000001', 20, 'infinity'), ('v1', 'voice', '+15550000002', 20, null);
                update outrider.error_codes set class = 'filtered' where provider = 'twilio' and code = '30003';
                create schema crm;
                create table crm.members as
                select 'member' || n || '@real.example' as key, '+486001' || lpad(n::text, 5, '0') as phone, 'Ann' || n as name,
                       'call +447700900123' as note from generate_series(1, \(Self.people)) n;
                grant usage on schema crm to outrider_worker;
                grant select on crm.members to outrider_worker;
                insert into outrider.suppressions (address, channel, reason, source)
                select '+48600100001', c, 'stop', 'test' from unnest('{sms,voice,whatsapp}'::text[]) as c;
                select outrider.save_ladder('two', '[{"channel":"sms","wait_seconds":60},{"channel":"voice","wait_seconds":120}]');
                select outrider.create_campaign('spring', channel => 'sms', body => 'Hello {{name}}: {{note}}', audience => 'crm.members');
                select outrider.create_campaign('steps', ladder => 'two', category => 'alert', body => 'Hello {{name}}',
                    audience => 'crm.members', starts_at => now() + interval '1 day', not_after => now() + interval '2 days')
                """)
    }

    /// All rows of all tables, as a text.
    private static func dump(_ pool: PostgresPool) async throws -> String {
        try await text(
            """
            select string_agg(relname || query_to_xml(format('select t::text as r from outrider.%I t order by 1', relname), true, false, '')::text,
                              '' order by relname)
              from pg_class where relnamespace = 'outrider'::regnamespace and relkind = 'r'
            """, pool)
    }

    private static func text(_ sql: String, _ pool: PostgresPool) async throws -> String {
        try await pool.fetch(Statement(name: "test.\(sql.hashValue)", sql: "select (\(sql))::text as v"))[0].string("v")
    }

    private func sample(_ name: String) async throws -> RehearsalCast {
        let store = AudienceStore(pool)
        let plan = try #require(try await store.plan(of: name, tenant: nil))
        var sample = RehearsalSample(of: 100, seed: 1)
        _ = try await CampaignForecast.make(of: plan, from: store, onPerson: { sample.add($0, $1) })
        return RehearsalCast(sample.taken(), shares: FateShares([.delivered: 1]), seed: 1)
    }

    @Test(
        "the private database has the campaign as a draft at its scale, all that is known of its people, and no address or key of theirs"
    )
    func copied() async throws {
        let scale = RehearsalScale(
            RehearsalScale.Campaign(
                people: 60, rehearsed: 30, seconds: nil, limitingRate: nil, longestWait: 120, hasSilent: false),
            asked: 10)
        let rows = try await RehearsalRows(of: CampaignName("steps"), from: pool)
        let stand = try await RehearsalStand(
            databaseURL: try await PostgresServer.freshDatabase(), scale: scale, seed: 1)
        let added = try await stand.prepare(
            rows.adapted(to: scale), try await sample("steps"), campaign: CampaignName("steps"), scale: scale)
        #expect(added == Self.people)
        let own = PostgresPool(stand.database.configuration(named: "test", poolSize: 1))
        let dump = try await Self.dump(own)
        #expect(dump.contains("person-1") && dump.contains("+480000000001") && dump.contains("Ann30"))
        for real in ["+486001", "486001000", "real.example", "7700900123"] { #expect(!dump.contains(real), "\(real)") }
        for (sql, expected) in [
            (
                "select string_agg(name || ' ' || rate_per_second || ' ' || (paused_until is null), ', ' order by id) from outrider.senders",
                "s1 100.0 true, v1 100.0 true"
            ),
            ("select class from outrider.error_codes where provider = 'twilio' and code = '30003'", "filtered"),
            (
                "select string_agg(wait_seconds::text, ' ' order by position) from outrider.ladder_steps where ladder_id = outrider.current_ladder('two')",
                "6 15"
            ),
            ("select state || ' ' || coalesce(starts_at::text, 'any time') from outrider.campaigns", "draft any time"),
            ("select coalesce(max(expires_at)::text, 'never') from outrider.jobs", "never"),
            (
                "select count(*) from outrider.suppressions s join outrider.jobs j on j.phone = s.address where s.lifted_at is null",
                "3"
            ),
        ] { #expect(try await Self.text(sql, own) == expected, "\(sql)") }
        await own.close()
        await pool.close()
    }

    @Test(
        "an address beyond this host is refused before anything is sent",
        arguments: [
            ("TWILIO_API_BASE_URL", "https://api.twilio.com"), ("TWILIO_API_BASE_URL", nil),
            ("TWILIO_API_BASE_URL", "http://127.0.0.1.example.com"), ("SENDGRID_API_BASE_URL", "http://10.0.0.7:8081"),
            ("TWILIO_LOOKUPS_BASE_URL", "https://lookups.twilio.com"),
            ("SENDGRID_API_BASE_URL", nil), ("OUTRIDER_PUBLIC_URL", "https://notify.example.com"),
        ])
    func loopback(_ name: String, _ value: String?) async throws {
        let address = ListenAddress(host: "127.0.0.1", port: 10_001)
        let stand = try DevelopmentStand(databaseURL: url, gateway: address, sandbox: address)
        var environment = stand.environment
        _ = try await RehearsalStand(environment: environment, sandbox: stand.sandbox)
        environment[name] = value
        let failure = await #expect(throws: Failure.self) {
            try await RehearsalStand(environment: environment, sandbox: stand.sandbox)
        }
        #expect(failure?.description.contains(name) == true && failure?.status == .configuration)
        await pool.close()
    }

    private static let hasServer = FileManager.default.fileExists(atPath: "/usr/lib/postgresql")

    private func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "outrider-rehearse-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    private func program(in folder: URL) -> Program {
        // What leads elsewhere must not be read.
        Program(environment: [
            "OUTRIDER_DATABASE_URL": url, "TMPDIR": folder.path(), "TWILIO_API_BASE_URL": "http://127.0.0.1:1",
            "TWILIO_ACCOUNT_SID": "AC" + String(repeating: "f", count: 32), "TWILIO_AUTH_TOKEN": "another-token",
            "TWILIO_REGION": "ie1", "SENDGRID_API_KEY": "SG.another.key", "OUTRIDER_WORKER_CONCURRENCY": "0",
            "http_proxy": "http://127.0.0.1:1", "PGSSLMODE": "disable", "PGAPPNAME": "rehearsal-test",
        ])
    }

    @Test(
        "it is run to its end beside its preview, and leaves nothing behind, neither in the database nor on the disk",
        .enabled(if: hasServer))
    func smoke() async throws {
        let folder = try folder()
        let before = try await Self.dump(pool)
        let result = try await program(in: folder).run("campaign", "rehearse", "spring", "--delivered", "100", "--json")
        #expect(result.status == 0, "\(result.errors)")
        let json = try #require(JSON(parsing: Array(result.output.utf8)))
        let lines = json["comparison"]?.array ?? []
        func line(_ what: String) -> String {
            let line = lines.first { $0["what"]?.string == what }
            return "\(line?["predicted"]?.integer ?? -1) \(line?["rehearsed"]?.integer ?? -1)"
        }
        #expect(line("people") == "30 30" && line("first: sms") == "29 29" && line("first: opted_out") == "1 1")
        #expect(line("segments of first texts taken") == "29 29" && line("messages by sms") == "-1 29")
        #expect(json["report"]?["progress"]?["delivered"]?.integer == 29 && json["is_whole"] == true)
        #expect(try await Self.dump(pool) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()).isEmpty)
        await pool.close()
    }

    @Test(
        "stopped by a signal, even by one that cannot be caught, it takes its database with it",
        .enabled(if: hasServer), arguments: [SIGTERM, SIGINT, SIGKILL])
    func stopped(by signal: Int32) async throws {
        let folder = try folder()
        // It would take two minutes.
        let running = try program(in: folder).start(
            "campaign", "rehearse", "steps", "--silent", "1", "--time-scale", "0.5")
        try await running.waitForError(containing: "people ended")
        #expect(try !FileManager.default.contentsOfDirectory(atPath: folder.path()).isEmpty)
        // Not 1 alone: a host too busy to drain within five seconds says so by another status.
        let status = await running.terminate(by: signal)
        #expect(signal == SIGKILL ? status == SIGKILL : status != 0, "\(status): \(running.printedErrors)")
        var left = try FileManager.default.contentsOfDirectory(atPath: folder.path())
        // A guard outlives a killed process by what it takes to stop a server.
        for _ in 0..<300 where !left.isEmpty {
            try await Task.sleep(for: .milliseconds(100))
            left = try FileManager.default.contentsOfDirectory(atPath: folder.path())
        }
        #expect(left.isEmpty)
        await pool.close()
    }

    @Test(
        "what cannot be rehearsed is refused with the reason",
        arguments: [
            (["winter"], 65, "campaign_must_exist"), (["spring", "/nowhere.csv"], 65, "cannot be read"),
            (["spring", "--people", "0"], 64, "--people"), (["spring", "--time-scale", "0"], 64, "--time-scale"),
            (["spring", "--delivered=-1"], 64, "share"),
        ] as [([String], Int32, String)])
    func refused(_ arguments: [String], _ status: Int32, _ word: String) async throws {
        let result = try await Program(environment: ["OUTRIDER_DATABASE_URL": url]).run(
            ["campaign", "rehearse"] + arguments)
        #expect(result.status == status && result.errors.contains(word), "\(result)")
        await pool.close()
    }
}
