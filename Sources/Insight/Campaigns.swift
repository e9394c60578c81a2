import Delivery
public import Postgres
import Schema

/// Campaigns as people see and steer them: each call is a function of the schema, which keeps who made it and why.
public struct Campaigns: Sendable {
    private let fetch: @Sendable (Statement, [Parameter]) async throws(PostgresError) -> [Row]

    public init(_ database: PostgresPool) {
        fetch = { statement, parameters throws(PostgresError) in try await database.fetch(statement, parameters) }
    }

    /// All calls are parts of one transaction.
    public init(in transaction: PostgresTransaction) {
        fetch = { statement, parameters throws(PostgresError) in try await transaction.fetch(statement, parameters) }
    }

    /// - Returns: the id.
    public func create(_ campaign: NewCampaign, reason: String?) async throws(PostgresError) -> Int {
        try await fetch(.createCampaign, campaign.parameters(reason: reason))[0].int("id")
    }

    /// Asks the workers to read its audience.
    public func load(_ name: CampaignName, reason: String?) async throws(PostgresError) -> String {
        try await answer(.loadCampaign, [.text(name.name), .text(reason), .text(name.tenant)])
    }

    public func start(_ name: CampaignName, reason: String?) async throws(PostgresError) -> String {
        try await answer(.startCampaign, [.text(name.name), .text(reason), .text(name.tenant)])
    }

    public func pause(_ name: CampaignName, reason: String?) async throws(PostgresError) -> String {
        try await answer(.pauseCampaign, [.text(name.name), .text(reason), .text(name.tenant)])
    }

    public func resume(_ name: CampaignName, reason: String?) async throws(PostgresError) -> String {
        try await answer(.resumeCampaign, [.text(name.name), .text(reason), .text(name.tenant)])
    }

    public func cancel(_ name: CampaignName, reason: String?) async throws(PostgresError) -> String {
        try await answer(.cancelCampaign, [.text(name.name), .text(reason), .text(name.tenant)])
    }

    /// - Parameter perSecond: messages a second as PostgreSQL reads a number; nil lifts the limit.
    public func setRate(
        of name: CampaignName, perSecond: String?, reason: String?
    ) async throws(PostgresError) -> String {
        try await answer(.setCampaignRate, [.text(name.name), .text(perSecond), .text(reason), .text(name.tenant)])
    }

    /// Asks again, in a new wave, for those whom nothing reached.
    /// - Parameter classes: only those whose last failure was of one of these; all when nil.
    public func retry(
        _ name: CampaignName, classes: [String]?, reason: String?
    ) async throws(PostgresError) -> String {
        let classes = classes.map { Parameter.textArray($0) } ?? .null
        return try await answer(.retryCampaign, [.text(name.name), classes, .text(reason), .text(name.tenant)])
    }

    /// The newest come first.
    /// - Parameter limit: 1 to 1,000.
    public func newest(_ limit: Int, tenant: String?) async throws(PostgresError) -> [CampaignProgress] {
        try await progress(nil, tenant, nil, limit)
    }

    /// How far one is; nil when the login sees none of that name.
    public func progress(of name: CampaignName) async throws(PostgresError) -> CampaignProgress? {
        try await progress(name.name, name.tenant, nil, 1).first
    }

    /// Where one stands, with all its counts as of now; nil when the login sees none of that name.
    public func report(_ name: CampaignName) async throws(PostgresError) -> CampaignReport? {
        guard let progress = try await progress(of: name) else { return nil }
        return try await report(progress)
    }

    /// How far one is, by its id.
    public func progress(id: Int) async throws(PostgresError) -> CampaignProgress? {
        try await progress(nil, nil, id, 1).first
    }

    /// The same report by its id, for the operator page.
    public func report(id: Int) async throws(PostgresError) -> CampaignReport? {
        guard let progress = try await progress(id: id) else { return nil }
        return try await report(progress)
    }

    private func report(_ progress: CampaignProgress) async throws(PostgresError) -> CampaignReport {
        var report = CampaignReport(progress: progress)
        for row in try await fetch(.campaignTotals, [.int(progress.id)]) {
            report.counts.append(try CampaignCount(row))
        }
        report.progress.take(report.counts)
        for row in try await fetch(.campaignCosts, [.int(progress.id)]) {
            report.costs.append(try CampaignCost(row))
        }
        for row in try await fetch(.campaignMinutes, [.int(progress.id), .int(Self.mostMinutes)]) {
            report.minutes.append(try CampaignReport.Minute(row))
        }
        for row in try await fetch(.campaignHistory, [.int(progress.id), .int(Self.mostDeeds)]) {
            report.history.append(try CampaignReport.Deed(row))
        }
        return report
    }

    /// A day of minutes.
    private static let mostMinutes = 1_440
    private static let mostDeeds = 100

    /// What became of each person, by the ids of their jobs.
    /// - Parameters:
    ///   - job: those after it.
    ///   - limit: 1 to 10,000.
    public func people(
        of name: CampaignName, after job: Int, limit: Int
    ) async throws(PostgresError) -> [CampaignPerson] {
        var people: [CampaignPerson] = []
        let parameters: [Parameter] = [.text(name.name), .int(job), .int(limit), .text(name.tenant)]
        for row in try await fetch(.campaignPeople, parameters) { people.append(try CampaignPerson(row)) }
        return people
    }

    private func answer(_ statement: Statement, _ parameters: [Parameter]) async throws(PostgresError) -> String {
        try await fetch(statement, parameters).first?.string("answer") ?? ""
    }

    private func progress(
        _ name: String?, _ tenant: String?, _ id: Int?, _ limit: Int
    ) async throws(PostgresError) -> [CampaignProgress] {
        var found: [CampaignProgress] = []
        for row in try await fetch(.campaignStatus, [.text(name), .text(tenant), .int(limit), .int(id)]) {
            found.append(try CampaignProgress(row))
        }
        return found
    }
}

/// Which campaign is meant.
public struct CampaignName: Sendable, Hashable {
    public var name: String
    /// Nil is the login's own.
    public var tenant: String?

    public init(_ name: String, tenant: String? = nil) {
        self.name = name
        self.tenant = tenant
    }
}

/// What a campaign is made of. What is nil is left to the schema.
public struct NewCampaign: Sendable {
    public var name: CampaignName
    public var channel, ladder, category, body, subject, template, data, locale, timeZone, audience: String?
    /// Times as PostgreSQL reads them.
    public var startsAt, notAfter: String?
    /// Variants: a JSON array, as outrider.create_campaign takes it.
    public var variants: String?
    public var holdoutPercent: Double?
    /// Hours, such as 9:00, and ISO weekdays, 1 to 7.
    public var opens, closes: String?
    public var days: [Int]?
    public var budget = Budget()
    /// The most percent of results that may be filtered, opted out, or not set up.
    public var mostFiltered, mostOptedOut, mostNotSetUp: Double?

    /// What it may cost.
    public struct Budget: Sendable {
        public var messages, segments: Int?
        public var money: Double?
        public var currency: String?

        public init() {}
    }

    public init(_ name: CampaignName) { self.name = name }

    fileprivate func parameters(reason: String?) -> [Parameter] {
        [
            name.name, channel, ladder, category, body, subject, template, data, locale, timeZone, audience, startsAt,
            notAfter, reason, name.tenant, variants,
        ].map { .text($0) } + limits
    }

    private var limits: [Parameter] {
        [
            .double(holdoutPercent), .text(opens), .text(closes), days.map { .intArray($0) } ?? .null,
            .int(budget.messages), .int(budget.segments), .double(budget.money), .text(budget.currency),
            .double(mostFiltered), .double(mostOptedOut), .double(mostNotSetUp),
        ]
    }
}

/// Where a campaign stands.
public struct CampaignProgress: Sendable, Encodable {
    public var id: Int
    public var tenant, name, state, reason, category, way: String
    /// Jobs asked for, those of them that have no due row yet, of which a send was begun, and that ended.
    public var people, unfed, begun, ended, delivered: Int
    public var attempts, segments: Int
    /// People who get nothing on purpose; they are not among `people`.
    public var heldOut: Int
    /// What it may cost, in words; empty where it has no budget.
    public var budget: String
    /// Messages a second that it may begin at most; empty where it has no limit of its own.
    public var rate: String
    /// Of its last load.
    public var load: Load?
    /// In UTC.
    public var created: String
    public var endedOn: String?

    public struct Load: Sendable, Encodable {
        /// waiting, running, done, failed or left.
        public var state: String
        /// Rows read, and those of them that were refused.
        public var read, refused: Int
        public var error: String?
    }

    /// The figures of later counts: what is shown together is of one moment.
    fileprivate mutating func take(_ counts: [CampaignCount]) {
        people = counts.map(\.people).reduce(0, +)
        begun = counts.map(\.begun).reduce(0, +)
        ended = counts.map(\.ended).reduce(0, +)
        delivered = counts.filter { $0.outcome == Outcome.delivered.rawValue }.map(\.ended).reduce(0, +)
        attempts = counts.map(\.attempts).reduce(0, +)
        segments = counts.map(\.segments).reduce(0, +)
    }

    /// What a reader wants to know beside the figures: why it stands still, or that its people are still being read.
    public var note: String {
        switch load?.state {
        case "running", "waiting": "loading: \(load?.read ?? 0) rows read"
        case "failed": "load failed: \(load?.error ?? "")"
        default: state == "paused" || state == "canceled" ? reason : ""
        }
    }

    /// Ended, of all, 0 to 1.
    public var share: Double { people == 0 ? 0 : Double(ended) / Double(people) }

    fileprivate init(_ row: Row) throws(PostgresError) {
        id = try row.int("id")
        (tenant, name, state) = (try row.string("tenant"), try row.string("name"), try row.string("state"))
        (reason, category, way) = (try row.string("reason"), try row.string("category"), try row.string("way"))
        (people, unfed, begun) = (try row.int("people"), try row.int("unfed"), try row.int("begun"))
        (ended, delivered) = (try row.int("ended"), try row.int("delivered"))
        (attempts, segments) = (try row.int("attempts"), try row.int("segments"))
        if let state = try row.optionalString("load_state") {
            load = Load(
                state: state, read: try row.int("load_read"), refused: try row.int("load_refused"),
                error: try row.optionalString("load_error"))
        }
        (heldOut, budget, rate) = (try row.int("held_out"), try row.string("budget"), try row.string("rate"))
        created = try row.string("created")
        endedOn = try row.optionalString("ended_on")
    }
}

extension Statement {
    static let createCampaign = Schema.statement("create_campaign")
    static let loadCampaign = Schema.statement("load_campaign")
    static let startCampaign = Schema.statement("start_campaign")
    static let pauseCampaign = Schema.statement("pause_campaign")
    static let resumeCampaign = Schema.statement("resume_campaign")
    static let cancelCampaign = Schema.statement("cancel_campaign")
    static let retryCampaign = Schema.statement("retry_campaign")
    static let setCampaignRate = Schema.statement("set_campaign_rate")
    static let campaignStatus = Schema.statement("campaign_status")
    static let campaignTotals = Schema.statement("campaign_totals")
    static let campaignCosts = Schema.statement("campaign_costs")
    static let campaignMinutes = Schema.statement("campaign_minutes")
    static let campaignHistory = Schema.statement("campaign_history")
    static let campaignPeople = Schema.statement("campaign_people")
}
