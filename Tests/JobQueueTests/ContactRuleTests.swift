import Delivery
import JobQueue
import Postgres
import Schema
import TestDatabase
import Testing

@Suite("Rules of contact as rows", .timeLimit(.minutes(5)))
struct ContactRuleTests {
    /// - Parameter hour: of the day after the database's own, by UTC.
    private func rule(_ rules: ContactRules, _ number: String, _ hour: Double, _ queue: TestQueue) async throws
        -> String?
    {
        let day = Int(try await queue.store.clock().microseconds / 86_400_000_000) + 1
        let now = Instant(microseconds: Int64(day) * 86_400_000_000 + Int64(hour * 3_600_000_000))
        let contact = Contact(job: 1, tenant: "default", category: .marketing, channel: .sms, number: number)
        switch rules.ruling(on: contact, at: now) {
        case .quiet(let rule, _, _): return rule
        case .allowed: return nil
        case .prefixBlocked: return "blocked"
        case .countryNotAllowed: return "not allowed"
        case .routeClosed: return "closed"
        case .invalidNumber: return "none"
        }
    }

    @Test("numbers are where the shipped rows say, in every zone that they may be in, and the shipped hours bind them")
    func shipped() async throws {
        try await TestQueue.with { queue in
            let rules = try await queue.store.contactRules()
            let places: [(String, NumberPlace)] = [
                ("+13055551234", NumberPlace(country: "US", state: "FL", zones: ["America/New_York"])),
                (
                    "+18505551234",
                    NumberPlace(country: "US", state: "FL", zones: ["America/Chicago", "America/New_York"])
                ),
                ("+12125551234", NumberPlace(country: "US", state: "NY", zones: ["America/New_York"])),
                ("+12045551234", NumberPlace(country: "CA", zones: ["America/Winnipeg"])),
                ("+17875551234", NumberPlace(country: "PR", zones: ["America/Puerto_Rico"])),
                ("+48600000001", NumberPlace(country: "PL", zones: ["Europe/Warsaw"])),
                ("+441534123456", NumberPlace(country: "JE", zones: ["Europe/Jersey"])),
                ("+15005550006", NumberPlace(country: nil, zones: [])),
            ]
            for (number, place) in places {
                #expect(rules.places.longestMatch(of: number)?.value == place, "\(place)")
            }
            #expect(rules.quietHours.count == 8 && rules.quietHours.allSatisfy { $0.category == .marketing })
            #expect(
                rules.zones.count > 400 && rules.zones["Europe/Warsaw"] != nil && rules.zones["europe/warsaw"] != nil)
            // 20:30 or 21:30 in New York, by the season; an hour later 21:30 or 22:30.
            #expect(try await ["us-florida", "us-federal"].contains(rule(rules, "+13055551234", 1.5, queue)))
            #expect(try await rule(rules, "+12125551234", 2.5, queue) == "us-federal")
            #expect(try await rule(rules, "+12125551234", 18, queue) == nil)
            #expect(try await rule(rules, "+48600000001", 2.5, queue) == nil)
            for number in ["+88212345678", "+88312345678", "+97912345678", "+19005551234", "+4490912345678"] {
                #expect(try await rule(rules, number, 12, queue) == "blocked", "\(number.prefix(4))")
            }
        }
    }

    @Test("each change, by a function or by hand, gives another version in the same commit")
    func versions() async throws {
        try await TestQueue.with { queue in
            var version = try await queue.store.contactRules().version
            for change in [
                "SELECT outrider.block_prefix('+7 999', 'test')", "SELECT outrider.unblock_prefix('7999')",
                "SELECT outrider.allow_country('pl', '{marketing}', 'shop')",
                "SELECT outrider.disallow_country('PL', 'shop')",
                "SELECT outrider.set_anywhere(false)", "SELECT outrider.close_route('sms', 'otp', 'pl', 'test')",
                "SELECT outrider.add_number_range('+48 00', 'test')", "SELECT outrider.drop_number_range('4800')",
                "SELECT outrider.open_route('sms', 'otp', 'pl')", "DELETE FROM outrider.closed_routes",
                "SELECT outrider.set_quiet_hours('night', 'pl', '22:00', '7:00', 'alert', '{1,7}')",
                "UPDATE outrider.quiet_hours SET ends = '6:00' WHERE name = 'night'",
                "SELECT outrider.lift_quiet_hours('night')", "DELETE FROM outrider.number_places WHERE prefix = '1500'",
            ] {
                try await queue.run(change)
                let rules = try await queue.store.contactRules()
                #expect(rules.version > version, "\(change)")
                version = rules.version
            }
            try await queue.run("BEGIN; SELECT outrider.block_prefix('7999', 'test'); ROLLBACK")
            #expect(try await queue.store.contactRules().version == version)
        }
    }

    @Test("what an operator wrote is what a worker reads")
    func reading() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                SELECT outrider.set_anywhere(false), outrider.allow_country('+48', '{otp,alert}'),
                       outrider.allow_country('us', tenant => 'shop'),
                       outrider.set_quiet_hours('night', 'us-tx', '22:30', '24:00', 'alert', '{1,7}')
                """)
            let rules = try await queue.store.contactRules()
            let night = QuietHours(
                name: "night", jurisdiction: "US-TX", category: .alert, days: [1, 7], begins: 1_350, ends: 1_440)
            #expect(rules.quietHours.contains(night))
            #expect(
                rules.countries
                    == AllowedCountries(
                        isAnywhere: false,
                        [.init(country: "48", categories: [.otp, .alert]), .init(tenant: "shop", country: "US")]))
        }
    }

    @Test("who changed a rule, for whom and why, is kept")
    func audit() async throws {
        try await TestQueue.with { queue in
            try await queue.run(
                """
                SELECT outrider.act_for('ann', 'click 1'), outrider.block_prefix('7999', 'pumped', 'alert 7'),
                       outrider.allow_country('PL', reason => 'we sell there now')
                """)
            let rows = try await queue.texts(
                """
                SELECT concat_ws(' ', what, subject, person, reason, login = session_user) AS v
                  FROM outrider.contact_rule_events ORDER BY id DESC LIMIT 2
                """)
            #expect(rows == ["country allowed PL ann we sell there now t", "prefix blocked 7999 ann pumped t"])
        }
    }

    @Test("a new installation allows no country, and one that has jobs before the rules came goes on everywhere")
    func upgrade() async throws {
        for hasJobs in [false, true] {
            let pool = PostgresPool(PostgresConfiguration(url: try await PostgresServer.freshDatabase(), poolSize: 1))
            let before = Schema.migrations.prefix { $0.name != "contact_rules" }
            try #require(before.count < Schema.migrations.count)
            _ = try await Migrations(Array(before)).apply(through: pool)
            if hasJobs {
                try await pool.run(
                    script: "INSERT INTO outrider.jobs (channel, address, body) VALUES ('sms', '+15550000001', 'Hi')")
            }
            _ = try await Migrations(Schema.migrations).apply(through: pool)
            let rules = try await JobStore(pool: pool).contactRules()
            #expect(rules.countries.isAnywhere == hasJobs)
            await pool.close()
        }
    }
}
