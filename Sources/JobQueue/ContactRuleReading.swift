public import Delivery
public import Postgres
import Schema
import Synchronization

extension ContactRules {
    /// - Parameter zones: the rules of every zone that a job may name.
    init(_ row: Row, zones: [String: ZoneRules]) throws {
        self.init(
            version: try row.int("version"),
            quietHours: try Self.list(row, "quiet_hours").compactMap(QuietHours.init),
            countries: AllowedCountries(
                isAnywhere: try row.bool("anywhere"),
                try Self.list(row, "countries").compactMap(AllowedCountries.Entry.init)),
            blocked: PrefixTable(
                try Self.list(row, "blocked").compactMap { columns in
                    guard columns.count >= 2, let prefix = columns[0].string else { return nil }
                    return (prefix, columns[1].string ?? "")
                }),
            stops: PrefixTable(
                try Self.list(row, "stops").compactMap { columns in
                    guard columns.count >= 4, let prefix = columns[0].string, let until = columns[1].integer else {
                        return nil
                    }
                    let (messages, arrived) = (columns[2].integer ?? 0, columns[3].integer ?? 0)
                    return (prefix, PrefixStop(until: Instant(microseconds: Int64(until)), messages, arrived: arrived))
                }),
            closedRoutes: try Self.list(row, "routes").compactMap(ClosedRoute.init),
            numbers: NumberPlan.shipped.adding(try Self.list(row, "ranges").compactMap { $0.first?.string }),
            places: PrefixTable(
                try Self.list(row, "places").compactMap { columns in
                    guard columns.count >= 4, let prefix = columns[0].string else { return nil }
                    let zones = (columns[3].array ?? []).compactMap(\.string)
                    return (prefix, NumberPlace(country: columns[1].string, state: columns[2].string, zones: zones))
                }),
            caps: try Self.list(row, "caps").compactMap(Cap.init),
            lookups: try Self.list(row, "lookups").compactMap(LookupRule.init), zones: zones)
    }

    private static func list(_ row: Row, _ column: String) throws -> [[JSON]] {
        guard let rows = JSON(parsing: Array(try row.string(column).utf8))?.array else {
            throw StoreError.unreadable("\(column): not a list")
        }
        return rows.map { $0.array ?? [] }
    }
}

extension QuietHours {
    /// In the order in which `contact_rules` writes it. One of a category that this version does not know binds none of its own.
    fileprivate init?(_ columns: [JSON]) {
        guard columns.count >= 6, let name = columns[0].string, let jurisdiction = columns[1].string,
            let begins = columns[3].integer, let ends = columns[4].integer,
            let category = columns[5].string.flatMap(Category.init)
        else { return nil }
        self.init(
            name: name, jurisdiction: jurisdiction, category: category,
            days: Set((columns[2].array ?? []).compactMap(\.integer)), begins: begins, ends: ends)
    }
}

extension Cap {
    /// In the order in which `contact_rules` writes it. One with a word that this version does not know is nil: it keeps nothing
    /// back.
    fileprivate init?(_ columns: [JSON]) {
        guard columns.count >= 11, let id = columns[0].integer, let name = columns[1].string,
            let subject = columns[2].string.flatMap(Subject.init), let most = columns[6].integer,
            let span = columns[8].integer, let excess = columns[9].string.flatMap(Excess.init)
        else { return nil }
        let (category, channel) = (columns[3].string.map(Category.init), columns[4].string.map(Channel.init))
        // A nil in these is none given; a nil within is a word that is not known.
        if case .some(.none) = category { return nil }
        if case .some(.none) = channel { return nil }
        self.init(
            id: id, name: name, subject: subject, category: category ?? nil, channel: channel ?? nil,
            tenant: columns[5].string, most: most, currency: columns[7].string, span: span, excess: excess,
            isEnforced: columns[10] == .bool(true))
    }
}

extension ClosedRoute {
    /// One of a channel or a category that this version does not know binds nothing of its own.
    fileprivate init?(_ columns: [JSON]) {
        guard columns.count >= 4, let channel = columns[0].string.flatMap(Channel.init),
            let category = columns[1].string.flatMap(Category.init), let country = columns[2].string
        else { return nil }
        self.init(channel: channel, category: category, country: country, reason: columns[3].string ?? "")
    }
}

extension LookupRule {
    /// One of a category that this version does not know asks nothing of its own.
    fileprivate init?(_ columns: [JSON]) {
        guard columns.count >= 3, let category = columns[0].string.flatMap(Category.init) else { return nil }
        self.init(category: category, asksLineType: columns[1] == .bool(true), holdsOver: columns[2].integer)
    }
}

extension AllowedCountries.Entry {
    fileprivate init?(_ columns: [JSON]) {
        guard columns.count >= 3, let tenant = columns[0].string, let country = columns[1].string else { return nil }
        let categories = (columns[2].array ?? []).compactMap { $0.string.flatMap(Category.init) }
        self.init(tenant: tenant, country: country, categories: Set(categories))
    }
}

/// The rules of contact that bind a campaign, without the clocks of zones: they say who would get nothing at any hour.
public struct CampaignContact: Sendable {
    public var rules: ContactRules
    /// Whose campaign it is.
    public var tenant: String
}

extension AudienceStore {
    /// Nil when the database has none.
    public func contact(of plan: CampaignPlan) async throws(PostgresError) -> CampaignContact? {
        guard let row = try await fetch(.contactRules, []).first, let rules = try? ContactRules(row, zones: [:]) else {
            return nil
        }
        let own = try row.string("tenant")
        return CampaignContact(rules: rules, tenant: plan.tenant ?? own)
    }
}

/// The clocks of all zones, read once an hour: a server may be given new rules while it runs.
final class ZoneBook: Sendable {
    private static let freshness = Duration.seconds(3_600)
    private let kept = Mutex<(zones: [String: ZoneRules], readAt: ContinuousClock.Instant)?>(nil)

    /// Nil when they are to be read.
    var fresh: [String: ZoneRules]? {
        kept.withLock { kept in
            guard let kept, ContinuousClock.now - kept.readAt < Self.freshness else { return nil }
            return kept.zones
        }
    }

    func keep(_ zones: [String: ZoneRules]) {
        kept.withLock { $0 = (zones, .now) }
    }

    /// - Parameter rows: those of `contact_zones`.
    static func zones(_ rows: [Row]) throws -> [String: ZoneRules] {
        var first: [String: Int] = [:]
        var changes: [String: [ZoneRules.Change]] = [:]
        for row in rows {
            let (zone, offset) = (try row.string("zone"), try row.int("utc_offset"))
            if let at = try row.optionalInt("at") {
                changes[zone, default: []].append(.init(at: at, offset: offset))
            } else {
                first[zone] = offset
            }
        }
        return first.reduce(into: [:]) { zones, entry in
            let rules = ZoneRules(first: entry.value, changes: changes[entry.key] ?? [])
            (zones[entry.key], zones[entry.key.lowercased()]) = (rules, rules)
        }
    }
}

extension Statement {
    static let contactRules = Schema.statement("contact_rules")
    static let contactZones = Schema.statement("contact_zones")
}
