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
        case hasAddressColumn = "must have a column named phone or email"
        case columnsAreFew = "must have at most 64 columns"
        case columnsAreNames =
            "must name each column by a letter or _, then letters, digits and _, at most 63: is the header missing?"
        case columnsDiffer = "must name each column once"
        case addressColumnsAreLowerCase = "must name the columns of addresses phone and email, in small letters"
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
