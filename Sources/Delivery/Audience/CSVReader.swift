/// Reads a CSV file as RFC 4180 has it, record by record, strictly: what programs read differently is an error, not a
/// guess. UTF-8, with or without a byte order mark; lines end in LF or CRLF; lines without a byte are skipped.
///
/// Works on bytes, for one letter may join what separates: a comma before a combining mark is one `Character` with it.
public struct CSVReader<Bytes: IteratorProtocol> where Bytes.Element == UInt8 {
    /// Bytes of a record, line ends in quotes included. More is a quote that nobody closed, not a person.
    public static var longestRecord: Int { 65_536 }

    private var bytes: Bytes
    /// The next three, as many as a byte order mark has; nil from the end on.
    private var byte, following, third: UInt8?
    private var line = 1
    /// Bytes of this record until here.
    private var length = 0

    public init(_ bytes: Bytes) {
        self.bytes = bytes
        take(3)
        if [byte, following, third] == [0xef, 0xbb, 0xbf] { take(3) }
    }

    /// The next record, nil at the end, and after an error: where the next record begins is not known then.
    ///
    /// - Throws: `AudienceError` with the line.
    public mutating func next() throws(AudienceError) -> CSVRecord? {
        do {
            return try record()
        } catch {
            (byte, following, third) = (nil, nil, nil)
            throw error
        }
    }

    private mutating func record() throws(AudienceError) -> CSVRecord? {
        length = 0
        while isLineEnd { endLine() }
        guard byte != nil else { return nil }
        var record = CSVRecord(line: line)
        while true {
            let start = line
            let text = try byte == Self.quote ? quoted() : plain()
            guard let field = String(validating: text, as: UTF8.self) else { throw AudienceError(.isUTF8, line: start) }
            record.fields.append(field)
            guard byte == Self.comma else { break }
            try advance()
        }
        guard byte == nil || isLineEnd else { throw AudienceError(.quotedFieldsEndAtTheQuote, line: line) }
        endLine()
        return record
    }

    /// Up to a comma, the line's end or the end of all.
    private mutating func plain() throws(AudienceError) -> [UInt8] {
        var text: [UInt8] = []
        while let byte, byte != Self.comma, !isLineEnd {
            guard byte != Self.carriageReturn else { throw AudienceError(.linesEndInLineFeeds, line: line) }
            guard byte != Self.quote else { throw AudienceError(.quotesEncloseFields, line: line) }
            text.append(byte)
            try advance()
        }
        return text
    }

    /// From a quote to the one that closes it; two in between are one of the text.
    private mutating func quoted() throws(AudienceError) -> [UInt8] {
        var text: [UInt8] = []
        let start = line
        try advance()
        while let byte {
            if byte == Self.quote {
                try advance()
                guard self.byte == Self.quote else { return text }
            } else if byte == Self.lineFeed {
                line += 1
            }
            text.append(byte)
            try advance()
        }
        throw AudienceError(.quotesAreClosed, line: start)
    }

    private mutating func advance() throws(AudienceError) {
        length += 1
        guard length <= Self.longestRecord else { throw AudienceError(.recordsAreNotTooLong, line: line) }
        take(1)
    }

    private mutating func take(_ count: Int) {
        for _ in 0..<count { (byte, following, third) = (following, third, bytes.next()) }
    }

    private var isLineEnd: Bool {
        byte == Self.lineFeed || byte == Self.carriageReturn && following == Self.lineFeed
    }

    /// Takes a line end, if there is one.
    private mutating func endLine() {
        guard isLineEnd else { return }
        take(byte == Self.carriageReturn ? 2 : 1)
        line += 1
    }

    private static var comma: UInt8 { UInt8(ascii: ",") }
    private static var quote: UInt8 { UInt8(ascii: "\"") }
    private static var lineFeed: UInt8 { UInt8(ascii: "\n") }
    private static var carriageReturn: UInt8 { UInt8(ascii: "\r") }
}

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
