/// What a job says, as one text that is sealed and opened as a whole. So no part of it can be put beside a part of another.
public struct SealedWords: Sendable, Hashable {
    /// What the seal is for.
    public static let purpose = "outrider job"

    public var body: String?
    public var subject: String?
    /// A JSON object in which each key stands once; nil when there is none.
    public private(set) var dataJSON: String?

    /// - Parameter dataJSON: of a key that stands there twice the last value counts, as for PostgreSQL.
    public init(body: String? = nil, subject: String? = nil, dataJSON: String? = nil) {
        self.body = body
        self.subject = subject
        self.dataJSON = dataJSON.map { text in
            JSON(parsing: Array(text.utf8)).map { String(decoding: $0.withEachKeyOnce.encoded, as: UTF8.self) } ?? text
        }
    }

    public var isEmpty: Bool { body == nil && subject == nil && dataJSON == nil }

    /// A JSON object of texts: what is sealed.
    public var encoded: String {
        let members = [("body", body), ("subject", subject), ("data", dataJSON)].compactMap { name, text in
            text.map { JSON.Member(name: name, value: .string($0)) }
        }
        return String(decoding: JSON.object(members).encoded, as: UTF8.self)
    }

    /// Nil for what is none.
    public init?(encoded text: String) {
        guard let json = JSON(parsing: Array(text.utf8)), case .object = json else { return nil }
        self.init(body: json["body"]?.string, subject: json["subject"]?.string, dataJSON: json["data"]?.string)
    }

    /// The rule of outrider.jobs that the words break; nil when they break none. The table cannot look into what is sealed,
    /// so whoever seals asks here.
    public func brokenRule(on channel: String?, hasTemplate: Bool) -> String? {
        if body == nil, !hasTemplate { return "content_needs_a_body_or_a_template" }
        if body != nil, hasTemplate { return "content_takes_a_body_or_a_template_not_both" }
        if let body {
            if body.isBlank { return "body_must_not_be_blank" }
            let length = body.unicodeScalars.count
            if let channel, channel != "email", length > 1_600 { return "body_must_be_at_most_1600_characters" }
            if length > 100_000 { return "body_must_be_at_most_100000_characters_for_email" }
        }
        if let subject {
            let isLine = !subject.unicodeScalars.contains { $0 == "\n" || $0 == "\r" }
            guard isLine, (1...255).contains(subject.unicodeScalars.count) else {
                return "subject_must_be_one_line_of_at_most_255_characters"
            }
            if subject.isBlank { return "subject_must_not_be_blank" }
        }
        if channel == "email", subject == nil, !hasTemplate { return "email_needs_a_subject_or_a_template" }
        return brokenRuleOfData
    }

    private var brokenRuleOfData: String? {
        guard let dataJSON else { return nil }
        guard case .object = JSON(parsing: Array(dataJSON.utf8)), !dataJSON.contains("\\u0000") else {
            return "data_must_be_a_json_object"
        }
        return dataJSON.utf8.count > 65_536 ? "data_must_be_at_most_64_kilobytes" : nil
    }
}

/// Whether what a job says can be read.
public enum ContentSeal: Sendable, Hashable {
    /// Nothing of it is sealed.
    case none
    /// As it stands in the row; nobody has tried to open it. It may become any of those below.
    case closed(SealedContent)
    /// It was sealed and is open. The likeness stands for its words where two messages are compared.
    case opened(likeness: String)
    /// The worker does not have the key.
    case keyMissing(String)
    /// It does not open with its key.
    case broken
}

/// What stands in `jobs.sealed`, and whose it is.
public struct SealedContent: Sendable, Hashable {
    public var text: String
    /// Address, phone and e-mail address, as the row has them. It opens for these alone.
    public var owner: [String?]

    public init(_ text: String, address: String?, phone: String?, email: String?) {
        self.text = text
        owner = [address, phone, email]
    }
}

extension JSON {
    fileprivate var withEachKeyOnce: JSON {
        switch self {
        case .null, .bool, .number, .string: return self
        case .array(let elements): return .array(elements.map(\.withEachKeyOnce))
        case .object(let members):
            var seen: Set<[UInt8]> = []
            let last = members.reversed().filter { seen.insert(Array($0.name.utf8)).inserted }.reversed()
            return .object(last.map { Member(name: $0.name, value: $0.value.withEachKeyOnce) })
        }
    }
}
