/// Reads a CSV file as RFC 4180 has it, record by record, strictly: what programs read differently is an error, not a
/// guess. UTF-8, with or without a byte order mark; lines end in LF or CRLF; lines without a byte are skipped.
///
/// Works on bytes, for one letter may join what separates: a comma before a combining mark is one `Character` with it.
public struct CSVReader<Bytes: IteratorProtocol> where Bytes.Element == UInt8 {
    /// Bytes of a record, line ends in quotes included. More is a quote that nobody closed, not a person.
    public static var longestRecord: Int { 65_536 }

    private var bytes: Bytes
    private var byte: UInt8?
    private var following: UInt8?
    private var line = 1
    /// Bytes of this record until here.
    private var length = 0

    public init(_ bytes: Bytes) {
        self.bytes = bytes
        byte = self.bytes.next()
        following = self.bytes.next()
    }

    /// The next record, nil at the end. After an error nothing more can be read: where the next record begins is
    /// not known.
    ///
    /// - Throws: `AudienceError` with the line.
    public mutating func next() throws(AudienceError) -> CSVRecord? {
        length = 0
        while isLineEnd { endLine() }
        guard byte != nil else { return nil }
        var record = CSVRecord(line: line)
        while true {
            let isFirst = record.line == 1 && record.fields.isEmpty
            let text = try byte == Self.quote ? quoted() : plain(isFirst)
            guard let field = String(validating: text, as: UTF8.self) else { throw AudienceError(.isUTF8, line: line) }
            record.fields.append(field)
            guard byte == Self.comma else { break }
            try advance()
        }
        guard byte == nil || isLineEnd else { throw AudienceError(.quotedFieldsEndAtTheQuote, line: line) }
        endLine()
        return record
    }

    /// Up to a comma, the line's end or the end of all.
    private mutating func plain(_ isFirst: Bool) throws(AudienceError) -> [UInt8] {
        var text: [UInt8] = []
        while let byte, byte != Self.comma, !isLineEnd {
            guard byte != Self.carriageReturn else { throw AudienceError(.linesEndInLineFeeds, line: line) }
            guard byte != Self.quote else {
                guard isFirst, text == Self.byteOrderMark else { throw AudienceError(.quotesEncloseFields, line: line) }
                return try quoted()
            }
            text.append(byte)
            try advance()
        }
        return isFirst && text.starts(with: Self.byteOrderMark) ? Array(text.dropFirst(3)) : text
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
        (byte, following) = (following, bytes.next())
    }

    private var isLineEnd: Bool {
        byte == Self.lineFeed || byte == Self.carriageReturn && following == Self.lineFeed
    }

    /// Takes a line end, if there is one.
    private mutating func endLine() {
        guard isLineEnd else { return }
        if byte == Self.carriageReturn { following = bytes.next() }
        (byte, following) = (following, bytes.next())
        line += 1
    }

    private static var comma: UInt8 { UInt8(ascii: ",") }
    private static var quote: UInt8 { UInt8(ascii: "\"") }
    private static var lineFeed: UInt8 { UInt8(ascii: "\n") }
    private static var carriageReturn: UInt8 { UInt8(ascii: "\r") }
    private static var byteOrderMark: [UInt8] { [0xef, 0xbb, 0xbf] }
}
