import Delivery

/// Byte 1: how a table is written; then its text, where U+001F ends a field and U+001E a row. What is written is read
/// again, and any bytes as a file give rows, refusals or an error that show nobody's address.
func checkAudience(_ bytes: [UInt8]) throws(Violation) {
    var input = FuzzInput(bytes)
    let style = input.byte()
    let text = input.text()
    let table = text.unicodeScalars.split(separator: "\u{1e}", omittingEmptySubsequences: false).map { row in
        row.split(separator: "\u{1f}", omittingEmptySubsequences: false).map { String($0) }
    }
    try checkSameAgain(table, style)
    try checkAnyRecords(Array(bytes.dropFirst()))
    try checkPeople(Array(bytes.dropFirst()))
}

/// Read as it was written, whatever needs quotes and however lines end.
private func checkSameAgain(_ table: [[String]], _ style: UInt8) throws(Violation) {
    guard table.joined().reduce(0, { $0 + 3 + $1.utf8.count }) < CSVReader<Array<UInt8>.Iterator>.longestRecord else {
        return
    }
    let file = written(
        table, always: style & 1 == 1, lineEnd: style & 2 == 0 ? "\n" : "\r\n", mark: style & 4 != 0,
        isEnded: style & 8 != 0)
    let read = records(of: Array(file.utf8))
    try require(read.error == nil, "cannot read what was written: \(String(describing: read.error?.rule))")
    try require(same(read.records.map(\.fields), table), "read \(read.records.count) other records")
}

/// Any bytes: lines go forward, nothing is made up, and what is read can be written and read again.
private func checkAnyRecords(_ bytes: [UInt8]) throws(Violation) {
    let (found, error) = records(of: bytes)
    let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
    try require(zip(found, found.dropFirst()).allSatisfy { $0.line < $1.line }, "lines go back")
    try require(found.allSatisfy { (1...lines).contains($0.line) && !$0.fields.isEmpty }, "a record out of the file")
    let size = found.reduce(0) { $0 + $1.fields.reduce(0) { $0 + $1.utf8.count } }
    try require(size <= bytes.count, "\(size) bytes from \(bytes.count)")
    if let error { try require((1...lines).contains(error.line), "an error in line \(error.line) of \(lines)") }
    let again = records(of: Array(written(found.map(\.fields)).utf8))
    try require(same(again.records.map(\.fields), found.map(\.fields)), "other records after writing and reading")
}

/// Each record but the first is a person or refused, by its own line.
private func checkPeople(_ bytes: [UInt8]) throws(Violation) {
    let found = records(of: bytes)
    let (columns, rows, error) = people(of: bytes)
    // A message speaks of columns and quotes; a text that happens to be part of one is not shown by it.
    let texts = found.records.flatMap(\.fields).filter { $0.count >= 8 && !$0.contains(" ") }
    if let error { try requireHidden(texts, in: error.description) }
    if error == nil { try require(rows.count == found.records.count - 1, "\(rows.count) rows") }
    for (row, record) in zip(rows, found.records.dropFirst()) {
        switch row {
        case .member(let member):
            try require(member.line == record.line, "a person from another line")
            let fields = columns.map { $0 == "phone" || $0 == "email" ? address(member, $0) : member.data[$0] }
            try require(same([fields.compactMap(\.self)], [record.fields]), "another person than the record's")
            try require(member.phone != nil || member.email != nil, "a person without an address")
        case .refused(let refusal):
            try require(refusal.line == record.line, "a refusal of another line")
            try require(!isPerson(record.fields, columns), "refused a person: \(refusal)")
            try requireHidden(texts, in: refusal.description)
        }
    }
}

private func isPerson(_ fields: [String], _ columns: [String]) -> Bool {
    guard fields.count == columns.count, !fields.contains(where: { $0.unicodeScalars.contains("\0") }) else {
        return false
    }
    let addresses = zip(columns, fields).filter { ($0 == "phone" || $0 == "email") && !$1.isEmpty }
    return !addresses.isEmpty
        && addresses.allSatisfy { (try? $0 == "phone" ? PhoneNumber($1).e164 : EmailAddress($1).address) != nil }
}

private func requireHidden(_ texts: [String], in message: String) throws(Violation) {
    try require(message.utf8.count <= 320, "a message of \(message.utf8.count) bytes")
    let phrases =
        AudienceError.Rule.allCases.map(\.rawValue) + AddressError.Rule.allCases.map(\.rawValue) + ["audience line"]
    let shown = texts.first { text in message.contains(text) && !phrases.contains { $0.contains(text) } }
    try require(shown == nil, "a message shows what stands in the file")
}

private func address(_ member: AudienceMember, _ column: String) -> String {
    column == "phone" ? member.phone?.e164 ?? "" : member.email?.address ?? ""
}

private func records(of bytes: [UInt8]) -> (records: [CSVRecord], error: AudienceError?) {
    var reader = CSVReader(bytes.makeIterator())
    var records: [CSVRecord] = []
    do {
        while let record = try reader.next() { records.append(record) }
        return (records, nil)
    } catch {
        return (records, error)
    }
}

private typealias Rows = [AudienceReader<Array<UInt8>.Iterator>.Row]

private func people(of bytes: [UInt8]) -> (columns: [String], rows: Rows, error: AudienceError?) {
    var (columns, rows): ([String], Rows) = ([], [])
    do {
        var reader = try AudienceReader(bytes.makeIterator())
        columns = reader.columns
        while let row = try reader.next() { rows.append(row) }
        return (columns, rows, nil)
    } catch {
        return (columns, rows, error)
    }
}

/// A table as a CSV file, by the other half of RFC 4180.
private func written(
    _ table: [[String]], always: Bool = false, lineEnd: String = "\n", mark: Bool = false, isEnded: Bool = true
) -> String {
    let special = Array(",\"\r\n\u{feff}".unicodeScalars)
    let lines = table.map { row in
        row.map { field in
            // A record of one empty field would be an empty line.
            let needsQuotes = row == [""] || field.unicodeScalars.contains { special.contains($0) }
            guard always || needsQuotes else { return field }
            // By scalars: a quote before a combining mark is no quote of its own to `Character`.
            let doubled = field.unicodeScalars.flatMap { $0 == "\"" ? [$0, $0] : [$0] }
            return "\"" + String(String.UnicodeScalarView(doubled)) + "\""
        }.joined(separator: ",")
    }
    return (mark ? "\u{feff}" : "") + lines.joined(separator: lineEnd) + (isEnded ? lineEnd : "")
}

/// By bytes: letters that look alike are not the same.
private func same(_ one: [[String]], _ other: [[String]]) -> Bool {
    one.map { $0.map { Array($0.utf8) } } == other.map { $0.map { Array($0.utf8) } }
}
