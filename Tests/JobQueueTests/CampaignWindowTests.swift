import Delivery
import JobQueue
import Postgres
import Testing

@Suite("Windows of campaigns", .timeLimit(.minutes(5)))
struct CampaignWindowTests {
    /// Zones whose clocks change in every way there is: by 30 minutes, by two hours, on a Friday, in the other half of the year, never.
    static let changing = [
        "America/New_York", "Europe/Berlin", "Europe/London", "Australia/Sydney", "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Europe/Dublin", "Antarctica/Troll", "Pacific/Chatham", "America/Santiago", "Africa/Cairo", "Asia/Kathmandu",
    ]

    /// The plain definition, minute by minute, around each change of 2026: it differs nowhere.
    private static func differences(in zone: String) -> String {
        """
        WITH changes (at) AS (
            SELECT t FROM generate_series(timestamptz '2026-01-01Z', '2026-12-20Z', '1 hour') t
             WHERE (t AT TIME ZONE '\(zone)') + interval '1 hour' <> (t + interval '1 hour') AT TIME ZONE '\(zone)'
            UNION ALL SELECT '2026-06-01Z'
        ), windows (opens, closes, days) AS (VALUES
            (time '9:00', time '20:00', '{1,2,3,4,5,6,7}'::integer[]), ('9:00', '20:00', '{1,2,3,4,5}'), ('1:30', '3:15', '{1,2,3,4,5,6,7}'),
            ('2:07', '2:37', '{1,2,3,4,5,6,7}'), ('0:00', '0:45', '{7}'), ('23:15', '24:00', '{5,7}')
        ), minutes AS MATERIALIZED (
            SELECT c.at, w.*, m, outrider.is_open_at(m AT TIME ZONE '\(zone)', opens, closes, days) AS is_open
              FROM changes c CROSS JOIN windows w
             CROSS JOIN generate_series(c.at - interval '30 hours', c.at + interval '10 days', '1 minute') m
        ), openings AS (
            SELECT *, min(CASE WHEN is_open THEN m END) OVER (PARTITION BY at, opens, closes, days ORDER BY m DESC) AS opening FROM minutes
        ), compared AS (
            SELECT opening IS NOT DISTINCT FROM outrider.next_opening(m, '\(zone)', opens, closes, days) AS is_same
              FROM openings WHERE m < at + interval '40 hours' AND (extract(epoch FROM m)::bigint / 60) % 37 = 0
        )
        SELECT concat_ws(' ', count(*) FILTER (WHERE NOT is_same), count(*) > 600) AS v FROM compared
        """
    }

    @Test("the next opening is that of the clock on the wall, across both changes", arguments: changing)
    func openings(zone: String) async throws {
        try await TestQueue.with { queue in
            // PostgreSQL would else plan the same few statements anew for each of some thousand calls.
            try await queue.run("ALTER FUNCTION outrider.next_opening SET plan_cache_mode = force_generic_plan")
            let differences = try await queue.texts(Self.differences(in: zone))
            #expect(differences == ["0 t"])
        }
    }

    /// A zone in which it is noon, and one in which it is night.
    private func noonAndNight(_ queue: TestQueue) async throws -> (noon: String, night: String) {
        let names = try await queue.texts(
            """
            SELECT format('Etc/GMT%s', to_char(-o, 'FMSG99')) AS v
              FROM (SELECT 12 - extract(hour FROM clock_timestamp() AT TIME ZONE 'UTC')::integer AS k) n
             CROSS JOIN LATERAL unnest(ARRAY[k, CASE WHEN k > 0 THEN k - 9 ELSE k + 9 END]) WITH ORDINALITY AS u (o, i) ORDER BY i
            """)
        return (try #require(names[0]), try #require(names[1]))
    }

    private func ask(_ queue: TestQueue, _ zones: (noon: String, night: String), count: Int = 10) async throws {
        try await queue.run(
            """
            INSERT INTO outrider.jobs (channel, address, body, campaign, time_zone)
            SELECT 'sms', '+1555' || lpad(n::text, 7, '0'), 'x', 'spring', CASE n % 2 WHEN 0 THEN '\(zones.noon)' ELSE '\(zones.night)' END
              FROM generate_series(1, \(count)) n
            """)
    }

    private static let ids = "SELECT string_agg(job_id::text, ' ' ORDER BY job_id) AS v FROM outrider.due"

    @Test("people are fed where it is open, and nobody waits behind those where it is not", arguments: [1, 2, 100])
    func fedByZone(part: Int) async throws {
        try await TestQueue.with { queue in
            let zones = try await noonAndNight(queue)
            try await queue.run(
                "INSERT INTO outrider.campaigns (tenant, name) VALUES ('default', 'spring'); INSERT INTO outrider.campaign_feeds VALUES (1)"
            )
            #expect(
                try await queue.say("set_campaign_window('spring', '11:00', '14:00')")
                    == "it writes from 11:00 to 14:00 where the person lives")
            try await ask(queue, zones)
            #expect(try await queue.count("outrider.campaign_chunks") == 2)
            while try await queue.feed(part) > 0 {}
            #expect(try await queue.texts(Self.ids) == ["2 4 6 8 10"])
            #expect(try await queue.counts() == ["people 10 10", "begun 0 0", "ended 0 0", "unfed 5 5"])
            #expect(try await queue.count("outrider.stranded_jobs()") == 0)
            // Of those that were fed a lost due row is missed; of the others nothing is.
            try await queue.run("DELETE FROM outrider.due WHERE job_id = 4")
            #expect(try await queue.texts("SELECT outrider.stranded_jobs()::text AS v") == ["4"])
            _ = try await queue.say("set_campaign_window('spring')")
            while try await queue.feed(part) > 0 {}
            #expect(try await queue.texts(Self.ids) == ["1 2 3 5 6 7 8 9 10"])
        }
    }

    @Test("a take of a campaign with a window knows when it opens for each of its rows; any other asks nothing")
    func taken() async throws {
        try await TestQueue.with { queue in
            let zones = try await noonAndNight(queue)
            try await ask(queue, zones)
            while try await queue.feed(100) > 0 {}
            let plain = try #require(try await queue.look().lanes.first { $0.campaignID == 1 })
            #expect(!plain.hasWindow)
            #expect(try await queue.take(of: plain) { _ in Verdict() }.seen.allSatisfy { $0.windowOpens == nil })
            _ = try await queue.say("set_campaign_window('spring', '11:00', '14:00')")
            let lane = try #require(try await queue.look().lanes.first { $0.campaignID == 1 })
            #expect(lane.hasWindow)
            let seen = try await queue.take(of: lane) { _ in Verdict() }.seen
            #expect(seen.count == 10)
            for job in seen {
                let opens = try #require(job.windowOpens)
                #expect((opens > job.takenAt) == !job.id.isMultiple(of: 2))
                let expected = try await queue.texts(
                    "SELECT (extract(epoch FROM outrider.next_opening(clock_timestamp(), '\(zones.night)', '11:00', '14:00', '{1,2,3,4,5,6,7}')) * 1000000)::bigint AS v"
                )[0]
                if opens > job.takenAt { #expect(String(opens.microseconds) == expected) }
            }
        }
    }

    @Test("what is cancelled is swept, whatever the hour")
    func swept() async throws {
        try await TestQueue.with { queue in
            let zones = try await noonAndNight(queue)
            try await queue.run("SELECT outrider.create_campaign('spring', channel => 'sms', body => 'x')")
            _ = try await queue.say("set_campaign_window('spring', '11:00', '14:00')")
            try await ask(queue, (zones.night, zones.night))
            _ = try await queue.say("start_campaign('spring')")
            #expect(try await queue.count("outrider.due") == 0)
            _ = try await queue.say("cancel_campaign('spring')")
            #expect(try await queue.campaigns.sweep(1) == 10)
            #expect(try await queue.counts() == ["people 10 10", "begun 0 0", "ended 10 10", "unfed 0 0"])
        }
    }
}
