/// Reads the people of a campaign from a CSV file: the columns `phone` and `email` are addresses, the others fill the
/// template. One row at a time, so that a million take no more memory than one.
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
            guard column == column.lowercased() || !Self.addressColumns.contains(column.lowercased()) else {
                throw AudienceError(.addressColumnsAreLowerCase, line: header.line, column: index + 1)
            }
        }
        guard columns.contains(where: Self.addressColumns.contains) else {
            throw AudienceError(.hasAddressColumn, line: header.line)
        }
    }

    private static var addressColumns: [String] { ["phone", "email"] }

    /// The next row, nil at the end.
    ///
    /// - Throws: `AudienceError` when the file cannot be read on.
    public mutating func next() throws(AudienceError) -> Row? {
        guard let record = try records.next() else { return nil }
        do {
            return .member(try member(record))
        } catch {
            return .refused(AudienceRefusal(line: record.line, reason: error.reason))
        }
    }

    private struct Refused: Error {
        let reason: AudienceRefusal.Reason
    }

    private func member(_ record: CSVRecord) throws(Refused) -> AudienceMember {
        let fields = record.fields
        guard fields.count == columns.count else {
            throw Refused(reason: .fields(found: fields.count, expected: columns.count))
        }
        guard !fields.contains(where: { $0.utf8.contains(0) }) else { throw Refused(reason: .zeroCharacter) }
        var data = Dictionary(uniqueKeysWithValues: zip(columns, fields))
        let addresses = (phone: data.removeValue(forKey: "phone") ?? "", email: data.removeValue(forKey: "email") ?? "")
        guard !addresses.phone.isEmpty || !addresses.email.isEmpty else { throw Refused(reason: .noAddress) }
        do {
            return AudienceMember(
                line: record.line, phone: addresses.phone.isEmpty ? nil : try PhoneNumber(addresses.phone),
                email: addresses.email.isEmpty ? nil : try EmailAddress(addresses.email), data: data)
        } catch {
            throw Refused(reason: .address(error))
        }
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
