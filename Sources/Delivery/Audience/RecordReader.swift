/// Reads a CSV file of records whose columns are known: the header names them in any order, and a record is a line. One at a
/// time, so that a million take no more memory than one.
///
/// A record that cannot be used is refused by itself. A file that cannot be told apart into records is an error.
public struct RecordReader<Bytes: IteratorProtocol> where Bytes.Element == UInt8 {
    private let columns: [String]
    private let needed: [String]
    private var records: CSVReader<Bytes>

    public enum Row: Sendable, Hashable {
        case record(CSVFields)
        case refused(RecordProblem)
    }

    /// Reads the header.
    ///
    /// - Parameters:
    ///   - columns: those that the file may have.
    ///   - needed: those that it must have, and that no record may leave empty.
    /// - Throws: what is wrong with the header.
    public init(_ bytes: Bytes, columns: [String], needed: [String]) throws(RecordProblem) {
        records = CSVReader(bytes)
        self.needed = needed
        let header: CSVRecord?
        do throws(AudienceError) { header = try records.next() } catch { throw RecordProblem(error) }
        guard let header else { throw RecordProblem(line: 1, nil, "must begin with a line that names the columns") }
        self.columns = header.fields
        for (index, name) in header.fields.enumerated() {
            guard columns.contains(name) else {
                throw RecordProblem(
                    line: header.line, "\(index + 1)",
                    "must be one of \(columns.joined(separator: ", ")): is the header missing?")
            }
            guard header.fields.firstIndex(of: name) == index else {
                throw RecordProblem(line: header.line, name, "must be there once")
            }
        }
        for name in needed where !header.fields.contains(name) {
            throw RecordProblem(line: header.line, name, "must be there")
        }
    }

    /// The next record, nil at the end.
    ///
    /// - Throws: why the file cannot be read on.
    public mutating func next() throws(RecordProblem) -> Row? {
        let record: CSVRecord?
        do throws(AudienceError) { record = try records.next() } catch { throw RecordProblem(error) }
        guard let record else { return nil }
        let fields = record.fields
        guard fields.count == columns.count else {
            return .refused(
                RecordProblem(
                    line: record.line, nil, "must have \(columns.count) fields as the header, not \(fields.count)"))
        }
        var values: [String: String] = [:]
        for (name, value) in zip(columns, fields) where !value.isEmpty {
            guard !value.utf8.contains(0) else {
                return .refused(RecordProblem(line: record.line, name, "must not have the character U+0000"))
            }
            values[name] = value
        }
        if let missing = needed.first(where: { values[$0] == nil }) {
            return .refused(RecordProblem(line: record.line, missing, "must not be empty"))
        }
        return .record(CSVFields(line: record.line, values: values))
    }
}

/// The fields of a record by their columns; what is empty is not there. Never log it.
public struct CSVFields: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    public let line: Int
    public let values: [String: String]

    public init(line: Int, values: [String: String]) {
        self.line = line
        self.values = values
    }

    /// The line alone, so that an interpolation in a log line cannot leak what stands there.
    public var description: String { "line \(line)" }
    /// Empty, so that `dump` and reflection show no more than `description`.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What is wrong with a record or a file: the line and the column, never what stands there.
public struct RecordProblem: Error, Sendable, Hashable, CustomStringConvertible {
    public let line: Int
    /// Its name, or its number in a header that has none of it; nil when it is about the line.
    public let column: String?
    public let problem: String

    public init(line: Int, _ column: String?, _ problem: String) {
        (self.line, self.column, self.problem) = (line, column, problem)
    }

    init(_ error: AudienceError) {
        self.init(line: error.line, error.column.map { "\($0)" }, error.rule.rawValue)
    }

    /// What is wrong, without the line.
    public var words: String { (column.map { "column \($0) " } ?? "") + problem }

    public var description: String { "line \(line): \(words)" }
}
