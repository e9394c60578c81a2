import Delivery
import Testing

@Suite("The people of an audience")
struct AudienceReaderTests {
    private func rows(_ text: String) throws -> [AudienceReader<String.UTF8View.Iterator>.Row] {
        var reader = try AudienceReader(text.utf8.makeIterator())
        var rows: [AudienceReader<String.UTF8View.Iterator>.Row] = []
        while let row = try reader.next() { rows.append(row) }
        return rows
    }

    @Test("addresses are read, and the other columns fill the template")
    func members() throws {
        let members = try rows(
            """
            name,phone,email,order_id
            Zażółć,+15005550101,,7
            "Nowak, Anna",,anna@example.com,
            """
        ).compactMap { if case .member(let member) = $0 { member } else { nil } }
        #expect(members.map(\.phone?.e164) == ["+15005550101", nil])
        #expect(members.map(\.email?.address) == [nil, "anna@example.com"])
        #expect(
            members.map(\.data) == [["name": "Zażółć", "order_id": "7"], ["name": "Nowak, Anna", "order_id": ""]])
        #expect(members.map(\.line) == [2, 3])
    }

    @Test("a row that names nobody is refused by itself, and its message shows nothing of it")
    func refusals() throws {
        let refusals = try rows(
            "phone,name\n+15005550101,A\n+15005550102\n,B\n0048123456789,Secret\n+15005550103,\0\n+15005550104,E\n"
        ).map { if case .refused(let refusal) = $0 { refusal.description } else { "" } }
        #expect(
            refusals == [
                "", "audience line 3: must have 2 fields as the header, not 1",
                "audience line 4: must have a phone number or an e-mail address",
                "audience line 5: phone number must start with +: 00…89 (13 characters)",
                "audience line 6: must not have the character U+0000", "",
            ])
    }

    @Test("a person and a record show nothing of themselves")
    func redaction() throws {
        let member = try #require(try rows("phone,name\n+15005550101,Anna\n").first)
        var reader = CSVReader("+15005550101,Anna".utf8.makeIterator())
        let record = try #require(try reader.next())
        var dumped = ""
        dump(member, to: &dumped)
        dump(record, to: &dumped)
        for text in ["\(member)", "\(record)", String(reflecting: member), dumped] {
            #expect(!text.contains("Anna") && !text.contains("5550101"))
        }
    }

    @Test(
        "a file without a usable header is an error with the column and the remedy",
        arguments: [
            ("", .hasHeader, 1, nil),
            ("\n\nname,city\n", .hasAddressColumn, 3, nil),
            ("+15005550101,Anna\n", .columnsAreNames, 1, 1),
            ("phone,\n", .columnsAreNames, 1, 2),
            ("phone,first name\n", .columnsAreNames, 1, 2),
            ("phone,7th\n", .columnsAreNames, 1, 2),
            ("phone,żółty\n", .columnsAreNames, 1, 2),
            ("phone,\(String(repeating: "n", count: 64))\n", .columnsAreNames, 1, 2),
            ("phone,name,name\n", .columnsDiffer, 1, 3),
            ("Phone,email\n", .addressColumnsAreLowerCase, 1, 1), ("phone,EMAIL\n", .addressColumnsAreLowerCase, 1, 2),
            ("phone," + (1...64).map { "c\($0)" }.joined(separator: ","), .columnsAreFew, 1, nil),
        ] as [(String, AudienceError.Rule, Int, Int?)])
    func headers(text: String, rule: AudienceError.Rule, line: Int, column: Int?) throws {
        let error = try #require(throws: AudienceError.self) { try AudienceReader(text.utf8.makeIterator()) }
        #expect((error.rule, error.line) == (rule, line))
        #expect(error.column == column)
    }
}
