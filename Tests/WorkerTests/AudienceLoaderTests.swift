import JobQueue
import Logging
import Postgres
import Testing

@testable import Worker

@Suite("Workers load audiences", .timeLimit(.minutes(5)))
struct AudienceLoaderTests {
    let harness: Harness

    init() async throws { harness = try await Harness() }

    private var loader: AudienceLoader {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return AudienceLoader(store: AudienceStore(harness.pool), logger: logger)
    }

    private func audience(_ definitions: String...) async throws {
        try await harness.query("create schema crm")
        for definition in definitions { try await harness.query(definition) }
        try await harness.query("grant usage on schema crm to outrider_worker")
        try await harness.query("grant select on all tables in schema crm to outrider_worker")
        try await harness.query(
            "select outrider.create_campaign('spring', channel => 'sms', body => 'x', audience => 'crm.members')")
        try await harness.query("select outrider.load_campaign('spring')")
    }

    private var load: String? {
        get async throws {
            try await harness.query(
                "select concat_ws(' ', load_state, people, load_error) as v from outrider.campaign_status"
            ).first?.string("v")
        }
    }

    @Test("everybody of a view is loaded")
    func view() async throws {
        try await audience(
            "create view crm.members as select n as key, '+1555' || lpad(n::text, 7, '0') as phone from generate_series(1, 20) n"
        )
        try await loader.loadNext()
        #expect(try await load == "done 20")
    }

    @Test("what the audience is to blame for ends the load and says why; a new one is asked for by a person")
    func broken() async throws {
        try await audience(
            "create view crm.members as select n as key, '+15550000001' as phone, 1 / (n - 3) as x from generate_series(1, 20) n"
        )
        try await loader.loadNext()
        #expect(try await load == "failed 0 division by zero [22012]")
        try await harness.query(
            "create or replace view crm.members as select n as key, '+15550000001' as phone, n as x from generate_series(1, 20) n"
        )
        try await harness.query("select outrider.load_campaign('spring')")
        try await loader.loadNext()
        #expect(try await load == "done 1")
    }

    @Test("a table that is gone ends the load")
    func gone() async throws {
        try await audience("create table crm.members as select 1 as key, '+15550000001' as phone")
        try await harness.query("drop table crm.members")
        try await loader.loadNext()
        #expect(try await load?.hasPrefix("failed 0") == true)
    }

    @Test("a shortage of the server's is tried again later, five times at most")
    func passing() async throws {
        try await audience(
            """
            create function crm.full_disk() returns text language plpgsql security definer as $$
            begin raise exception 'full' using errcode = 'disk_full'; end $$
            """, "create view crm.members as select 1 as key, crm.full_disk() as phone")
        for _ in 1...5 {
            try await loader.loadNext()
            #expect(try await load == "waiting 0 full [53100]")
            try await loader.loadNext()  // Not before its time.
            try await harness.query("update outrider.campaign_loads set look_at = now()")
        }
        try await loader.loadNext()
        #expect(try await load == "failed 0 full [53100]")
    }

    @Test("a worker that is stopped in a load leaves it to the others at once")
    func stopped() async throws {
        try await audience(
            "create view crm.members as select n as key, '+1555' || lpad(n::text, 7, '0') as phone, pg_sleep(0.0001)::text as x from generate_series(1, 50000) n"
        )
        let loader = loader
        let task = Task { try await loader.loadNext() }
        try await harness.eventually("it has begun") {
            try await harness.query("select from outrider.campaign_loads where state = 'running' and read > 0").count
                == 1
        }
        task.cancel()
        try? await task.value
        await loader.leave()
        #expect(try await load?.hasPrefix("waiting") == true)
        #expect(try await harness.query("select from outrider.campaign_loads where failures = 0").count == 1)
    }

    @Test("an audience whose first rows take longer than a worker may be silent stays with its worker")
    func slow() async throws {
        try await audience(
            "create view crm.members as select 1 as key, '+15550000001' as phone, pg_sleep(2)::text as x")
        let quick = WorkClock(
            now: { .now }, sleep: { _ in try await Task.sleep(for: .milliseconds(20)) }, random: { 1 })
        let loader = AudienceLoader(
            store: AudienceStore(harness.pool), clock: quick, logger: Logger(label: "test"))
        async let loading: Void = loader.loadNext()
        try await harness.eventually("it reads") {
            try await harness.query("select from outrider.campaign_loads where state = 'running'").count == 1
        }
        try await harness.query("update outrider.campaign_loads set beat_at = now() - interval '1 hour'")
        try await harness.eventually("it beats") {
            try await harness.query(
                "select from outrider.campaign_loads where state = 'running' and beat_at > now() - interval '1 minute'"
            ).count == 1
        }
        #expect(try await AudienceStore(harness.pool).claim() == nil)
        try await loading
        #expect(try await load == "done 1")
    }

    @Test("a view that was put in the place of the audience is looked at before it is read")
    func replaced() async throws {
        try await audience("create table crm.members as select 1 as key, '+15550000001' as phone")
        try await harness.query("drop table crm.members")
        try await harness.query(
            "create view crm.members as select 1 as key, query_to_xml('select 1', true, true, '')::text as phone")
        try await harness.query("grant select on crm.members to outrider_worker")
        try await loader.loadNext()
        #expect(try await load?.contains("audience_must_not_run_code_as_the_worker") == true)
    }

    @Test("a name that reads like a statement is a name")
    func strangeName() async throws {
        try await harness.query("create schema crm")
        try await harness.query(
            #"create table crm."m; drop table outrider.due --" as select 1 as key, '+15550000001' as phone"#)
        try await harness.query("grant usage on schema crm to outrider_worker")
        try await harness.query("grant select on all tables in schema crm to outrider_worker")
        try await harness.query(
            #"select outrider.create_campaign('spring', channel => 'sms', body => 'x', audience => 'crm."m; drop table outrider.due --"')"#
        )
        try await harness.query("select outrider.load_campaign('spring')")
        try await loader.loadNext()
        #expect(try await load == "done 1")
    }

    @Test("a row wider than a message can be is refused and named, the others are loaded")
    func wide() async throws {
        try await audience(
            "create view crm.members as select n as key, '+1555' || lpad(n::text, 7, '0') as phone, repeat('x', n * 40000) as x from generate_series(1, 3) n"
        )
        try await loader.loadNext()
        #expect(try await load == "done 1")
        #expect(
            try await harness.query("select problem as v from outrider.campaign_refusals order by line").map {
                try $0.string("v")
            } == ["must have at most 64 kilobytes of data", "must have at most 64 kilobytes of data"])
    }

    @Test("a load that failed after the start is asked for again, and the campaign is not finished before")
    func failedAfterStart() async throws {
        try await audience("create view crm.members as select 1 as key, '+15550000001' as phone")
        try await harness.query("update outrider.campaign_loads set state = 'done'")
        try await harness.query("select outrider.load_campaign('spring')")
        try await harness.query("select outrider.start_campaign('spring')")
        try await harness.query("drop view crm.members")
        try await loader.loadNext()
        #expect(try await load?.hasPrefix("failed 0") == true)
        // Everybody has ended so far, and still it goes on; who is there is still known.
        try await harness.query(
            "insert into outrider.jobs (channel, address, body, campaign) values ('sms', '+15550000009', 'x', 'spring')"
        )
        try await harness.query("select outrider.feed_campaign(1), outrider.cancel(1)")
        try await harness.query("insert into outrider.campaign_members values (1, 1, 1)")
        let upkeep = "select concat_ws(' ', outrider.finish_campaigns(), outrider.forget_members()) as v"
        #expect(try await harness.query(upkeep).first?.string("v") == "0 f")
        try await harness.query("create view crm.members as select 1 as key, '+15550000001' as phone")
        try await harness.query("grant select on crm.members to outrider_worker")
        try await harness.query("select outrider.load_campaign('spring')")
        try await loader.loadNext()
        #expect(try await load == "done 2")
        try await harness.query("select outrider.feed_campaign(1), outrider.cancel(2)")
        #expect(try await harness.query(upkeep).first?.string("v") == "1 t")
    }

    @Test("a load in which ten workers were lost is taken on by no other, and says so")
    func poison() async throws {
        try await audience("create table crm.members as select 1 as key, '+15550000001' as phone")
        for _ in 1...10 {
            #expect(try await AudienceStore(harness.pool).claim() != nil)
            try await harness.query("update outrider.campaign_loads set beat_at = now() - interval '1 minute'")
        }
        #expect(try await AudienceStore(harness.pool).claim() == nil)
        #expect(try await load?.hasPrefix("failed 0 ten workers were lost in it") == true)
    }
}
