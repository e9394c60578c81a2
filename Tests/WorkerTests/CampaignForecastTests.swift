import JobQueue
import Logging
import Postgres
import Rendering
import Testing

@testable import Worker

@Suite("What a campaign would do", .timeLimit(.minutes(5)))
struct CampaignForecastTests {
    let harness: Harness
    private var store: AudienceStore { AudienceStore(harness.pool) }

    init() async throws { harness = try await Harness() }

    private func campaign(_ options: String, _ rows: String) async throws {
        try await harness.query("create schema crm")
        try await harness.query(
            "create table crm.members (key integer, phone text, email text, locale text, time_zone text, name text)")
        try await harness.query("insert into crm.members (key, phone, email, locale, time_zone, name) values \(rows)")
        try await harness.query("grant usage on schema crm to outrider_worker")
        try await harness.query("grant select on crm.members to outrider_worker")
        try await harness.query("select outrider.create_campaign('spring', audience => 'crm.members', \(options))")
    }

    private func forecast(loaded: Bool = false) async throws -> CampaignForecast {
        let plan = try #require(try await store.plan(of: "spring", tenant: nil))
        return try await CampaignForecast.make(of: plan, from: store, by: store.contact(of: plan), loaded: loaded)
    }

    private static let people = """
        (1, '+48730000101', null, 'en', null, 'Ann'), (2, '+48730000102', null, null, null, 'Zażółć'),
        (3, '+48730000103', null, null, null, 'Out'), (1, '+48730000104', null, null, null, 'Twice by key'),
        (5, '+48730000101', null, null, null, 'Twice by address'), (6, '0123', null, null, null, 'Bad'),
        (7, '+48730000107', null, null, 'Mars/Phobos', 'Bad'), (8, null, 'ann@example.com', null, null, 'No phone'),
        (9, '+48730000109', null, null, null, null), (10, '+48730000110', null, 'de', null, 'Ben'),
        (11, '+48730000111', null, null, null, repeat('long ', 40))
        """

    @Test(
        "of people who were loaded the same is said, from their jobs; a job that says something of its own is left out")
    func loaded() async throws {
        try await campaign("channel => 'sms', body => 'Hello {{name}}'", Self.people)
        try await harness.query("select outrider.suppress('+48730000103')")
        let before = try await forecast()
        try await harness.query("select outrider.load_campaign('spring')")
        try await AudienceLoader(store: store, logger: Logger(label: "test")).loadNext()
        try await harness.query(
            "insert into outrider.jobs (channel, address, body, campaign) values ('sms', '+48730000199', 'own', 'spring')"
        )
        let after = try await forecast(loaded: true)
        #expect(after.people == before.people && after.segments == before.segments && after.costs == before.costs)
        #expect(after.rows == 5 && after.duplicates == 0 && after.refused == 0)
        #expect(after.samples.map(\.text).sorted() == before.samples.map(\.text).sorted())
    }

    @Test("who may not be written to by phone, for a country or a prefix, counts as such, at whatever hour")
    func contact() async throws {
        try await campaign(
            "channel => 'sms', body => 'Hello'",
            """
            (1, '+48730000101', null, null, null, 'a'), (2, '+4915112345678', null, null, null, 'b'),
            (3, '+13055551234', null, null, null, 'c'), (4, '+88212345678', null, null, null, 'd'),
            (5, '+480000000101', null, null, null, 'e')
            """)
        #expect(try await forecast().people == ["sms": 3, "prefix_blocked": 1, "invalid_number": 1])
        try await harness.query("select outrider.block_prefix('480', 'test')")
        try await harness.query("select outrider.set_anywhere(false)")
        #expect(try await forecast().people == ["country_not_allowed": 3, "prefix_blocked": 2])
        try await harness.query(
            "select outrider.allow_country('PL'), outrider.allow_country('US', tenant => 'default')")
        #expect(try await forecast().people == ["sms": 2, "country_not_allowed": 1, "prefix_blocked": 2])
    }

    @Test("each person counts once, by what would happen first; what is wrong is named by row, and nothing is written")
    func counts() async throws {
        try await campaign("channel => 'sms', body => 'Hello {{name}}'", Self.people)
        try await harness.query("select outrider.suppress('+48730000103')")
        let forecast = try await forecast()
        #expect(forecast.people == ["sms": 4, "opted_out": 1])
        #expect(forecast.rows == 11 && forecast.duplicates == 2 && forecast.refused == 4)
        #expect(
            forecast.problems.map { "\($0.line): \($0.problem)" }.sorted() == [
                "6: phone number must start with +: … (4 characters)",
                "7: column time_zone must be known, such as Europe/Warsaw", "8: must have a phone number",
                "9: data has no key \"name\"",
            ])
        #expect(forecast.segments == [1: 3, 2: 1])
        #expect(forecast.unusual == ["ż": 1])
        #expect(forecast.smartSegments == [1: 3, 2: 1] && forecast.replaced.isEmpty)
        #expect(forecast.costs == ["sms": 5])
        #expect(forecast.samples.map(\.text) == ["Hello Ann", "Hello Zażółć", "Hello Ben"])
        for table in ["jobs", "campaign_loads", "campaign_refusals", "idempotency_keys", "due", "events"] {
            #expect(try await harness.query("select from outrider.\(table)").isEmpty, "\(table)")
        }
    }

    @Test("an opt-out that was said to another tenant, or of other messages, counts for nobody")
    func scopes() async throws {
        try await campaign(
            "channel => 'sms', body => 'x'",
            """
            (1, '+48730000101', null, null, null, null), (2, '+48730000102', null, null, null, null),
            (3, '+48730000103', null, null, null, null)
            """)
        try await harness.query(
            """
            select outrider.suppress('+48730000101', null, 'x', 'other'), outrider.suppress('+48730000102', null, 'x', 'default', 'otp'),
                   outrider.suppress('+48730000103', null, 'x', 'default', 'marketing')
            """)
        #expect(try await forecast().people == ["sms": 2, "opted_out": 1])
    }

    @Test("the run comes to what was forecast")
    func run() async throws {
        try await campaign("channel => 'sms', body => 'Hello {{name}}'", Self.people)
        try await harness.query("select outrider.suppress('+48730000103')")
        let forecast = try await forecast()
        try await harness.query("select outrider.start_campaign('spring')")
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        try await AudienceLoader(store: store, logger: logger).loadNext()
        try await harness.query("select outrider.feed_campaign(1)")
        try await harness.working {
            try await harness.eventually("all that can be is sent") { harness.provider.sent.count == 4 }
            try await harness.eventually("the other one has ended") {
                try await harness.query("select from outrider.events where kind = 'outcome'").count >= 1
            }
        }
        let status = try await harness.query(
            "select people, attempts, segments, load_read, load_refused from outrider.campaign_status")[0]
        #expect(try status.int("people") == forecast.people.values.reduce(0, +))
        #expect(harness.provider.sent.count == forecast.people["sms"])
        #expect(try status.int("load_read") == forecast.rows)
        #expect(try status.int("load_refused") == forecast.refused)
    }

    @Test("a ladder goes on to the step that would be sent; marketing calls nobody without a consent")
    func ladder() async throws {
        try await harness.query(
            #"select outrider.save_ladder('call_first', '[{"channel": "voice"}, {"channel": "sms"}, {"channel": "email"}]')"#
        )
        try await campaign(
            "ladder => 'call_first', body => 'x', subject => 'x'",
            """
            (1, '+48730000101', null, null, null, null), (2, '+48730000102', null, null, null, null),
            (3, null, 'ann@example.com', null, null, null), (4, '+48730000104', null, null, null, null)
            """)
        try await harness.query("select outrider.add_consent('+48730000101', 'voice', 'marketing', 'Yes', 'form 7')")
        try await harness.query("select outrider.suppress('+48730000104')")
        #expect(try await forecast().people == ["voice": 1, "sms": 1, "email": 1, "opted_out": 1])
    }

    @Test("the time is that of the slowest channel's senders; without a rate nobody can say")
    func time() async throws {
        try await campaign("channel => 'sms', body => 'x'", Self.people)
        #expect(try await forecast().seconds == nil)
        try await harness.query("delete from outrider.senders")
        try await harness.query(
            """
            insert into outrider.senders (name, channel, address, rate_per_second)
            values ('a', 'sms', '+15005550001', 0.5), ('b', 'sms', '+15005550002', 0.1)
            """)
        // Six people, shared by two senders: the slower one has half of them.
        #expect(try await forecast().seconds == 30)
        // The campaign's own rate, where that is slower; and where the senders have none.
        try await harness.query("select outrider.set_campaign_rate('spring', 0.1)")
        #expect(try await forecast().seconds == 60)
        try await harness.query("select outrider.set_campaign_rate('spring', 10)")
        #expect(try await forecast().seconds == 30)
        try await harness.query("update outrider.senders set rate_per_second = null")
        #expect(try await forecast().seconds == 0.6)
    }

    @Test("the person's language chooses the template, and a tenant's own comes before everybody's")
    func templates() async throws {
        try await harness.query(
            """
            insert into outrider.templates (tenant, name, channel, locale, body) values
                ('', 'hi', 'sms', '', 'Hello'), ('', 'hi', 'sms', 'de', 'Hallo'), ('default', 'hi', 'sms', '', 'Hello you')
            """)
        try await campaign("channel => 'sms', template => 'hi'", Self.people)
        #expect(try await forecast().samples.map(\.text) == ["Hello you", "Hello you", "Hello you"])
        try await harness.query("delete from outrider.templates where tenant <> ''")
        try await harness.query("delete from crm.members where key <> 10")
        #expect(try await forecast().samples.map(\.text).contains("Hallo"))
    }
}
