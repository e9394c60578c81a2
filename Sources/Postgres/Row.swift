/// One row of a result, read by column name. Column names of a statement are its own, so a wrong one is a mistake of ours.
/// The error names the column and never the value.
public struct Row: Sendable {
    /// The names shared by all rows of one result.
    final class Layout: Sendable {
        let names: [String]
        let positions: [String: Int]

        init(names: [String]) {
            self.names = names
            positions = Dictionary(zip(names, 0...), uniquingKeysWith: { first, _ in first })
        }
    }

    let layout: Layout
    let values: [String?]

    /// The column names, in order.
    public var columns: [String] { layout.names }

    /// The value as PostgreSQL's text; nil for NULL.
    /// - Throws: `.decoding` when there is no such column.
    public func optionalString(_ column: String) throws(PostgresError) -> String? {
        guard let position = layout.positions[column] else {
            throw .decoding(column: column, expected: "a column of this name")
        }
        return values[position]
    }

    public func string(_ column: String) throws(PostgresError) -> String {
        try present(column, optionalString(column), "text")
    }

    public func optionalInt(_ column: String) throws(PostgresError) -> Int? {
        try read(column, "an integer") { Int($0) }
    }

    public func int(_ column: String) throws(PostgresError) -> Int {
        try present(column, optionalInt(column), "an integer")
    }

    public func optionalBool(_ column: String) throws(PostgresError) -> Bool? {
        try read(column, "a boolean") { $0 == "t" ? true : $0 == "f" ? false : nil }
    }

    public func bool(_ column: String) throws(PostgresError) -> Bool {
        try present(column, optionalBool(column), "a boolean")
    }

    public func optionalDouble(_ column: String) throws(PostgresError) -> Double? {
        try read(column, "a number") { Double($0) }
    }

    public func double(_ column: String) throws(PostgresError) -> Double {
        try present(column, optionalDouble(column), "a number")
    }

    public func optionalBytes(_ column: String) throws(PostgresError) -> [UInt8]? {
        try read(column, "bytes in hex form", Self.bytes(hex:))
    }

    public func bytes(_ column: String) throws(PostgresError) -> [UInt8] {
        try present(column, optionalBytes(column), "bytes")
    }

    /// A one-dimensional array whose elements may be NULL.
    public func textArray(_ column: String) throws(PostgresError) -> [String?] {
        try present(column, read(column, "an array", ArrayLiteral.elements), "an array")
    }

    /// A one-dimensional array of integers without NULLs.
    public func intArray(_ column: String) throws(PostgresError) -> [Int] {
        let elements = try textArray(column)
        let integers = elements.compactMap { $0.flatMap { Int($0) } }
        guard integers.count == elements.count else { throw .decoding(column: column, expected: "integers") }
        return integers
    }

    private func read<Value>(
        _ column: String, _ expected: String, _ convert: (String) -> Value?
    ) throws(PostgresError) -> Value? {
        guard let text = try optionalString(column) else { return nil }
        guard let value = convert(text) else { throw .decoding(column: column, expected: expected) }
        return value
    }

    private func present<Value>(
        _ column: String, _ value: Value?, _ expected: String
    ) throws(PostgresError) -> Value {
        guard let value else { throw .decoding(column: column, expected: "\(expected), not NULL") }
        return value
    }

    private static func bytes(hex text: String) -> [UInt8]? {
        let digits = Array(text.utf8.dropFirst(2))
        guard text.hasPrefix("\\x"), digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
