/// One forward-only change of the schema: the text of a file that `psql -f` could run as well, without `BEGIN`, `COMMIT` and
/// psql's own backslash commands.
public struct Migration: Sendable, Hashable {
    public let number: Int
    public let name: String
    public let sql: String

    public init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }

    /// Reads number and name from a file name such as `0002_events.sql`; nil for any other form.
    public init?(fileName: String, sql: String) {
        let digits = fileName.prefix { $0.isASCII && $0.isNumber }
        let rest = fileName.dropFirst(digits.count)
        guard let number = Int(digits), let separator = rest.first, separator == "_" || separator == "-",
            rest.hasSuffix(".sql"), rest.count > 5
        else { return nil }
        self.init(number: number, name: String(rest.dropFirst().dropLast(4)), sql: sql)
    }
}
