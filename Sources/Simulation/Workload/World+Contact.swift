import Delivery

/// Quiet hours of a run: a part of its first minutes, by the clock of the people, which is not that of the senders.
struct QuietSpan: Sendable {
    /// The categories that they bind.
    static let categories: [Category] = [.transactional, .marketing]

    /// How far the people's clock is ahead of UTC, in seconds; the senders' is behind by as much.
    var ahead: Int
    /// Minutes of a day on the people's clock.
    var begins: Int
    var ends: Int

    /// The rules as an operator would write them.
    /// - Parameter bug: whether numbers count as where their senders are.
    func rules(bug: PlantedBug?) -> ContactRules {
        let people = NumberPlace(country: "PL", zones: ["People"])
        let senders = NumberPlace(country: "US", zones: ["Senders"])
        return ContactRules(
            version: 2,
            quietHours: Self.categories.map {
                QuietHours(name: "quiet-\($0.rawValue)", jurisdiction: "*", category: $0, begins: begins, ends: ends)
            },
            places: PrefixTable([("48", bug == .quietBySenderZone ? senders : people), ("1", senders)]),
            zones: [
                "People": ZoneRules(first: ahead, changes: []), "Senders": ZoneRules(first: -ahead, changes: []),
            ])
    }

    /// They begin some seconds after the run does, which is at 22:13:20 UTC.
    init(_ random: inout SplitMix64) {
        let start = Int(Time.epoch / 1_000_000)
        ahead = random.pick([3_600, 5_400, 7_205])
        let minute = (start + ahead) % 86_400 / 60
        begins = (minute + random.pick(0..<2)) % 1_440
        ends = (begins + random.pick(1..<3)) % 1_440
    }
}

extension World {
    /// The rules of contact as a worker reads them.
    var contactRules: ContactRules { database.contactRules }

    /// `outrider.block_prefix`, where none is blocked before.
    mutating func block(_ prefix: String) {
        database.contactRules.blocked = PrefixTable([(prefix, "test")])
        database.contactRules.version += 1
    }

    /// Operators set quiet hours before anything is asked for.
    mutating func planContact() {
        if let span = workload.quiet { database.contactRules = span.rules(bug: bug) }
        if let cap = workload.cap { database.contactRules.caps = [cap] }
    }
}
