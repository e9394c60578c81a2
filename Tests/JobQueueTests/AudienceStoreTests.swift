import Delivery
import Postgres
import TestDatabase
import Testing

@testable import JobQueue

@Suite("Loading the people of a campaign", .timeLimit(.minutes(5)))
struct AudienceStoreTests {
    private static func batch(_ csv: String) throws -> AudienceBatch {
        var reader = try AudienceReader(csv.utf8.makeIterator())
        var batch = AudienceBatch()
        while let row = try reader.next() {
            switch row {
            case .member(let member): batch.add(member)
            case .refused(let refusal): batch.add(refusal)
            }
        }
        return batch
    }

    private func withDraft(
        _ options: String = "channel => 'sms', body => 'Hello'",
        _ body: (TestQueue, AudienceStore) async throws -> Void
    ) async throws {
        try await TestQueue.with { queue in
            try await queue.run("SELECT outrider.create_campaign('spring', \(options))")
            // An operator loads files.
            try await body(queue, AudienceStore(queue.admin))
        }
    }

    private static let people =
        "SELECT concat_ws(' ', coalesce(address, phone, email), metadata ->> 'key', locale, time_zone, data) AS v FROM outrider.jobs ORDER BY id"

    @Test("people become jobs of the campaign's making; columns of theirs count before the campaign's")
    func jobs() async throws {
        try await withDraft(
            "channel => 'sms', body => 'x {{name}}', locale => 'pl', data => '{\"name\": \"you\", \"shop\": \"North\"}', not_after => '2190-01-01 00:00Z'"
        ) { queue, store in
            let load = try await store.begin("spring", file: "people.csv", tenant: nil)
            let addition = try await store.add(
                try Self.batch(
                    "key,phone,name,locale,time_zone\n7,+15550000001,Ann,de,Europe/Berlin\n8,+15550000002,,,\n"),
                to: load)
            #expect(addition.added == 2 && addition.refused.isEmpty)
            try await store.end(load)
            #expect(
                try await queue.texts(Self.people) == [
                    #"+15550000001 7 de Europe/Berlin {"name": "Ann", "shop": "North"}"#,
                    #"+15550000002 8 pl UTC {"name": "", "shop": "North"}"#,
                ])
            #expect(
                try await queue.texts(
                    "SELECT DISTINCT concat_ws(' ', kind, channel, category, campaign, template, expires_at > '2189-12-30') AS v FROM outrider.jobs"
                )
                    == ["send sms marketing spring outrider.campaign/1 t"])
            #expect(
                try await queue.texts("SELECT body AS v FROM outrider.templates WHERE name = 'outrider.campaign/1'")
                    == ["x {{name}}"])
            #expect(
                try await queue.texts(
                    "SELECT concat_ws(' ', load_state, load_read, load_refused, people) AS v FROM outrider.campaign_status"
                )
                    == ["done 2 0 2"])
        }
    }

    @Test("a person is there once, by key and by address, within a batch, across batches and across loads")
    func duplicates() async throws {
        try await withDraft { queue, store in
            let first = try await store.begin("spring", file: "a.csv", tenant: nil)
            let one = try Self.batch(
                "key,phone\n1,+15550000001\n1,+15550000002\n3,+15550000001\n4,+15550000004\n,+15550000005\n,+15550000005\n"
            )
            #expect(try await store.add(one, to: first).added == 3)
            #expect(try await store.add(one, to: first).added == 0)
            try await store.end(first)
            let second = try await store.begin("spring", file: "b.csv", tenant: nil)
            #expect(
                try await store.add(
                    try Self.batch("key,phone\n1,+15550000009\n9,+15550000004\n10,+15550000010\n"), to: second
                ).added == 1)
            #expect(
                try await queue.texts("SELECT address AS v FROM outrider.jobs ORDER BY id")
                    == ["+15550000001", "+15550000004", "+15550000005", "+15550000010"])
        }
    }

    @Test(
        "one who is refused keeps nobody else out",
        arguments: ["1,+15550000001,,Mars/Phobos", "1,+15550000001,German,UTC", "1,0123,,UTC"])
    func refusedFirst(line: String) async throws {
        try await withDraft { _, store in
            let load = try await store.begin("spring", file: "a.csv", tenant: nil)
            let batch = try Self.batch("key,phone,locale,time_zone\n\(line)\n1,+15550000001,,\n")
            let addition = try await store.add(batch, to: load)
            #expect(addition.added == 1)
            #expect((batch.refused + addition.refused).map(\.line) == [2])
        }
    }

    @Test("what the database refuses itself is named by line, column and rule, and kept with the load")
    func refusals() async throws {
        try await withDraft { queue, store in
            let load = try await store.begin("spring", file: "a.csv", tenant: nil)
            let batch = try Self.batch(
                """
                key,phone,email,locale,time_zone,text
                1,+15550000001,,en,Mars/Phobos,x
                2,+15550000002,,German,,x
                3,,ann@example.com,,,x
                \(String(repeating: "4", count: 201)),+15550000004,,,,x
                5,+15550000005,,,,\(String(repeating: "x", count: 64_001))
                6,+15550000006,,,,x
                7,bad,,,,x
                """)
            let addition = try await store.add(batch, to: load)
            #expect(
                addition.refused.map(\.description) == [
                    "audience line 2: column time_zone must be known, such as Europe/Warsaw",
                    "audience line 3: column locale must be a language tag, such as en or pt-BR",
                    "audience line 4: must have a phone number",
                    "audience line 5: column key must have at most 200 characters",
                    "audience line 6: must have at most 64 kilobytes of data",
                ])
            #expect(addition.added == 1)
            #expect(
                try await queue.texts(
                    "SELECT string_agg(line::text, ' ' ORDER BY line) AS v FROM outrider.campaign_refusals") == [
                        "2 3 4 5 6 8"
                    ])
            #expect(
                try await queue.texts(
                    "SELECT concat_ws(' ', load_read, load_refused) AS v FROM outrider.campaign_status") == ["7 6"])
        }
    }

    @Test("with a ladder a person has phone and e-mail, and one of them is enough")
    func ladder() async throws {
        try await withDraft("ladder => 'standard', body => 'x {{name}}', subject => 'News'") { queue, store in
            let load = try await store.begin("spring", file: "a.csv", tenant: nil)
            try await store.add(
                try Self.batch("phone,email,name\n+15550000001,ann@example.com,Ann\n,ben@example.com,Ben\n,,Cem\n"),
                to: load)
            #expect(
                try await queue.texts(
                    "SELECT concat_ws(' ', kind, ladder, phone, email) AS v FROM outrider.jobs ORDER BY id")
                    == ["notify standard +15550000001 ann@example.com", "notify standard ben@example.com"])
            #expect(
                try await queue.texts("SELECT string_agg(channel, ' ' ORDER BY channel) AS v FROM outrider.templates")
                    == ["email sms voice"])
        }
    }

    @Test("a load that was taken over adds nobody more")
    func takenOver() async throws {
        try await withDraft { queue, store in
            let first = try await store.begin("spring", file: "a.csv", tenant: nil)
            try await queue.run("UPDATE outrider.campaign_loads SET beat_at = now() - interval '1 minute'")
            let second = try await store.begin("spring", file: "a.csv", tenant: nil)
            await #expect(throws: PostgresError.self) {
                try await store.add(try Self.batch("phone\n+15550000001\n"), to: first)
            }
            #expect(try await store.add(try Self.batch("phone\n+15550000001\n"), to: second).added == 1)
            #expect(
                try await queue.texts("SELECT state AS v FROM outrider.campaign_loads ORDER BY id") == [
                    "left", "running",
                ])
        }
    }

    @Test("the columns of a table are read as they stand: numbers as written, data among the others")
    func table() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                CREATE SCHEMA crm;
                CREATE TABLE crm.members (key integer, phone text, address text, locale text, price numeric, big numeric, data jsonb, born date);
                INSERT INTO crm.members VALUES
                    (1, '+15550000001', null, 'de', 12.50, 12345678901234567890, '{"name": "Ann"}', '2000-02-29'),
                    (2, null, '+15550000002', null, null, 1, null, null),
                    (3, null, 'ann@example.com', null, 1, 1, null, null), (null, '+15550000004', null, null, 1, 1, null, null);
                GRANT USAGE ON SCHEMA crm TO outrider_worker; GRANT SELECT ON crm.members TO outrider_worker;
                SELECT outrider.create_campaign('spring', channel => 'sms', body => 'x', audience => 'crm.members'), outrider.load_campaign('spring')
                """)
            let store = AudienceStore(queue.workers)
            let load = try #require(try await store.claim())
            #expect(try await store.claim() == nil)
            var refused: [AudienceRefusal] = []
            try await store.read(try #require(load.audience)) { batch in
                refused += batch.refused
                refused += try await store.add(batch, to: load.key).refused
            }
            try await store.end(load.key)
            #expect(
                try await queue.texts(
                    "SELECT concat_ws(' ', address, metadata ->> 'key', locale, data) AS v FROM outrider.jobs ORDER BY id"
                ) == [
                    #"+15550000001 1 de {"big": 12345678901234567890, "born": "2000-02-29", "name": "Ann", "price": 12.50}"#,
                    #"+15550000002 2 en {"big": 1, "born": null, "price": null}"#,
                ])
            #expect(
                refused.map(\.description).sorted() == [
                    "audience line 3: must have a phone number", "audience line 4: must have a key",
                ])
        }
    }

    @Test("reading an audience has no transaction id, so it holds back no worker's floor")
    func noTransactionID() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                "CREATE SCHEMA crm; CREATE TABLE crm.members AS SELECT 1 AS key, '+15550000001' AS phone; GRANT USAGE ON SCHEMA crm TO outrider_worker; GRANT SELECT ON crm.members TO outrider_worker"
            )
            try await AudienceStore(queue.workers).read("crm.members") { _ in
                let held = try await queue.texts(
                    "SELECT count(*) AS v FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND datname = current_database()"
                )
                #expect(held == ["0"])
            }
        }
    }

    @Test("digests of people are kept while somebody may be loaded, and deleted in parts after that")
    func digestsGo() async throws {
        try await withDraft { queue, store in
            let load = try await store.begin("spring", file: "a.csv", tenant: nil)
            try await store.add(try Self.batch("key,phone\n1,+15550000001\n2,+15550000002\n"), to: load)
            try await store.end(load)
            #expect(try await queue.campaigns.forget() == false)
            #expect(try await queue.count("outrider.campaign_members") == 4)
            try await queue.run("SELECT outrider.start_campaign('spring'); SELECT outrider.forget_members(3)")
            #expect(try await queue.count("outrider.campaign_members") == 1)
            #expect(try await queue.campaigns.forget())
            #expect(try await queue.campaigns.forget() == false)
            #expect(try await queue.count("outrider.campaign_members") == 0)
        }
    }

    @Test("a campaign whose audience was not loaded is loaded when it starts, and written to meanwhile")
    func startLoads() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                CREATE SCHEMA crm; CREATE TABLE crm.members AS SELECT n AS key, '+1555' || lpad(n::text, 7, '0') AS phone FROM generate_series(1, 5) n;
                GRANT USAGE ON SCHEMA crm TO outrider_worker; GRANT SELECT ON crm.members TO outrider_worker;
                SELECT outrider.create_campaign('spring', channel => 'sms', body => 'x', audience => 'crm.members'), outrider.start_campaign('spring')
                """)
            let store = AudienceStore(queue.workers)
            let load = try #require(try await store.claim())
            try await store.read(try #require(load.audience)) { try await store.add($0, to: load.key) }
            #expect(try await queue.campaigns.feed(1) == 5)
            // Not finished while somebody may still come.
            _ = try await queue.send()
            try await queue.campaigns.finish()
            #expect(try await queue.texts("SELECT state AS v FROM outrider.campaigns") == ["running"])
            try await store.end(load.key)
            try await queue.campaigns.finish()
            #expect(try await queue.texts("SELECT state AS v FROM outrider.campaigns") == ["finished"])
        }
    }

    @Test("of eight that start a campaign at once one does, one worker loads it, and eight that feed it feed each once")
    func startsAtOnce() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                CREATE SCHEMA crm; CREATE TABLE crm.members AS SELECT n AS key, '+1555' || lpad(n::text, 7, '0') AS phone FROM generate_series(1, 100) n;
                GRANT USAGE ON SCHEMA crm TO outrider_worker; GRANT SELECT ON crm.members TO outrider_worker;
                SELECT outrider.create_campaign('spring', channel => 'sms', body => 'x', audience => 'crm.members')
                """)
            let answers = await eightAtOnce { try await queue.say("start_campaign('spring')") }
            #expect(answers.compactMap(\.self) == ["started"])
            let store = AudienceStore(queue.workers)
            let loads = await eightAtOnce { try await store.claim() }.compactMap(\.self)
            let load = try #require(loads.first)
            #expect(loads.count == 1)
            try await store.read(try #require(load.audience)) { try await store.add($0, to: load.key) }
            try await store.end(load.key)
            _ = await eightAtOnce { while try await queue.feed(7) > 0 {} }
            while try await queue.feed(7) > 0 {}
            #expect(try await queue.counts() == ["people 100 100", "begun 0 0", "ended 0 0", "unfed 0 0"])
            #expect(try await queue.count("(SELECT DISTINCT job_id FROM outrider.due) d") == 100)
            #expect(try await queue.count("outrider.due") == 100)
        }
    }

    /// What each of eight got; nil for those that failed.
    private func eightAtOnce<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value?) async -> [Value?] {
        await withTaskGroup { group in
            for _ in 1...8 { group.addTask { try? await body() } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test(
        "a worker that died in a load, at any border of its batches, is followed by another, from the beginning, and nobody is there twice",
        arguments: [(1, 5_000), (2, 10_000), (3, 12_000)])
    func takeover(batch: Int, added: Int) async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                CREATE SCHEMA crm; CREATE TABLE crm.members AS SELECT n AS key, '+1555' || lpad(n::text, 7, '0') AS phone FROM generate_series(1, 12000) n;
                GRANT USAGE ON SCHEMA crm TO outrider_worker; GRANT SELECT ON crm.members TO outrider_worker;
                SELECT outrider.create_campaign('spring', channel => 'sms', body => 'x', audience => 'crm.members'), outrider.load_campaign('spring')
                """)
            let store = AudienceStore(queue.workers)
            struct Killed: Error {}
            let first = try #require(try await store.claim())
            await #expect(throws: Killed.self) {
                var batches = 0
                try await store.read(try #require(first.audience)) {
                    try await store.add($0, to: first.key)
                    batches += 1
                    if batches == batch { throw Killed() }
                }
            }
            #expect(try await queue.count("outrider.jobs") == added)
            #expect(try await store.claim() == nil)
            try await queue.run("UPDATE outrider.campaign_loads SET beat_at = now() - interval '31 seconds'")
            let second = try #require(try await store.claim())
            try await store.read(try #require(second.audience)) { try await store.add($0, to: second.key) }
            try await store.end(second.key)
            await #expect(throws: PostgresError.self) { try await store.add(AudienceBatch(), to: first.key) }
            #expect(
                try await queue.texts(
                    "SELECT concat_ws(' ', load_state, load_read, people) AS v FROM outrider.campaign_status") == [
                        "done 12000 12000"
                    ])
            #expect(try await queue.counts() == ["people 12000 12000", "begun 0 0", "ended 0 0", "unfed 12000 12000"])
        }
    }
}
