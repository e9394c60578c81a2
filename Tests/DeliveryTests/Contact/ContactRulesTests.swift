import Delivery
import Testing

@Suite("Rules of contact")
struct ContactRulesTests {
    private static let noon = Instant(microseconds: 43_200_000_000)
    private static let midnight = Instant(microseconds: 0)

    /// Poland is an hour ahead of UTC here, Florida five behind; 1850 lies in two zones.
    private static let rules = ContactRules(
        quietHours: [
            QuietHours(name: "us", jurisdiction: "US", begins: 21 * 60, ends: 8 * 60),
            QuietHours(name: "florida", jurisdiction: "US-FL", begins: 20 * 60, ends: 8 * 60),
            QuietHours(name: "alerts", jurisdiction: "PL", category: .alert, begins: 0, ends: 60),
        ],
        blocked: PrefixTable([("882", "no country"), ("1900", "premium"), ("48700", "premium")]),
        places: PrefixTable([
            ("1", NumberPlace(country: "US", zones: ["East", "West"])),
            ("1305", NumberPlace(country: "US", state: "FL", zones: ["East"])),
            ("1204", NumberPlace(country: "CA", zones: ["Middle"])),
            ("48", NumberPlace(country: "PL", zones: ["Warsaw"])),
            ("1500", NumberPlace(country: nil, zones: [])),
        ]),
        zones: [
            "East": ZoneRules(first: -18_000, changes: []), "Middle": ZoneRules(first: -21_600, changes: []),
            "West": ZoneRules(first: -28_800, changes: []), "Warsaw": ZoneRules(first: 3_600, changes: []),
        ])

    private func contact(
        _ number: String, _ category: Delivery.Category = .marketing, _ channel: Channel = .sms, tenant: String = "a",
        zone: String = "UTC", expiresAt: Instant? = nil
    ) -> Contact {
        Contact(
            job: 1, tenant: tenant, category: category, channel: channel, number: number, timeZone: zone,
            expiresAt: expiresAt)
    }

    private func rule(_ contact: Contact, at hour: Double) -> String? {
        let now = Instant(microseconds: Int64(hour * 3_600_000_000))
        if case .quiet(let rule, _, _) = Self.rules.ruling(on: contact, at: now) { return rule }
        return nil
    }

    @Test("numbers of a blocked prefix get nothing by phone, whatever the category; the longest prefix counts")
    func prefixes() {
        for category in Delivery.Category.allCases {
            for channel in Channel.allCases {
                for number in ["+88212345678", "+19005551234", "+48700123456"] {
                    let ruling = Self.rules.ruling(on: contact(number, category, channel), at: Self.noon)
                    if case .prefixBlocked = ruling {
                        #expect(channel.isPhone)
                    } else {
                        #expect(!channel.isPhone && ruling == .allowed)
                    }
                }
            }
        }
        // A text is of a prefix by its digits from the first on.
        #expect(Self.rules.ruling(on: contact("+48600882882", .otp), at: Self.noon) == .allowed)
        #expect(Self.rules.blocked.longestMatch(of: "+48700123456")?.prefix == 48_700)
        #expect(Self.rules.places.longestMatch(of: "+13055551234")?.value.state == "FL")
        #expect(Self.rules.places.longestMatch(of: "+2") == nil && Self.rules.places.longestMatch(of: "") == nil)
    }

    @Test(
        "hours bind by country and state of the number, by its strictest zone, and by the job's zone where it gives one"
    )
    func hours() {
        // 00:30 UTC is 19:30 in the east, 16:30 in the west; an hour later Florida is quiet, and another later the east is.
        #expect(rule(contact("+13055551234"), at: 24.5) == nil)
        #expect(rule(contact("+13055551234"), at: 25.5) == "florida")
        #expect(rule(contact("+12125551234"), at: 25.5) == nil)
        #expect(rule(contact("+12125551234"), at: 26.5) == "us")
        // The west has its morning three hours after the east.
        #expect(rule(contact("+12125551234"), at: 15.5) == "us")
        #expect(rule(contact("+12125551234", zone: "East"), at: 15.5) == nil)
        #expect(rule(contact("+12125551234", zone: "Warsaw"), at: 21) == "us")
        // Neither Canada's nor nobody's numbers are bound by the United States' hours.
        #expect(rule(contact("+12045551234"), at: 30) == nil && rule(contact("+15005550006"), at: 30) == nil)
    }

    @Test("they bind the category they name alone, never a one-time password or mail")
    func categories() {
        #expect(rule(contact("+48600000001", .alert), at: 23.5) == "alerts")
        for category in [Delivery.Category.otp, .transactional, .marketing] {
            #expect(rule(contact("+48600000001", category), at: 23.5) == nil)
        }
        #expect(rule(contact("+13055551234", .otp), at: 28) == nil)
        #expect(rule(contact("+13055551234", .marketing, .voice), at: 25.5) == "florida")
        #expect(rule(contact("+13055551234", .marketing, .whatsapp), at: 25.5) == "florida")
        #expect(rule(contact("+13055551234", .marketing, .email), at: 28) == nil)
    }

    @Test("a million that wait for one opening come back over five minutes, each at the same moment whoever asks")
    func spread() {
        var moments: [Int: Int] = [:]
        for job in 1...3_000 {
            var contact = contact("+13055551234")
            contact.job = job
            let hours: [Instant] = [25, 30].map { Instant(microseconds: $0 * 3_600_000_000) }
            guard case .quiet(_, let opens, let until) = Self.rules.ruling(on: contact, at: hours[0]),
                case .quiet(_, _, let again) = Self.rules.ruling(on: contact, at: hours[1])
            else {
                Issue.record("it is night")
                continue
            }
            #expect(until == again)
            #expect(opens == Instant(microseconds: 37 * 3_600_000_000))
            moments[Int(opens.duration(to: until).components.seconds) / 30, default: 0] += 1
        }
        #expect(moments.keys.sorted() == Array(0..<10))
        #expect(moments.values.allSatisfy { $0 > 200 && $0 < 400 })
    }

    @Test("what expires within the spread is let go at the opening itself")
    func spreadBeforeDeadline() {
        let opens = Instant(microseconds: 37 * 3_600_000_000)
        for job in 1...50 {
            var contact = contact("+13055551234", expiresAt: opens.advanced(by: .seconds(30)))
            contact.job = job
            guard
                case .quiet(_, opens, let until) = Self.rules.ruling(
                    on: contact, at: Instant(microseconds: 25 * 3_600_000_000))
            else {
                Issue.record("it is night")
                continue
            }
            #expect(until.advanced(by: .seconds(1)) <= opens.advanced(by: .seconds(30)))
        }
    }

    @Test("hours that leave no time are looked at again after two weeks, and admit nothing")
    func always() {
        let day = [
            QuietHours(name: "a", jurisdiction: "*", begins: 0, ends: 720),
            QuietHours(name: "b", jurisdiction: "*", begins: 720, ends: 1_440),
        ]
        let rules = ContactRules(quietHours: day)
        guard case .quiet(_, let opens, _) = rules.ruling(on: contact("+48600000001"), at: Self.noon) else {
            Issue.record("it is quiet")
            return
        }
        #expect(opens > Self.noon.advanced(by: .seconds(14 * 86_400)))
        #expect(opens < Self.noon.advanced(by: .seconds(17 * 86_400)))
    }

    // MARK: Countries

    private func allowed(_ entries: [AllowedCountries.Entry], _ contact: Contact) -> Bool {
        let rules = ContactRules(
            countries: AllowedCountries(isAnywhere: false, entries), places: Self.rules.places)
        return rules.ruling(on: contact, at: Self.noon) == .allowed
    }

    @Test("without a list one-time passwords and offers go to no country, alerts and receipts to every one")
    func noList() {
        for category in Delivery.Category.allCases {
            let isFree = category == .alert || category == .transactional
            #expect(allowed([], contact("+48600000001", category)) == isFree)
            #expect(allowed([], contact("+48600000001", category, .email)))
            // Another tenant's list is none.
            #expect(allowed([.init(tenant: "b", country: "PL")], contact("+48600000001", category)) == isFree)
        }
    }

    @Test("a list binds the categories it names: by calling code, by country, for all tenants or for one")
    func lists() {
        let poland = contact("+48600000001")
        #expect(allowed([.init(country: "48")], poland) && allowed([.init(country: "PL")], poland))
        #expect(allowed([.init(tenant: "a", country: "PL")], poland))
        #expect(!allowed([.init(country: "US")], poland) && !allowed([.init(country: "49")], poland))
        // The calling code 1 is all of North America; US is the United States alone.
        #expect(allowed([.init(country: "1")], contact("+12045551234")))
        #expect(!allowed([.init(country: "US")], contact("+12045551234")))
        #expect(allowed([.init(country: "CA")], contact("+12045551234")))
        // A list of alerts binds alerts.
        #expect(!allowed([.init(country: "US", categories: [.alert])], contact("+48600000001", .alert)))
        #expect(allowed([.init(country: "US", categories: [.alert])], contact("+48600000001", .transactional)))
        // What is for all tenants is for this one too, beside its own.
        #expect(allowed([.init(tenant: "a", country: "US"), .init(country: "PL")], poland))
    }

    @Test("an installation that says anywhere has no list")
    func anywhere() {
        let rules = ContactRules(countries: AllowedCountries(isAnywhere: true, [.init(country: "US")]))
        #expect(rules.ruling(on: contact("+48600000001"), at: Self.noon) == .allowed)
    }

    @Test("a refusal says what to do")
    func words() {
        let rules = ContactRules(countries: AllowedCountries(isAnywhere: false), places: Self.rules.places)
        let ruling = rules.ruling(on: contact("+48600000001"), at: Self.noon)
        #expect(ruling.words(on: .countryNotAllowed)?.contains("outrider.allow_country('PL')") == true)
        #expect(ruling.words(on: .optedOut) == nil)
    }
}
