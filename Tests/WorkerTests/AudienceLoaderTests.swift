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
    }
}
