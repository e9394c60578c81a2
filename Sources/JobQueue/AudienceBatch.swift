public import Delivery
import Postgres

/// People of an audience that are added together, and rows that were refused beside them.
public struct AudienceBatch: Sendable {
    /// A person as a job is made of one.
    public struct Person: Sendable {
        public var member: AudienceMember
        /// What fills the template: a JSON object. Never log it.
        public var values: String
    }

    /// What became of a batch.
    public struct Addition: Sendable {
        /// People who were not in the campaign before.
        public var added: Int
        /// Those of the holdout, who get nothing on purpose.
        public var heldOut = 0
        /// Those whom the database refused itself.
        public var refused: [AudienceRefusal]
    }

    public private(set) var people: [Person] = []
    public private(set) var refused: [AudienceRefusal] = []

    public init() {}

    /// Rows, refused ones included.
    public var count: Int { people.count + refused.count }

    public mutating func add(_ member: AudienceMember) {
        add(member, .object(member.data.map { JSON.Member(name: $0, value: .string($1)) }))
    }

    public mutating func add(_ refusal: AudienceRefusal) { refused.append(refusal) }

    /// A row of a table as a JSON object: the columns of an address, `key`, `locale` and `time_zone` are the person's own,
    /// `data` is an object with values, and every other column is a value.
    public mutating func add(row line: Int, _ person: [UInt8]) {
        guard case .object(let members)? = JSON(parsing: person) else {
            return add(AudienceRefusal(line: line, reason: .rule("must be readable as JSON")))
        }
        var columns: [String: String] = [:]
        var values: [JSON.Member] = []
        for member in members {
            switch (member.name, member.value) {
            case ("key", _), ("phone", _), ("email", _), ("address", _), ("locale", _), ("time_zone", _):
                columns[member.name] = member.value.text
            case ("data", .object(let own)): values += own
            case ("data", .null): break
            default: values.append(member)
            }
        }
        do {
            let member = try AudienceMember(line: line, columns)
            guard member.key != nil else { return add(AudienceRefusal(line: line, reason: .rule("must have a key"))) }
            add(member, .object(values))
        } catch {
            add(error)
        }
    }

    private mutating func add(_ member: AudienceMember, _ values: JSON) {
        people.append(Person(member: member, values: String(decoding: values.encoded, as: UTF8.self)))
    }

    /// As `add_people` takes them.
    var parameters: [Parameter] {
        [.intArray(people.map(\.member.line))] + columns
            + [.intArray(refused.map(\.line)), .textArray(refused.map { $0.problem })]
    }

    /// Keys, phones, e-mail addresses, locales, time zones and values.
    var columns: [Parameter] {
        let members = people.map(\.member)
        return [
            .textArray(members.map(\.key)), .textArray(members.map { $0.phone?.e164 }),
            .textArray(members.map { $0.email?.address }), .textArray(members.map(\.locale)),
            .textArray(members.map(\.timeZone)), .textArray(people.map(\.values)),
        ]
    }
}

extension JSON {
    /// A text or a number as a text; nil for the others.
    fileprivate var text: String? {
        switch self {
        case .string(let text): text
        case .number(let number): number
        case .bool(let isTrue): String(isTrue)
        case .null, .array, .object: nil
        }
    }
}
