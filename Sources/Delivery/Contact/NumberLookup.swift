/// What a provider can be asked about a number; each question has its price.
public enum LookupPackage: String, Sendable, CaseIterable {
    /// What kind of line it is.
    case lineType = "line_type"
    /// How likely texts to it are pumped: sent for the money that their carrier earns.
    case risk
}

/// The kinds of lines, in Twilio's words.
public enum LineType: String, Sendable, CaseIterable {
    case mobile, landline, tollFree, fixedVoip, nonFixedVoip, personal, premium, voicemail, sharedCost, uan, pager
    case unknown

    /// Whether a text may arrive. Where nobody can tell, it may: a text that is kept back is worse than one that is lost.
    public var takesTexts: Bool {
        switch self {
        case .landline, .premium, .voicemail, .sharedCost, .uan, .pager: false
        case .mobile, .tollFree, .fixedVoip, .nonFixedVoip, .personal, .unknown: true
        }
    }

    /// Whether the number is one of the Internet's, which is had without a telephone and by the thousand.
    public var isVoIP: Bool {
        switch self {
        case .fixedVoip, .nonFixedVoip: true
        case .mobile, .landline, .tollFree, .personal, .premium, .voicemail, .sharedCost, .uan, .pager, .unknown: false
        }
    }
}

/// What a provider told of a number, question by question. A question without an answer was not asked, or too long ago.
public struct NumberLookup: Sendable, Hashable {
    public enum Answer: Sendable, Hashable {
        case line(LineType)
        /// 0 to 100.
        case risk(Int)
        /// There is no such number.
        case invalid
        /// It told nothing. The code says why: the provider's, or what became of the request.
        case nothing(code: String)
    }

    public var answers: [LookupPackage: Answer]

    public init(_ answers: [LookupPackage: Answer] = [:]) {
        self.answers = answers
    }

    public var lineType: LineType? {
        guard case .line(let type) = answers[.lineType] else { return nil }
        return type
    }

    public var risk: Int? {
        guard case .risk(let score) = answers[.risk] else { return nil }
        return score
    }

    public var isInvalid: Bool { answers.values.contains(.invalid) }

    /// For the timeline of a message to the number; nil where nothing is to be remarked.
    public var remark: String? { lineType.flatMap { $0.isVoIP ? "a line of the type \($0.rawValue)" : nil } }

    /// With the answers of a later one.
    public func adding(_ later: NumberLookup) -> NumberLookup {
        NumberLookup(answers.merging(later.answers) { $1 })
    }
}

extension NumberLookup.Answer {
    /// As it is stored; nil where nothing was found.
    public var found: String? {
        switch self {
        case .line(let type): type.rawValue
        case .risk(let score): String(score)
        case .invalid: Self.invalidWord
        case .nothing: nil
        }
    }

    /// Why nothing was found.
    public var code: String? {
        guard case .nothing(let code) = self else { return nil }
        return code
    }

    /// - Parameter found: as it is stored. A word that this version does not know says nothing.
    public init(_ package: LookupPackage, found: String) {
        switch (found, package) {
        case (Self.invalidWord, _): self = .invalid
        case (_, .lineType): self = .line(LineType(rawValue: found) ?? .unknown)
        case (_, .risk): self = Int(found).map { .risk($0) } ?? .nothing(code: "unreadable")
        }
    }

    private static let invalidWord = "invalid"
}

/// Whether numbers are looked up before messages of a category are sent, and what is kept back.
public struct LookupRule: Sendable, Hashable {
    public var category: Category
    public var asksLineType: Bool
    /// A number whose risk is above it gets nothing by phone; nil asks for no risk.
    public var holdsOver: Int?

    public init(category: Category, asksLineType: Bool, holdsOver: Int? = nil) {
        self.category = category
        self.asksLineType = asksLineType
        self.holdsOver = holdsOver
    }

    /// What is asked before a message on the channel. WhatsApp knows its users itself, and mail has no number.
    public func packages(on channel: Channel) -> Set<LookupPackage> {
        switch channel {
        case .sms: Set((asksLineType ? [.lineType] : []) + (holdsOver == nil ? [] : [.risk]))
        case .voice: holdsOver == nil ? [] : [.risk]
        case .whatsapp, .email: []
        }
    }

    /// What is still to be asked. What told nothing a moment ago is not asked again.
    public func missing(in lookup: NumberLookup, on channel: Channel) -> Set<LookupPackage> {
        packages(on: channel).filter { lookup.answers[$0] == nil }
    }

    /// Why a message on the channel is kept back; nil lets it go. What nobody could tell keeps nothing back.
    public func reason(against lookup: NumberLookup, on channel: Channel) -> SkipReason? {
        let asked = packages(on: channel)
        if !asked.isEmpty, lookup.isInvalid { return .invalidNumber }
        if asked.contains(.risk), let risk = lookup.risk, let holdsOver, risk > holdsOver { return .riskyNumber }
        if asked.contains(.lineType), let type = lookup.lineType, !type.takesTexts { return .noTextLine }
        return nil
    }

    /// Beside a step that is passed over for this reason: what was found, for whoever reads the job's timeline.
    public func words(on reason: SkipReason, _ lookup: NumberLookup) -> String? {
        switch reason {
        case .noTextLine: lookup.lineType.map { "Lookup says that its line is of the type \($0.rawValue)" }
        case .riskyNumber:
            lookup.risk.map { risk in
                "Lookup gives it a risk of \(risk)\(holdsOver.map { "; \(category.rawValue) goes up to \($0)" } ?? "")"
            }
        case .invalidNumber: lookup.isInvalid ? "Lookup says that there is no such number" : nil
        case .noAddress, .optedOut, .windowClosed, .noConsent, .prefixBlocked, .countryNotAllowed, .capped,
            .routeClosed,
            .deadNumber, .sealBroken, .noSender, .noContent:
            nil
        }
    }
}
