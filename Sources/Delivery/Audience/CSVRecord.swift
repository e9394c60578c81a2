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
