import Delivery
public import JobQueue
import Providers

/// What would become of the people of a campaign if it were sent now: by the same rules that admit a send, and the same
/// renderer that fills its text. It is a sum, so people may come in any order and in any parts.
public struct CampaignForecast: Sendable {
    /// A row by which nobody can be written to, or of which no text can be made.
    public struct Problem: Sendable, Hashable, Encodable {
        public var line: Int
        public var problem: String
    }

    /// One message as it would be sent.
    public struct Sample: Sendable, Hashable, Encodable {
        /// The row it is for; never the address.
        public var line: Int
        public var channel: String
        public var text: String
    }

    /// What would happen first, with how many people: `sms`, `opted_out`, ….
    public private(set) var people: [String: Int] = [:]
    public private(set) var rows = 0
    /// In the audience twice, by key or by address.
    public private(set) var duplicates = 0
    public private(set) var refused = 0
    /// The first rows that are wrong.
    public private(set) var problems: [Problem] = []
    /// By how many segments a text has, how many people get one.
    public private(set) var segments: [Int: Int] = [:]
    /// The same if Twilio's Smart Encoding were on.
    public private(set) var smartSegments: [Int: Int] = [:]
    /// What Smart Encoding would replace, by character: how many people.
    public private(set) var replaced: [String: Int] = [:]
    /// What makes texts UCS-2, by character: how many people.
    public private(set) var unusual: [String: Int] = [:]
    /// Sends, or segments of texts, by channel: what they cost of the senders' rates.
    public private(set) var costs: [String: Int] = [:]
    public private(set) var samples: [Sample] = []
    /// People by the variant that they get, of a campaign that has variants.
    public private(set) var variants: [String: Int] = [:]
    /// What it costs, by currency, as far as prices are known.
    public private(set) var money: [String: Double] = [:]

    private static let mostProblems = 20
    private static let mostSamples = 3

    public let plan: CampaignPlan
    private let renderer = ContentRenderer()
    /// Hashes, 64 bits each: of ten million people one in 100,000 campaigns would count one too few.
    private var known: Set<Int> = []
    private var chosen: [Choice: JobContent] = [:]

    private struct Choice: Hashable {
        var channel: Channel
        var locale: String
        var variant: String
    }

    /// Where messages may go. It tells who gets nothing at any hour; what waits for an hour is sent all the same.
    private let contact: CampaignContact?

    public init(_ plan: CampaignPlan, by contact: CampaignContact? = nil) {
        (self.plan, self.contact) = (plan, contact)
    }

    /// - Parameters:
    ///   - outlooks: one for each person of the batch.
    ///   - onPerson: called with each person who counts: neither refused nor there twice.
    public mutating func add(
        _ batch: AudienceBatch, _ outlooks: [PersonOutlook],
        onPerson: (AudienceBatch.Person, PersonOutlook) -> Void = { _, _ in }
    ) {
        rows += batch.count
        for refusal in batch.refused { refuse(refusal.line, refusal.problem) }
        for (person, outlook) in zip(batch.people, outlooks) {
            if let problem = outlook.problem {
                refuse(person.member.line, problem)
            } else if isKnown(person.member) {
                duplicates += 1
            } else if outlook.isHeldOut {
                count("held_out")
            } else {
                if !outlook.variant.isEmpty { variants[outlook.variant, default: 0] += 1 }
                admit(person, outlook)
                onPerson(person, outlook)
            }
        }
    }

    /// Reads people and says what would become of them; nothing is written.
    ///
    /// - Parameters:
    ///   - contact: where messages may go; nil is anywhere.
    ///   - loaded: whether the people are those who were loaded already; else they are those of the audience.
    ///   - onRows: called with the rows read so far; what it throws ends the reading.
    ///   - onPerson: called with each person who counts.
    public static func make(
        of plan: CampaignPlan, from store: AudienceStore, by contact: CampaignContact? = nil, loaded: Bool = false,
        onRows: (Int) throws -> Void = { _ in },
        onPerson: (AudienceBatch.Person, PersonOutlook) -> Void = { _, _ in }
    ) async throws -> CampaignForecast {
        var forecast = CampaignForecast(plan, by: contact)
        guard let audience = plan.audience, !loaded else {
            try await store.readLoaded(plan) { batch in
                forecast.add(batch, try await store.outlook(of: batch, in: plan), onPerson: onPerson)
                try onRows(forecast.rows)
            }
            return forecast
        }
        let outlook: @Sendable (AudienceBatch) async throws -> [PersonOutlook] = {
            try await store.outlook(of: $0, in: plan)
        }
        try await store.read(audience, preparing: outlook) { batch, outlooks in
            forecast.add(batch, outlooks, onPerson: onPerson)
            try onRows(forecast.rows)
        }
        return forecast
    }

    private mutating func refuse(_ line: Int, _ problem: String) {
        refused += 1
        note(line, problem)
    }

    private mutating func note(_ line: Int, _ problem: String) {
        if problems.count < Self.mostProblems { problems.append(Problem(line: line, problem: problem)) }
    }

    /// The first row of a key and of an address counts, as in a load.
    private mutating func isKnown(_ member: AudienceMember) -> Bool {
        let isMail = plan.channels == [.email]
        let phone = isMail ? nil : member.phone?.e164
        let address = phone ?? member.email?.address.asciiLowercased ?? ""
        let hashes = [member.key.map { "k\($0)".hashValue }, "a\(address)".hashValue].compactMap(\.self)
        if hashes.contains(where: known.contains) { return true }
        known.formUnion(hashes)
        return false
    }

    /// Step by step, as far as the first that would be sent. Where none would, the strongest reason counts.
    private mutating func admit(_ person: AudienceBatch.Person, _ outlook: PersonOutlook) {
        var reason = SkipReason.noContent
        for channel in plan.channels {
            let content = text(for: person, on: channel, outlook.variant)
            switch Admission(facts(of: person, outlook, on: channel, content)) {
            case .sendText where send(person, outlook, on: channel, content, approved: false): return
            case .sendTemplate where send(person, outlook, on: channel, content, approved: true): return
            case .skip(let why): reason = max(reason, why)
            case .sendText, .sendTemplate, .withdraw, .defer, .expire, .expireWaiting, .hold: break
            }
        }
        count(reason.rawValue)
    }

    private mutating func text(
        for person: AudienceBatch.Person, on channel: Channel, _ variant: String
    ) -> JobContent? {
        let choice = Choice(channel: channel, locale: person.member.locale ?? plan.locale, variant: variant)
        let found = chosen[choice] ?? plan.text(for: choice.locale, on: channel, variant: variant)
        chosen[choice] = found
        return found
    }

    private func facts(
        of person: AudienceBatch.Person, _ outlook: PersonOutlook, on channel: Channel, _ content: JobContent?
    ) -> Admission.Facts {
        var facts = Admission.Facts(
            channel: channel, hasAddress: channel == .email ? person.member.email != nil : person.member.phone != nil,
            hasSender: plan.rate(of: channel) != 0, isSuppressed: outlook.closed.contains(channel),
            isWindowOpen: outlook.isWindowOpen, hasText: content?.body != nil,
            hasTemplate: content?.contentSID != nil || content?.dynamicTemplate != nil, isExpired: false,
            hasConsent: outlook.consented.contains(channel),
            job: JobFacts(ladder: Ladder(steps: [.single(channel)]), category: plan.category))
        if let contact, let number = person.member.phone?.e164 {
            let asked = Contact(
                job: 0, tenant: contact.tenant, category: plan.category, channel: channel, number: number)
            let ruling = contact.rules.ruling(on: asked, at: Instant(microseconds: 0))
            if ruling.isForEver { facts.ruling = ruling }
        }
        return facts
    }

    /// - Returns: false when the text cannot be made.
    private mutating func send(
        _ person: AudienceBatch.Person, _ outlook: PersonOutlook, on channel: Channel, _ content: JobContent?,
        approved: Bool
    ) -> Bool {
        guard var content else { return false }
        content.dataJSON = plan.values(of: person, variant: outlook.variant)
        let text: String
        do throws(RenderError) {
            text = try renderer.render(content, for: channel, approved: approved).preview
        } catch {
            note(person.member.line, error.description)
            return false
        }
        count(channel.rawValue)
        let cost = channel == .sms ? measure(text) : 1
        costs[channel.rawValue, default: 0] += cost
        let country = channel == .email ? "" : outlook.country
        money.merge(plan.cost(of: cost, on: channel, to: country), uniquingKeysWith: +)
        if samples.count < Self.mostSamples {
            samples.append(Sample(line: person.member.line, channel: channel.rawValue, text: text))
        }
        return true
    }

    private mutating func measure(_ text: String) -> Int {
        let measured = SMSSegments(text)
        segments[measured.count, default: 0] += 1
        if let character = measured.unusual { unusual[character, default: 0] += 1 }
        let smart = SmartEncoding(text)
        smartSegments[smart.replaced.isEmpty ? measured.count : SMSSegments(smart.text).count, default: 0] += 1
        for character in smart.replaced { replaced[character, default: 0] += 1 }
        return measured.count
    }

    private mutating func count(_ what: String) { people[what, default: 0] += 1 }

    /// Seconds until the last is begun, where the campaign or every sender that serves it has a rate; nil where workers are the limit.
    public var seconds: Double? {
        let sends = plan.channels.reduce(0) { $0 + (people[$1.rawValue] ?? 0) }
        let own = plan.ownRate.map { Double(sends) / $0 }
        var longest = own ?? 0
        for channel in costs.keys {
            guard let seconds = seconds(of: channel) ?? own else { return nil }
            longest = max(longest, seconds)
        }
        return longest
    }

    /// The same of one channel alone.
    public func seconds(of channel: String) -> Double? {
        guard let rate = Channel(rawValue: channel).map(plan.rate(of:)) ?? nil else { return nil }
        return rate > 0 ? Double(costs[channel] ?? 0) / rate : 0
    }

    /// The same in words; nil where workers are the limit.
    public var duration: String? {
        seconds.map { seconds in
            let whole = Int(seconds.rounded(.up))
            return switch whole {
            case ..<120: "\(whole) s"
            case ..<7_200: "\((whole + 59) / 60) min"
            default: "\(whole / 3_600) h \(whole % 3_600 / 60) min"
            }
        }
    }
}

extension MessageContent {
    /// What a person would read or hear; a provider's own template is named.
    fileprivate var preview: String {
        switch self {
        case .text(let text, _), .spoken(let text): text
        case .email(let subject, let text, _): "\(subject)\n\(text)"
        case .contentTemplate(let sid, _): "template \(sid)"
        case .dynamicTemplate(let id, _, _): "template \(id)"
        }
    }
}
