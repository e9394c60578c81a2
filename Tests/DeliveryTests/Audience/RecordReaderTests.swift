import Testing

@testable import Delivery

@Suite("Files of records")
struct RecordReaderTests {
    private static func rows(_ text: String) throws(RecordProblem) -> [RecordReader<IndexingIterator<[UInt8]>>.Row] {
        var reader = try RecordReader(
            Array(text.utf8).makeIterator(), columns: ["address", "channel", "source"], needed: ["address", "source"])
        var rows: [RecordReader<IndexingIterator<[UInt8]>>.Row] = []
        while let row = try reader.next() { rows.append(row) }
        return rows
    }

    @Test("columns come in any order, what is empty is not there, and a bad record keeps no other from being read")
    func records() throws {
        let rows = try Self.rows("source,address\nform,\"+1,5\"\n,x\nform\nform,\nform,y\u{0}\n\nweb,z\n")
        #expect(
            rows == [
                .record(CSVFields(line: 2, values: ["source": "form", "address": "+1,5"])),
                .refused(RecordProblem(line: 3, "source", "must not be empty")),
                .refused(RecordProblem(line: 4, nil, "must have 2 fields as the header, not 1")),
                .refused(RecordProblem(line: 5, "address", "must not be empty")),
                .refused(RecordProblem(line: 6, "address", "must not have the character U+0000")),
                .record(CSVFields(line: 8, values: ["source": "web", "address": "z"])),
            ])
        #expect(rows.map { "\($0)" }.contains { $0.contains("+1,5") } == false)
    }

    @Test(
        "a header that lacks a column, or has one twice or one that nobody knows, is refused with its place",
        arguments: [
            ("", "line 1: must begin with a line that names the columns"),
            ("address\n", "line 1: column source must be there"),
            ("address,source,address\n", "line 1: column address must be there once"),
            (
                "address,source,colour\n",
                "line 1: column 3 must be one of address, channel, source: is the header missing?"
            ),
            ("address,source\n\"x", "line 2: must close the quote that is opened here"),
        ])
    func headers(_ text: String, _ says: String) {
        let error = #expect(throws: RecordProblem.self) { try Self.rows(text) }
        #expect(error?.description == says)
    }
}
