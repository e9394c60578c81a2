public import Delivery
import Postgres

/// Where a schedule stands.
public struct ScheduleStatus: Sendable, Encodable {
    public var id: Int
    public var tenant, name, cron, zone: String
    public var tags: [String]
    /// The expression as a person would say it; empty until a worker has read it.
    public var words: String
    /// running, paused, or over: it has no time any more.
    public var state: String
    public var pausedReason: String
    /// When it fires next: in UTC, and its time by the clock of its zone.
    public var nextRun, nextLocal: String?
    /// What kept the last look of a worker from being kept.
    public var problem: String?
    /// What it makes: campaign or job.
    public var action: String
    public var rules: Rules
    /// Who made it or changed it last, and when, in UTC.
    public var login, changed: String
    /// Its last time that was decided, in UTC, and what became of it.
    public var lastRun, lastOutcome: String?
    public var lastReason: String

    public struct Rules: Sendable, Encodable {
        public var missed, overlap, onGap, onOverlap, jitter: String
        public var missedLimit: Int
        /// Nil is the usual of its `missed` rule.
        public var catchUp: String?
        public var lasts: String?
        /// In UTC.
        public var ends: String?
        var jitterSeconds: Double
        var endsUs: Int?

        private enum CodingKeys: String, CodingKey {
            case missed, overlap, onGap, onOverlap, jitter, missedLimit, catchUp, lasts, ends
        }
    }

    /// What a reader wants to know beside its times: why it stands still, or what went wrong.
    public var note: String {
        if let problem { return problem }
        if state == "paused" { return pausedReason }
        return lastOutcome == "fired" ? "" : lastReason
    }

    /// The expression in words, also where no worker has read it yet; itself where this version cannot.
    public var saying: String {
        words.isEmpty ? (try? CronExpression(cron))?.words ?? cron : words
    }

    /// As it is decided by; nil when this version cannot read its expression.
    public var schedule: Schedule? {
        guard let cron = try? CronExpression(cron) else { return nil }
        return Schedule(
            id: id, cron: cron,
            clockChange: ClockChangeRule(
                gap: .init(rawValue: rules.onGap) ?? .atChange, overlap: .init(rawValue: rules.onOverlap) ?? .first),
            jitter: .seconds(rules.jitterSeconds), endsAt: rules.endsUs.map { Instant(microseconds: Int64($0)) })
    }
}

extension ScheduleStatus {
    init(_ row: Row) throws(PostgresError) {
        id = try row.int("id")
        (tenant, name) = (try row.string("tenant"), try row.string("name"))
        (cron, zone) = (try row.string("cron"), try row.string("time_zone"))
        tags = try row.textArray("tags").compactMap(\.self)
        (words, state) = (try row.string("words"), try row.string("state"))
        pausedReason = try row.string("paused_reason")
        (nextRun, nextLocal) = (try row.optionalString("next_run"), try row.optionalString("next_local"))
        problem = try row.optionalString("problem")
        action = try row.string("action")
        rules = Rules(
            missed: try row.string("missed"), overlap: try row.string("overlap"), onGap: try row.string("on_gap"),
            onOverlap: try row.string("on_overlap"), jitter: try row.string("jitter"),
            missedLimit: try row.int("missed_limit"), catchUp: try row.optionalString("catch_up"),
            lasts: try row.optionalString("lasts"), ends: try row.optionalString("ends"),
            jitterSeconds: try row.double("jitter_seconds"), endsUs: try row.optionalInt("ends_us"))
        (login, changed) = (try row.string("login"), try row.string("changed"))
        (lastRun, lastOutcome) = (try row.optionalString("last_run"), try row.optionalString("last_outcome"))
        lastReason = try row.string("last_reason")
    }
}

/// A schedule with its times and what was done to it.
public struct ScheduleReport: Sendable, Encodable {
    public var status: ScheduleStatus
    /// What it makes its campaigns or jobs of, as JSON. It has texts and addresses: nil where it is shown on a page.
    public var definition: String?
    /// As a worker found them last; empty until one has read it.
    public var upcoming: [Time] = []
    /// The latest first.
    public var fires: [Fire] = []
    /// Who did what, the latest first.
    public var history: [Deed] = []

    init(_ status: ScheduleStatus) { self.status = status }

    /// What it makes, without an address and without a text; nothing without its definition.
    public var content: [(name: String, value: String)] {
        guard let definition = definition.flatMap({ JSON(parsing: Array($0.utf8)) }) else { return [] }
        return Self.shown.compactMap { name in definition[name]?.string.map { (name, $0) } }
    }

    private static let shown = ["category", "channel", "ladder", "template", "audience", "locale"]

    public struct Time: Sendable, Encodable {
        /// By the clock of its zone.
        public var local: String
        /// In UTC: the time that is named, and when it fires.
        public var nominal, fires: String

        init(_ row: Row) throws(PostgresError) {
            (local, nominal) = (try row.string("local"), try row.string("nominal"))
            fires = try row.string("fires")
        }
    }

    /// What became of a time.
    public struct Fire: Sendable, Encodable {
        /// In UTC: the time, and when it was decided about it.
        public var nominal, decided: String
        /// fired, waiting, skipped or failed.
        public var outcome, reason: String
        /// time, trigger or backfill.
        public var cause, login: String
        /// What it made.
        public var campaign: String?
        public var campaignId, jobId: Int?

        /// What it made, in words.
        public var made: String {
            campaign.map { "campaign \($0)" } ?? jobId.map { "job \($0)" } ?? ""
        }

        init(_ row: Row) throws(PostgresError) {
            (nominal, decided) = (try row.string("nominal"), try row.string("decided"))
            (outcome, reason) = (try row.string("outcome"), try row.string("reason"))
            (cause, login) = (try row.string("cause"), try row.string("login"))
            campaign = try row.optionalString("campaign")
            (campaignId, jobId) = (try row.optionalInt("campaign_id"), try row.optionalInt("job_id"))
        }
    }

    public struct Deed: Sendable, Encodable {
        /// In UTC.
        public var at: String
        public var login, what, reason: String
        /// For whom the login acted, as the operator page knows the person; empty where the login says it all.
        public var person: String

        /// The login, and before it the person for whom it acted.
        public var who: String { person.isEmpty ? login : "\(person), by \(login)" }

        init(_ row: Row) throws(PostgresError) {
            at = try row.string("at")
            (login, what, reason) = (try row.string("login"), try row.string("what"), try row.string("reason"))
            person = try row.string("person")
        }
    }
}
