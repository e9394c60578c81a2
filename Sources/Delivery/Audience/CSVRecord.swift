/// One record of a CSV file.
public struct CSVRecord: Sendable, Hashable {
    /// The line it begins in, from 1; quoted fields may hold further lines.
    public let line: Int
    /// At least one; without the quotes around them.
    public internal(set) var fields: [String] = []

    init(line: Int) {
        self.line = line
    }
}

extension CSVRecord: CustomStringConvertible, CustomReflectable {
    /// What the fields hold is nobody's business in a log.
    public var description: String { "line \(line), \(fields.count) fields" }
    /// Empty, so that `dump` and reflection show no more than `description`.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
