import Delivery
import Postgres

/// What a campaign has come to.
public struct CampaignReport: Sendable, Encodable {
    public var progress: CampaignProgress
    public var counts: [CampaignCount] = []
    public var costs: [CampaignCost] = []
    /// Of the day before the last thing that happened, the oldest first, also those in which nothing did.
    public var minutes: [Minute] = []
    /// Who did what, the latest first.
    public var history: [Deed] = []

    public struct Minute: Sendable, Encodable {
        /// In UTC, such as 2026-11-26 15:08.
        public var minute: String
        /// People whose first send was begun, and people who ended.
        public var begun, ended: Int

        init(_ row: Row) throws(PostgresError) {
            minute = try row.string("minute")
            (begun, ended) = (try row.int("begun"), try row.int("ended"))
        }
    }

    public struct Deed: Sendable, Encodable {
        /// In UTC.
        public var at: String
        /// The person is empty where the login says it all.
        public var login, person, what, reason: String

        init(_ row: Row) throws(PostgresError) {
            at = try row.string("at")
            (login, person) = (try row.string("login"), try row.string("person"))
            (what, reason) = (try row.string("what"), try row.string("reason"))
        }

        /// The person, with the login behind them.
        public var who: String { person.isEmpty ? login : "\(person) by \(login)" }
    }

    init(progress: CampaignProgress) { self.progress = progress }

    /// How many people ended, by what `key` names; what it leaves empty is left out. The most come first.
    public func ended(by key: (CampaignCount) -> String) -> [(name: String, people: Int)] {
        var sums: [String: Int] = [:]
        for count in counts where count.ended > 0 && !key(count).isEmpty { sums[key(count), default: 0] += count.ended }
        return sums.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }

    /// What a report is divided by.
    public static let divisions: [(title: String, key: @Sendable (CampaignCount) -> String)] = [
        ("ended as", { $0.outcome }),
        ("channel that got through", { $0.outcome == Outcome.delivered.rawValue ? $0.channel : "" }),
        ("class of failure", { $0.failure }), ("calling code", { $0.country }), ("variant", { $0.variant }),
        ("wave", { String($0.wave) }),
    ]
}

/// Counts of one campaign that share a wave, a variant, a calling code, a channel, an outcome and a class of failure.
public struct CampaignCount: Sendable, Encodable {
    public var wave: Int
    public var variant, country, channel, outcome, failure: String
    public var people, begun, attempts, segments, ended: Int

    init(_ row: Row) throws(PostgresError) {
        wave = try row.int("wave")
        (variant, country) = (try row.string("variant"), try row.string("country"))
        (channel, outcome, failure) = (
            try row.string("channel"), try row.string("outcome"), try row.string("class")
        )
        (people, begun, attempts) = (try row.int("people"), try row.int("begun"), try row.int("attempts"))
        (segments, ended) = (try row.int("segments"), try row.int("ended"))
    }
}
