import Delivery
import Postgres
import Testing

@testable import JobQueue

@Suite("Variants of campaigns", .timeLimit(.minutes(5)))
struct CampaignVariantTests {
    private static let variants = """
        variants => '[{"name": "a", "percent": 45, "body": "A {{name}}"}, {"name": "b", "percent": 35, "body": "B {{name}}", "data": {"name": "b", "x": "b"}}]',
        holdout_percent => 20, data => '{"name": "all", "x": "all", "y": "all"}'
        """

    private static func people(_ numbers: ClosedRange<Int>, header: String = "key,phone") throws -> AudienceBatch {
        let lines = numbers.map { header == "key,phone" ? "\($0),+4860000\(10_000 + $0)" : "+4860000\(10_000 + $0)" }
        var reader = try AudienceReader(([header] + lines).joined(separator: "\n").utf8.makeIterator())
        var batch = AudienceBatch()
        while let row = try reader.next() { if case .member(let member) = row { batch.add(member) } }
        return batch
    }

    private func withCampaign(_ name: String = "spring", _ body: (TestQueue, AudienceStore) async throws -> Void)
        async throws
    {
        try await TestQueue.with { queue in
            try await queue.run("SELECT outrider.create_campaign('\(name)', channel => 'sms', \(Self.variants))")
            try await body(queue, AudienceStore(queue.admin))
        }
    }

    private static let assigned = """
        SELECT string_agg(coalesce(metadata ->> 'key', address) || variant, ' ' ORDER BY address) AS v FROM outrider.jobs
        """

    @Test(
        "who gets what, and who nothing, is the same in each load, in any parts and order; a load that is repeated adds nobody"
    )
    func repeated() async throws {
        var seen: [String?] = []
        for parts in [[1...300], [201...300, 1...200], [1...7, 8...300, 1...300]] {
            try await withCampaign { queue, store in
                let load = try await store.begin("spring", file: "a.csv", tenant: nil)
                var (added, heldOut) = (0, 0)
                for part in parts {
                    let addition = try await store.add(try Self.people(part), to: load)
                    (added, heldOut) = (added + addition.added, heldOut + addition.heldOut)
                }
                #expect(added + heldOut == 300 && heldOut > 30)
                try await store.end(load)
                let again = try await store.begin("spring", file: "a.csv", tenant: nil)
                let addition = try await store.add(try Self.people(1...300), to: again)
                #expect(addition.added == 0 && addition.heldOut == 0)
                try await store.end(again)
                let status = try await queue.texts(
                    "SELECT concat_ws(' ', people, held_out, people + held_out) AS v FROM outrider.campaign_status")
                #expect(status == ["\(added) \(heldOut) 300"])
                seen += try await queue.texts(Self.assigned)
            }
        }
        #expect(seen.count == 3 && Set(seen).count == 1)
    }

    @Test(
        "a preview gives each person what the load gives them, by key, or by address where there is none",
        arguments: ["key,phone", "phone"])
    func previewed(header: String) async throws {
        try await withCampaign { queue, store in
            let batch = try Self.people(1...200, header: header)
            let plan = try #require(try await store.plan(of: "spring", tenant: nil))
            let outlooks = try await store.outlook(of: batch, in: plan)
            let load = try await store.begin("spring", file: "a.csv", tenant: nil)
            let addition = try await store.add(batch, to: load)
            #expect(outlooks.count { $0.isHeldOut } == addition.heldOut && addition.heldOut > 0)
            let expected = zip(batch.people, outlooks).filter { !$1.isHeldOut }
                .map { ($0.member.key ?? $0.member.phone?.e164 ?? "") + $1.variant }.joined(separator: " ")
            let assigned = try await queue.texts(Self.assigned)
            #expect(assigned == [expected])
            #expect(outlooks.allSatisfy { $0.country == "+48" })
        }
    }

    @Test("a job has its variant's text, and the person's values before the variant's before the campaign's")
    func content() async throws {
        try await withCampaign { queue, store in
            let load = try await store.begin("spring", file: "a.csv", tenant: nil)
            _ = try await store.add(try Self.people(1...60), to: load)
            let found = try await queue.texts(
                """
                SELECT DISTINCT concat_ws(' ', variant, data, t.body) AS v FROM outrider.jobs j
                  JOIN outrider.templates t ON t.name = j.template ORDER BY 1
                """)
            #expect(
                found == [
                    #"a {"x": "all", "y": "all", "name": "all"} A {{name}}"#,
                    #"b {"x": "b", "y": "all", "name": "b"} B {{name}}"#,
                ])
            let plan = try #require(try await store.plan(of: "spring", tenant: nil))
            #expect(plan.text(for: "en", on: .sms, variant: "b")?.body == "B {{name}}")
        }
    }

    @Test("of a million people each variant has its share within 0.2 %, and each campaign shares anew")
    func shares() async throws {
        try await TestQueue.with { queue in
            let counts = try await queue.texts(
                """
                SELECT concat_ws(' ', abs(avg((s < 2000)::int) - 0.2) < 0.002, abs(avg((s BETWEEN 2000 AND 6499)::int) - 0.45) < 0.002,
                                 abs(avg((s >= 6500)::int) - 0.35) < 0.002, min(s), max(s), abs(avg((s < 2000 AND o < 2000)::int) - 0.04) < 0.002) AS v
                  FROM generate_series(1, 1000000) n
                 CROSS JOIN LATERAL (SELECT outrider.person_share(1, 'k' || n) AS s, outrider.person_share(2, 'k' || n) AS o) u
                """)
            #expect(counts == ["t t t 0 9999 t"])
        }
    }

    @Test("a campaign without variants gives everybody its own text, but for the holdout")
    func holdoutAlone() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                "SELECT outrider.create_campaign('spring', channel => 'sms', body => 'x', holdout_percent => 50)")
            let store = AudienceStore(queue.admin)
            let load = try await store.begin("spring", file: "a.csv", tenant: nil)
            let addition = try await store.add(try Self.people(1...200), to: load)
            #expect(addition.added + addition.heldOut == 200 && (60...140).contains(addition.heldOut))
            let found = try await queue.texts(
                "SELECT DISTINCT concat_ws('/', variant, template) AS v FROM outrider.jobs")
            #expect(found == ["outrider.campaign/1"])
        }
    }

    @Test("a campaign that a load has left without anybody finishes, once its time to start has come")
    func nobody() async throws {
        try await withCampaign("spring") { queue, store in
            try await queue.run("UPDATE outrider.campaign_definitions SET holdout_percent = 99.99")
            try await queue.run("UPDATE outrider.campaign_variants SET percent = 0.01 WHERE position = 1")
            try await queue.run("DELETE FROM outrider.campaign_variants WHERE position = 2")
            let load = try await store.begin("spring", file: "a.csv", tenant: nil)
            #expect(try await store.add(try Self.people(1...20), to: load).heldOut == 20)
            try await queue.run(
                "UPDATE outrider.campaigns SET state = 'running', paused_at = null, paused_reason = null, starts_at = now() + interval '1 hour'"
            )
            try await queue.campaigns.finish()
            #expect(try await queue.state() == "running")
            try await store.end(load)
            try await queue.campaigns.finish()
            #expect(try await queue.state() == "running")
            try await queue.run("UPDATE outrider.campaigns SET starts_at = now()")
            try await queue.campaigns.finish()
            #expect(try await queue.state() == "finished")
        }
    }

    @Test("people who were loaded with a variant are shown as those of the campaign; a text of its own is not")
    func loaded() async throws {
        try await withCampaign { queue, store in
            let load = try await store.begin("spring", file: "a.csv", tenant: nil)
            let added = try await store.add(try Self.people(1...60), to: load).added
            try await queue.ask(1, first: 500)
            let shown = try await queue.count("outrider.loaded_people('spring') WHERE person IS NOT NULL")
            #expect(shown == added)
            #expect(try await queue.count("outrider.loaded_people('spring') WHERE person IS NULL") == 1)
        }
    }

    @Test("the doctor says which campaigns hold too many people to be looked at by the way")
    func doctor() async throws {
        try await TestQueue.with { queue in
            try await queue.ask(3)
            #expect(
                try await queue.texts(
                    "SELECT concat_ws(' ', name, what, found) AS v FROM outrider.miscounted_campaigns(1)") == [
                        "spring not looked at 3"
                    ])
            #expect(try await queue.count("outrider.miscounted_campaigns(3)") == 0)
        }
    }

    @Test("all of a campaign is said in one call, and stands in its status")
    func oneCall() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                INSERT INTO outrider.prices (channel, currency, price) VALUES ('sms', 'EUR', 0.05);
                SELECT outrider.create_campaign('spring', channel => 'sms', body => 'x', opens => '9:00', closes => '20:00', days => '{1,2}',
                       budget_messages => 500, budget_segments => 600, budget_money => 5.5, budget_currency => 'EUR', filtered_percent => 12, judged_from => 50)
                """)
            let status = try await queue.texts(
                """
                SELECT concat_ws(' ', opens, closes, days, budget_messages, budget_segments, budget_money, budget_currency, filtered_percent, judged_from) AS v
                  FROM outrider.campaign_status s JOIN outrider.campaign_limits l ON l.campaign_id = s.id
                """)
            #expect(status == ["09:00:00 20:00:00 {1,2} 500 600 5.5 EUR 12 50"])
        }
    }

    @Test("what is given as null is as if it was not given; a rate stands in the status")
    func nulls() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                SELECT outrider.create_campaign('spring', channel => 'sms', body => 'x', holdout_percent => null, opens => '9:00', closes => '20:00', days => null),
                       outrider.set_campaign_rate('spring', 2.50)
                """)
            let status = try await queue.texts(
                """
                SELECT concat_ws(' ', opens, closes, days, rate_per_second, holdout_percent) AS v
                  FROM outrider.campaign_status s JOIN outrider.campaign_definitions d ON d.campaign_id = s.id
                """)
            #expect(status == ["09:00:00 20:00:00 {1,2,3,4,5,6,7} 2.5 0.00"])
        }
    }

    @Test("the end of a campaign is told by the hours in which it writes")
    func end() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                SELECT outrider.create_campaign('spring', channel => 'sms', body => 'x', opens => '9:00', closes => '10:00', days => '{1,3}',
                                                time_zone => 'Europe/Berlin', starts_at => '2190-03-25 12:00Z')
                """)
            let end = { (seconds: Int) in
                try await queue.texts(
                    "SELECT to_char(outrider.campaign_end('spring', \(seconds)) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS v"
                )[0]
            }
            // The 25th is a Thursday; on the 28th clocks go forward, so on Monday 9:00 is 7:00 in UTC.
            #expect(try await end(1_800) == "2190-03-29 07:30")
            #expect(try await end(3_600) == "2190-03-29 08:00")
            #expect(try await end(3_660) == "2190-03-31 07:01")
        }
    }
}
