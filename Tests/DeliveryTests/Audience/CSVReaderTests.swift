import Delivery
import Testing

@Suite("CSV files")
struct CSVReaderTests {
    @Test(
        "records are those of RFC 4180",
        arguments: [
            ("a,b\nc,d\n", [["a", "b"], ["c", "d"]]),
            ("a,b\r\nc,d", [["a", "b"], ["c", "d"]]),
            ("\u{feff}a\nb", [["a"], ["b"]]),
            ("\u{feff}\"a\"\nb", [["a"], ["b"]]), ("\u{feff}\r\na", [["a"]]), ("\u{feff}", []),
            ("\u{feff}\u{feff}a", [["\u{feff}a"]]), ("\u{fec0}a", [["\u{fec0}a"]]),
            ("\n\r\na\n\n\nb\n", [["a"], ["b"]]),
            ("", []), ("\n", []), (",", [["", ""]]), ("\"\"", [[""]]),
            (" a , b ", [[" a ", " b "]]),
            ("\"a,b\",\"c \"\"d\"\"\"", [["a,b", "c \"d\""]]),
            ("\"a\r\nb\rc\n\",d", [["a\r\nb\rc\n", "d"]]),
            ("a\u{2028}b\u{85}c", [["a\u{2028}b\u{85}c"]]),
            ("a,\u{301}b,\"\u{301}c\"", [["a", "\u{301}b", "\u{301}c"]]),
        ] as [(String, [[String]])])
    func records(text: String, fields: [[String]]) throws {
        var reader = CSVReader(text.utf8.makeIterator())
        var found: [[String]] = []
        while let record = try reader.next() { found.append(record.fields) }
        #expect(found.map { $0.map { Array($0.utf8) } } == fields.map { $0.map { Array($0.utf8) } })
    }

    @Test("a record knows the line it begins in")
    func lines() throws {
        var reader = CSVReader("a\r\n\n\"b\nb\"\nc".utf8.makeIterator())
        var lines: [Int] = []
        while let record = try reader.next() { lines.append(record.line) }
        #expect(lines == [1, 3, 5])
    }

    @Test(
        "what programs read differently is an error with its line",
        arguments: [
            ("a\nb\"c\"", AudienceError.Rule.quotesEncloseFields, 2),
            ("a\n\"b\"c", .quotedFieldsEndAtTheQuote, 2),
            ("a\n\"b\" ,c", .quotedFieldsEndAtTheQuote, 2),
            ("a\n\"b\n\nc\n", .quotesAreClosed, 2),
            ("a\n\"b\"\"", .quotesAreClosed, 2),
            ("a\rb", .linesEndInLineFeeds, 1),
            ("a\nb\r", .linesEndInLineFeeds, 2),
            ("a\n" + String(repeating: "x", count: 65_537), .recordsAreNotTooLong, 2),
        ])
    func errors(text: String, rule: AudienceError.Rule, line: Int) throws {
        var reader = CSVReader(text.utf8.makeIterator())
        let error = try #require(throws: AudienceError.self) { while try reader.next() != nil {} }
        #expect(error.rule == rule)
        #expect(error.line == line)
        #expect(try reader.next() == nil, "who goes on after an error reads nothing wrong")
    }

    @Test("the longest record is taken, and bytes that are not UTF-8 are not")
    func bounds() throws {
        var longest = CSVReader((String(repeating: "x", count: 65_536) + "\ny").utf8.makeIterator())
        #expect(try longest.next()?.fields.first?.count == 65_536)
        #expect(try longest.next()?.fields == ["y"])
        var latin = CSVReader([UInt8(ascii: "a"), 0x0a, 0x22, 0xe9, 0x0a, 0x0a, 0x22].makeIterator())
        let error = try #require(throws: AudienceError.self) { while try latin.next() != nil {} }
        #expect(error.rule == .isUTF8)
        #expect(error.description == "audience line 2 must be UTF-8: save the file with that encoding")
    }
}
