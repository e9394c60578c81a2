/// Where and when a message may go, as operators wrote it: one value that a worker keeps, and asks for each message.
public struct ContactRules: Sendable {
    /// Grows with each change.
    public var version: Int
    public var quietHours: [QuietHours]
    public var countries: AllowedCountries
    /// Why numbers of a prefix get nothing.
    public var blocked: PrefixTable<String>
    /// Blocks of numbers that get no one-time password for a while.
    public var stops: PrefixTable<PrefixStop>
    public var closedRoutes: [ClosedRoute]
    /// Which numbers there can be; nil where nobody asks.
    public var numbers: NumberPlan?
    public var places: PrefixTable<NumberPlace>
    /// How much may be sent in a span of time.
    public var caps: [Cap]
    /// Of which categories numbers are looked up.
    public var lookups: [Category: LookupRule]
    /// By name, and by its name in small letters.
    public var zones: [String: ZoneRules]

    public init(
        version: Int = 0, quietHours: [QuietHours] = [],
        countries: AllowedCountries = AllowedCountries(isAnywhere: true),
        blocked: PrefixTable<String> = PrefixTable(), stops: PrefixTable<PrefixStop> = PrefixTable(),
        closedRoutes: [ClosedRoute] = [], numbers: NumberPlan? = nil,
        places: PrefixTable<NumberPlace> = PrefixTable(), caps: [Cap] = [], lookups: [LookupRule] = [],
        zones: [String: ZoneRules] = [:]
    ) {
        self.version = version
        self.quietHours = quietHours
        self.countries = countries
        self.blocked = blocked
        self.stops = stops
        self.closedRoutes = closedRoutes
        self.numbers = numbers
        self.places = places
        self.caps = caps
        self.lookups = Dictionary(lookups.map { ($0.category, $0) }) { first, _ in first }
        self.zones = zones
    }

    /// Whether a message may begin now. E-mail may: it waits until the person looks.
    public func ruling(on contact: Contact, at now: Instant) -> ContactRuling {
        guard contact.channel.isPhone, contact.number.utf8.first == UInt8(ascii: "+") else { return .allowed }
        if let (prefix, reason) = blocked.longestMatch(of: contact.number) {
            return .prefixBlocked(prefix: prefix, reason: reason)
        }
        if contact.category == .otp, let (prefix, stop) = stops.longestMatch(of: contact.number), now < stop.until {
            return .prefixBlocked(prefix: prefix, reason: stop.reason)
        }
        if let doubt = numbers?.doubt(of: contact.number) { return .invalidNumber(doubt) }
        let place = places.longestMatch(of: contact.number)?.value
        guard countries.allow(contact.number, in: place, tenant: contact.tenant, category: contact.category) else {
            return .countryNotAllowed(place?.country ?? String(contact.number.dropFirst().prefix(3)))
        }
        if let route = closedRoutes.first(where: { $0.binds(contact, in: place) }) {
            return .routeClosed(to: route.country, reason: route.reason)
        }
        return hours(of: contact, in: place, at: now)
    }

    private func hours(of contact: Contact, in place: NumberPlace?, at now: Instant) -> ContactRuling {
        let binding = quietHours.filter { $0.binds(contact.category, in: place) }
        guard !binding.isEmpty else { return .allowed }
        let clock = QuietClock(hours: binding, zones: zones(of: contact, in: place))
        let second = Int(now.microseconds).floorDivided(by: 1_000_000)
        guard let opening = clock.opening(after: second) else { return .allowed }
        let opens = Instant(microseconds: Int64(opening.second) * 1_000_000)
        return .quiet(rule: opening.name, opens: opens, until: spread(contact, from: opens, clock))
    }

    /// The zone that the job gives; else all in which the number may be. `UTC`, which a job has that gives none, is no place.
    private func zones(of contact: Contact, in place: NumberPlace?) -> [ZoneRules] {
        let given = contact.timeZone
        if given != "UTC", let rules = zones[given] ?? zones[given.asciiLowercased] { return [rules] }
        let found = (place?.zones ?? []).compactMap { zones[$0] }
        return found.isEmpty ? [.utc] : found
    }

    /// What was put off to one opening does not come back in one instant: each job has its own moment of the first five
    /// minutes, if it is open then and the job has time until then.
    private func spread(_ contact: Contact, from opens: Instant, _ clock: QuietClock) -> Instant {
        var mixed = UInt64(bitPattern: Int64(contact.job)) &* 0x9E37_79B9_7F4A_7C15
        mixed ^= mixed >> 32
        let later = opens.advanced(by: .milliseconds(Int(mixed % UInt64(Self.longestSpread))))
        let isLate = contact.expiresAt.map { $0 < later.advanced(by: contact.channel.leastTime) } ?? false
        let isOpen = clock.isOpen(at: Int(later.microseconds).floorDivided(by: 1_000_000))
        return isLate || !isOpen ? opens : later
    }

    /// In milliseconds.
    private static let longestSpread = 300_000
}

/// Why a block of numbers gets no one-time password for a while: few of them arrived there.
public struct PrefixStop: Sendable, Hashable {
    public var until: Instant
    public var messages: Int
    public var arrived: Int

    public init(until: Instant, _ messages: Int, arrived: Int) {
        self.until = until
        self.messages = messages
        self.arrived = arrived
    }

    /// For whoever reads the job's timeline.
    var reason: String {
        "of \(messages) one-time passwords to them \(arrived) arrived, which looks like SMS pumping; an operator lifts it with outrider.lift_prefix_stop"
    }
}

/// What the rules of contact ask about a message.
public struct Contact: Sendable, Hashable {
    public var job: Int
    public var tenant: String
    public var category: Category
    public var channel: Channel
    /// In E.164.
    public var number: String
    /// As the job has it; `UTC` when it gives none.
    public var timeZone: String
    public var expiresAt: Instant?

    public init(
        job: Int, tenant: String, category: Category, channel: Channel, number: String, timeZone: String = "UTC",
        expiresAt: Instant? = nil
    ) {
        self.job = job
        self.tenant = tenant
        self.category = category
        self.channel = channel
        self.number = number
        self.timeZone = timeZone
        self.expiresAt = expiresAt
    }
}

/// What the rules of contact say of a message.
public enum ContactRuling: Sendable, Hashable {
    case allowed
    case prefixBlocked(prefix: Int, reason: String)
    /// There can be no such number.
    case invalidNumber(NumberPlan.Doubt)
    /// To a country, or a calling code, that is not allowed.
    case countryNotAllowed(String)
    /// To a country to which the channel brings nothing of the category.
    case routeClosed(to: String, reason: String)
    /// - Parameters:
    ///   - rule: the name of the quiet hours.
    ///   - opens: when it is not quiet any more.
    ///   - until: when this message is looked at again.
    case quiet(rule: String, opens: Instant, until: Instant)

    /// Whether it is the same at any hour.
    public var isForEver: Bool {
        switch self {
        case .allowed, .prefixBlocked, .invalidNumber, .countryNotAllowed, .routeClosed: true
        case .quiet: false
        }
    }

    /// For whoever reads the job's timeline: why, and what to do.
    public var words: String? {
        switch self {
        case .allowed: nil
        case .prefixBlocked(let prefix, let reason): "numbers that begin with +\(prefix) are blocked: \(reason)"
        case .invalidNumber(let doubt): doubt.words
        case .countryNotAllowed(let country):
            "\(country) is not allowed: an operator allows it with select outrider.allow_country('\(country)')"
        case .routeClosed(let country, let reason): "the route to \(country) is closed: \(reason)"
        case .quiet(let rule, _, _): "quiet hours \(rule)"
        }
    }

    /// The same beside a step that was passed over for this reason.
    public func words(on reason: SkipReason) -> String? {
        switch reason {
        case .prefixBlocked, .invalidNumber, .countryNotAllowed, .routeClosed: words
        case .noAddress, .optedOut, .windowClosed, .noConsent, .capped, .deadNumber, .noTextLine, .riskyNumber,
            .sealBroken, .noSender, .noContent:
            nil
        }
    }
}
