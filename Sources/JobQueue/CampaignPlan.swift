public import Delivery
public import Postgres
import Schema

/// What a campaign says, by which channels and senders: all that a preview needs beside its people.
public struct CampaignPlan: Sendable {
    public var name: String
    public var tenant: String?
    public var category: Category
    /// The steps of its ladder, or its one channel.
    public var channels: [Channel]
    public var locale: String
    public var notAfter: Instant?
    /// The table or view of its people.
    public var audience: String?
    /// Its own limit in messages a second, over all channels; nil is none.
    public var ownRate: Double?
    /// When it writes, in words; nil at any time.
    public var hours: String?
    /// What carriers and people may miss in its text messages, each with what helps.
    public var warnings: [String] = []
    /// Values of the template for everybody.
    private var data: [JSON.Member]
    private var texts: [Text]
    private var rates: [Channel: [Double?]]
    /// By the variant's name; of a campaign without variants one with an empty name.
    private var variants: [String: Variant] = [:]
    private var prices: [Price] = []

    private struct Variant: Sendable {
        var template: String
        var data: [JSON.Member]
    }

    private struct Price: Sendable {
        var channel, prefix, currency: String
        var price: Double
    }

    private struct Text: Sendable {
        var template: String
        var channel: Channel
        var locale: String
        var isOwn: Bool
        var content: JobContent
    }

    /// Sends a second over all senders of a channel, where each has a limit; nil when one has none.
    /// - Returns: 0 when nobody serves the channel.
    public func rate(of channel: Channel) -> Double? {
        let rates = rates[channel] ?? []
        guard let least = rates.compactMap(\.self).min() else { return rates.isEmpty ? 0 : nil }
        // People are shared among senders alike: the slowest ends last.
        return rates.contains(nil) ? nil : least * Double(rates.count)
    }

    /// The template for a language on a channel, as a send would choose it; its data is a person's.
    public func text(for locale: String, on channel: Channel, variant: String = "") -> JobContent? {
        let language = String(locale.prefix { $0 != "-" })
        let template = variants[variant]?.template
        let fitting = texts.filter {
            $0.channel == channel && $0.template == template && ["", language, locale].contains($0.locale)
        }
        return fitting.max { ($0.isOwn ? 1 : 0, $0.locale.utf8.count) < ($1.isOwn ? 1 : 0, $1.locale.utf8.count) }?
            .content
    }

    /// A person's values, and those for everybody that they do not have: a JSON object.
    public func values(of person: AudienceBatch.Person, variant: String = "") -> String {
        let special = variants[variant]?.data ?? []
        let shared = special + data.filter { member in !special.contains { $0.name == member.name } }
        guard !shared.isEmpty, case .object(let own)? = JSON(parsing: Array(person.values.utf8)) else {
            return person.values
        }
        let rest = shared.filter { member in !own.contains { $0.name == member.name } }
        return String(decoding: JSON.object(own + rest).encoded, as: UTF8.self)
    }

    /// What so many segments of texts, or other messages, to a calling code cost in each currency that has a price.
    public func cost(of count: Int, on channel: Channel, to country: String) -> [String: Double] {
        var costs: [String: Double] = [:]
        for price in prices where price.channel == channel.rawValue && ["", country].contains(price.prefix) {
            // The calling code's own price counts before the one of any.
            if costs[price.currency] == nil || !price.prefix.isEmpty {
                costs[price.currency] = Double(count) * price.price
            }
        }
        return costs
    }

    fileprivate init(_ name: String, _ tenant: String?, _ row: Row) throws(PostgresError) {
        (self.name, self.tenant) = (name, tenant)
        category = Category(rawValue: try row.string("category")) ?? .marketing
        channels = try row.textArray("channels").compactMap { $0.flatMap(Channel.init) }
        locale = try row.string("locale")
        notAfter = try row.optionalInt("not_after_us").map { Instant(microseconds: Int64($0)) }
        audience = try row.optionalString("audience")
        data =
            if case .object(let members)? = JSON(parsing: Array(try row.string("data").utf8)) { members } else { [] }
        texts = (JSON(parsing: Array(try row.string("texts").utf8))?.array ?? []).compactMap { text in
            guard let channel = text["channel"]?.string.flatMap(Channel.init) else { return nil }
            return Text(
                template: text["template"]?.string ?? "", channel: channel, locale: text["locale"]?.string ?? "",
                isOwn: text["own"] == true,
                content: JobContent(
                    isTemplate: true, body: text["body"]?.string, subject: text["subject"]?.string,
                    html: text["html"]?.string, contentSID: text["content_sid"]?.string,
                    contentVariables: text["content_variables"]?.array?.compactMap(\.string) ?? [],
                    dynamicTemplate: text["dynamic_template"]?.string))
        }
        hours = try row.optionalString("window_words")
        ownRate = try row.optionalDouble("rate")
        for variant in JSON(parsing: Array((try row.optionalString("variants") ?? "").utf8))?.array ?? [] {
            let data: [JSON.Member] = if case .object(let members)? = variant["data"] { members } else { [] }
            variants[variant["variant"]?.string ?? ""] = Variant(
                template: variant["template"]?.string ?? "", data: data)
        }
        prices = (JSON(parsing: Array(try row.string("prices").utf8))?.array ?? []).compactMap { price in
            guard case .number(let amount)? = price["price"], let value = Double(amount) else { return nil }
            return Price(
                channel: price["channel"]?.string ?? "", prefix: price["prefix"]?.string ?? "",
                currency: price["currency"]?.string ?? "", price: value)
        }
        rates = [:]
        for sender in JSON(parsing: Array(try row.string("senders").utf8))?.array ?? [] {
            guard let channel = sender["channel"]?.string.flatMap(Channel.init) else { continue }
            let rate: Double? = if case .number(let text)? = sender["rate"] { Double(text) } else { nil }
            rates[channel, default: []].append(rate)
        }
    }
}

/// What stands against writing to one person.
public struct PersonOutlook: Sendable {
    /// Why a load would refuse the row.
    public var problem: String?
    /// Channels that the person has opted out of.
    public var closed: Set<Channel>
    /// Channels on which consent to the campaign's category is on record.
    public var consented: Set<Channel>
    /// Whether WhatsApp takes free text.
    public var isWindowOpen: Bool
    /// Which of the campaign's variants the person gets; empty where it has none.
    public var variant = ""
    /// Whether the person gets nothing on purpose.
    public var isHeldOut = false
    /// The calling code of the number; empty where there is none.
    public var country = ""
}

extension AudienceStore {
    /// Nil when the campaign was made by its first job: then nobody but the jobs says what it is.
    public func plan(of campaign: String, tenant: String?) async throws(PostgresError) -> CampaignPlan? {
        guard let row = try await fetch(.campaignPlan, [.text(campaign), .text(tenant)]).first else { return nil }
        var plan = try CampaignPlan(campaign, tenant, row)
        plan.warnings = try await warnings(of: campaign, tenant: tenant)
        return plan
    }

    /// What carriers and people may miss in a campaign's text messages, each with what helps.
    public func warnings(of campaign: String, tenant: String?) async throws(PostgresError) -> [String] {
        try await fetch(.campaignWarnings, [.text(campaign), .text(tenant)])
            .map { row throws(PostgresError) in try row.string("warning") }
    }

    /// What stands against each person of a batch, in their order.
    public func outlook(
        of batch: AudienceBatch, in plan: CampaignPlan
    ) async throws(PostgresError) -> [PersonOutlook] {
        var found: [PersonOutlook] = []
        for row in try await fetch(.previewPeople, [.text(plan.name)] + batch.columns + [.text(plan.tenant)]) {
            found.append(
                PersonOutlook(
                    problem: try row.optionalString("problem"),
                    closed: Set(try row.textArray("closed").compactMap { $0.flatMap(Channel.init) }),
                    consented: Set(try row.textArray("consented").compactMap { $0.flatMap(Channel.init) }),
                    isWindowOpen: try row.bool("is_window_open"), variant: try row.string("variant"),
                    isHeldOut: try row.bool("is_held_out"), country: try row.string("country")))
        }
        return found
    }

    /// When a campaign that sends for so many seconds would be done, in UTC; nil when that is beyond ten years.
    public func end(of plan: CampaignPlan, after seconds: Double) async throws(PostgresError) -> String? {
        try await fetch(.campaignEnd, [.text(plan.name), .double(seconds), .text(plan.tenant)]).first?
            .optionalString("ends")
    }
}

extension AudienceStore {
    /// Reads the people who were loaded already, from their jobs, a batch at a time. Jobs that say something of their own are
    /// left out. For an operator's login.
    public func readLoaded(_ plan: CampaignPlan, _ body: (AudienceBatch) async throws -> Void) async throws {
        var last = 0
        var line = 0
        while true {
            let rows = try await fetch(
                .loadedPeople, [.text(plan.name), .int(last), .int(Self.batchSize), .text(plan.tenant)])
            guard let end = rows.last else { return }
            last = try end.int("job_id")
            var batch = AudienceBatch()
            for row in rows {
                line += 1
                if let person = try row.optionalString("person") { batch.add(row: line, Array(person.utf8)) }
            }
            try await body(batch)
        }
    }
}

extension Statement {
    static let loadedPeople = Schema.statement("loaded_people")
    static let campaignWarnings = Schema.statement("campaign_warnings")
    static let campaignPlan = Schema.statement("campaign_plan")
    static let campaignEnd = Schema.statement("campaign_end")
    static let previewPeople = Schema.statement("preview_people")
}
