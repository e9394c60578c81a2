import Delivery

/// Addresses that stand for people's own in a rehearsal: another number of the same calling code, which no network gives out, and
/// a mailbox of example.com.
struct StandIns {
    /// Numbers of the plan that have one digit, and those that have two; all others have three. ITU-T E.164.
    private static let one: Set<Substring> = ["1", "7"]
    private static let two: Set<Substring> = [
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49",
        "51", "52",
        "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86", "90",
        "91", "92",
        "93", "94", "95", "98",
    ]

    /// Such as `+48`.
    static func callingCode(of number: String) -> String {
        let digits = number.dropFirst()
        let length = one.contains(digits.prefix(1)) ? 1 : two.contains(digits.prefix(2)) ? 2 : 3
        return String(number.prefix(1 + length))
    }

    /// - Parameter serial: tells the people of one rehearsal apart.
    static func phone(for number: String, serial: Int) -> String {
        let code = callingCode(of: number)
        // No national number begins with two zeros. In North America a number has eleven digits, neither more nor fewer.
        let length = code == "+1" ? 8 : max(8, number.utf8.count - code.utf8.count - 2)
        return code + "00" + padded(serial, to: length)
    }

    static func email(serial: Int) -> String { "p\(padded(serial, to: 6))@example.com" }

    private static func padded(_ number: Int, to length: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, length - digits.count)) + digits
    }

    // MARK: A person

    /// The person as a row of an audience, under another key and other addresses.
    static func row(of person: AudienceMember, values: String, serial: Int) -> JSON {
        let key = "person-\(serial)"
        let phone = person.phone.map { Self.phone(for: $0.e164, serial: serial) }
        let email = person.email.map { _ in Self.email(serial: serial) }
        let members: [(String, String?)] = [
            ("key", key), ("phone", phone), ("email", email), ("locale", person.locale), ("time_zone", person.timeZone),
        ]
        let own = members.compactMap { name, text in text.map { JSON.Member(name: name, value: .string($0)) } }
        return .object(own + [JSON.Member(name: "data", value: scrubbed(values, of: person))])
    }

    /// Values that fill texts, without anything in them that has the form of an address. Texts keep their length.
    private static func scrubbed(_ values: String, of person: AudienceMember) -> JSON {
        // The person's number may stand there without its plus, and the key may be an address of another form.
        let own = [person.phone.map { String($0.e164.dropFirst()) }, person.key].compactMap(\.self).filter {
            $0.count >= 7
        }
        return scrubbed(JSON(parsing: Array(values.utf8)) ?? .object([]), own)
    }

    private static func scrubbed(_ value: JSON, _ own: [String]) -> JSON {
        switch value {
        case .string(let text): .string(scrubbed(text, own))
        case .number(let text) where own.contains(text): .number("1" + String(repeating: "0", count: text.count - 1))
        case .array(let elements): .array(elements.map { scrubbed($0, own) })
        case .object(let members): .object(members.map { .init(name: $0.name, value: scrubbed($0.value, own)) })
        case .null, .bool, .number: value
        }
    }

    private static func scrubbed(_ text: String, _ own: [String]) -> String {
        let withoutNumbers = text.replacing(/\+[1-9][0-9]{6,14}/) { match in
            let code = callingCode(of: String(match.output))
            return code + String(repeating: "0", count: match.output.utf8.count - code.utf8.count)
        }
        let withoutMail = withoutNumbers.replacing(/[^\s@<>"]+@[^\s@<>"]+/) { match in
            "@example.com".count < match.output.count
                ? String(repeating: "p", count: match.output.count - "@example.com".count) + "@example.com"
                : "p@example.com"
        }
        return own.reduce(withoutMail) { $0.replacing($1, with: String(repeating: "0", count: $1.count)) }
    }
}
