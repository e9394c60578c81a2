/// Reads the people of a campaign from a CSV file: the columns `phone`, `email` and `address` are addresses, `key`, `locale`
/// and `time_zone` are the person's own, the others fill the template. One row at a time, so that a million take no more
/// memory than one.
///
/// A row that cannot be used is refused by itself. A file that cannot be told apart into rows is an error: read it to
/// the end before anyone is written to.
public struct AudienceReader<Bytes: IteratorProtocol> where Bytes.Element == UInt8 {
    /// As the header has them.
    public let columns: [String]
    private var records: CSVReader<Bytes>

    public enum Row: Sendable, Hashable {
        case member(AudienceMember)
        case refused(AudienceRefusal)
    }

    /// Reads the header.
    ///
    /// - Throws: `AudienceError` when there is none, or no column holds addresses.
    public init(_ bytes: Bytes) throws(AudienceError) {
        records = CSVReader(bytes)
        guard let header = try records.next() else { throw AudienceError(.hasHeader, line: 1) }
        columns = header.fields
        guard columns.count <= 64 else { throw AudienceError(.columnsAreFew, line: header.line) }
        for (index, column) in columns.enumerated() {
            guard Self.isName(column) else {
                throw AudienceError(.columnsAreNames, line: header.line, column: index + 1)
            }
            guard columns.firstIndex(of: column) == index else {
                throw AudienceError(.columnsDiffer, line: header.line, column: index + 1)
            }
            // Or its addresses would fill templates.
            guard column == column.lowercased() || !AudienceMember.addressColumns.contains(column.lowercased()) else {
                throw AudienceError(.addressColumnsAreLowerCase, line: header.line, column: index + 1)
            }
        }
        guard columns.contains(where: AudienceMember.addressColumns.contains) else {
            throw AudienceError(.hasAddressColumn, line: header.line)
        }
    }

    /// The next row, nil at the end.
    ///
    /// - Throws: `AudienceError` when the file cannot be read on.
    public mutating func next() throws(AudienceError) -> Row? {
        guard let record = try records.next() else { return nil }
        do {
            return .member(try member(record))
        } catch {
            return .refused(error)
        }
    }

    private func member(_ record: CSVRecord) throws(AudienceRefusal) -> AudienceMember {
        let fields = record.fields
        guard fields.count == columns.count else {
            throw AudienceRefusal(line: record.line, reason: .fields(found: fields.count, expected: columns.count))
        }
        guard !fields.contains(where: { $0.utf8.contains(0) }) else {
            throw AudienceRefusal(line: record.line, reason: .zeroCharacter)
        }
        return try AudienceMember(line: record.line, Dictionary(uniqueKeysWithValues: zip(columns, fields)))
    }

    /// What a template can ask for.
    private static func isName(_ column: String) -> Bool {
        let bytes = column.utf8
        guard let first = bytes.first, bytes.count <= 63, !isDigit(first) else { return false }
        return bytes.allSatisfy { isDigit($0) || isLetter($0) || $0 == UInt8(ascii: "_") }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}

/// A person of an audience: where to reach them, and what fills the template.
public struct AudienceMember: Sendable, Hashable {
    /// The line of the file, or the number of the row.
    public let line: Int
    /// What tells this person from others; nil when nothing was given.
    public let key: String?
    /// At least one of the two is there.
    public let phone: PhoneNumber?
    public let email: EmailAddress?
    public let locale: String?
    public let timeZone: String?
    /// The other columns by their names; what is empty in the file is an empty text here. Never log it.
    public let data: [String: String]

    /// Columns that may hold an address.
    static let addressColumns = ["phone", "email", "address"]

    /// - Parameter columns: all of them by their names. One that is empty says nothing, unless it fills the template.
    /// - Throws: why nobody can be written to.
    public init(line: Int, _ columns: [String: String]) throws(AudienceRefusal) {
        var data = columns
        func take(_ column: String) -> String? {
            data.removeValue(forKey: column).flatMap { $0.isEmpty ? nil : $0 }
        }
        let address = take("address")
        let isMail = address?.utf8.contains(UInt8(ascii: "@")) ?? false
        let phone = take("phone") ?? (isMail ? nil : address)
        let email = take("email") ?? (isMail ? address : nil)
        guard phone != nil || email != nil else { throw AudienceRefusal(line: line, reason: .noAddress) }
        do {
            self.phone = if let phone { try PhoneNumber(phone) } else { nil }
            self.email = if let email { try EmailAddress(email) } else { nil }
        } catch {
            throw AudienceRefusal(line: line, reason: .address(error))
        }
        (self.line, key, locale, timeZone) = (line, take("key"), take("locale"), take("time_zone"))
        self.data = data
    }
}

extension AudienceMember: CustomStringConvertible, CustomReflectable {
    /// The line alone, so that an interpolation in a log line cannot leak the person.
    public var description: String { "audience line \(line)" }
    /// Empty, so that `dump` and reflection show no more than `description`.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A row of an audience that names nobody who can be written to: which, and why. The other rows stand.
public struct AudienceRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The line of the file at which the row begins.
    public let line: Int
    public let reason: Reason

    public enum Reason: Sendable, Hashable {
        case fields(found: Int, expected: Int)
        case noAddress
        case address(AddressError)
        /// PostgreSQL's text holds every character but this one.
        case zeroCharacter
        /// What the database says of it.
        case rule(String)
    }

    public init(line: Int, reason: Reason) {
        self.line = line
        self.reason = reason
    }

    /// What is wrong, without the line.
    public var problem: String {
        switch reason {
        case .fields(let found, let expected): "must have \(expected) fields as the header, not \(found)"
        case .noAddress: "must have a phone number or an e-mail address"
        case .address(let error): error.description
        case .zeroCharacter: "must not have the character U+0000"
        case .rule(let rule): rule
        }
    }

    public var description: String { "audience line \(line): \(problem)" }
}

/// Why a file is no list of people: the rule it breaks and the line, never what stands there.
public struct AudienceError: Error, Sendable, Hashable, CustomStringConvertible {
    public let rule: Rule
    /// From 1.
    public let line: Int
    /// The column the rule is about, from 1; nil when it is about the line.
    public let column: Int?

    public enum Rule: String, Sendable, Hashable, CaseIterable {
        case isUTF8 = "must be UTF-8: save the file with that encoding"
        case linesEndInLineFeeds = "must have line ends of LF or CRLF; a lone CR belongs in quotes"
        case quotesEncloseFields = "must have quotes only around a whole field, and doubled within it"
        case quotedFieldsEndAtTheQuote = "must have a comma or the line's end after a closing quote"
        case quotesAreClosed = "must close the quote that is opened here"
        case recordsAreNotTooLong = "must have at most 65,536 bytes a record: is a quote before it not closed?"
        case hasHeader = "must begin with a line that names the columns, such as phone,name"
        case hasAddressColumn = "must have a column named phone, email or address"
        case columnsAreFew = "must have at most 64 columns"
        case columnsAreNames =
            "must name each column by a letter or _, then letters, digits and _, at most 63: is the header missing?"
        case columnsDiffer = "must name each column once"
        case addressColumnsAreLowerCase = "must name the columns of addresses phone, email or address, in small letters"
    }

    init(_ rule: Rule, line: Int, column: Int? = nil) {
        self.rule = rule
        self.line = line
        self.column = column
    }

    public var description: String {
        "audience line \(line)\(column.map { ", column \($0)" } ?? "") \(rule.rawValue)"
    }
}
