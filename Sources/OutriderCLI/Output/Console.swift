import Foundation
import Threads

/// Data goes to standard output, everything a person should read beside it to standard error.
enum Console {
    /// The bytes of log lines that may wait for their reader.
    private static let capacity = 1 << 20

    /// Nil where the system has no thread left: then nothing can be said.
    private static let notes: LineWriter? = try? LineWriter(descriptor: STDERR_FILENO, capacity: capacity) { missing in
        "\(missing) log lines before this one could not be written"
    }

    /// - Throws: `Failure` when standard output cannot be written: what a command prints must not be lost in silence.
    static func data(_ text: String) throws(Failure) {
        guard let error = Descriptor.write(Array((text + "\n").utf8), to: STDOUT_FILENO) else { return }
        throw Failure(
            "standard output cannot be written: \(error). Only the output is lost: what the command did is done.",
            .output)
    }

    /// Never blocks and never fails: a line that nobody takes is dropped and counted.
    static func note(_ text: String) { notes?.write(text) }

    /// Tells `count` of lines that were dropped.
    static func onDroppedNotes(_ count: @escaping @Sendable (Int) -> Void) { notes?.onDrop(count) }

    /// Before the process ends: lets a reader that reads have what was noted.
    static func flush() { notes?.flush(milliseconds: 2_000) }

    /// Keys in order, so that output can be compared, and spelt as the gateway's pages spell them.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try data(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
}

/// A plain text table: columns as wide as their widest cell, numbers to the right.
struct Table {
    let header: [String]
    private(set) var rows: [[String]] = []

    init(_ header: String...) { self.header = header }

    init(_ header: [String], _ rows: [[String]]) { (self.header, self.rows) = (header, rows) }

    mutating func add(_ cells: String...) {
        precondition(cells.count == header.count)
        rows.append(cells)
    }

    var lines: [String] {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        let isNumeric = header.indices.map { column in
            !rows.isEmpty && rows.allSatisfy { Double($0[column]) != nil || $0[column].isEmpty }
        }
        let body = all.map { row in
            header.indices.map { Self.pad(row[$0], widths[$0], left: isNumeric[$0]) }.joined(separator: "  ")
                .trimmingSpacesAtEnd
        }
        let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
        return [body[0], rule] + body.dropFirst()
    }

    var text: String { lines.joined(separator: "\n") }

    private static func pad(_ text: String, _ width: Int, left: Bool) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return left ? space + text : text + space
    }
}

extension String {
    fileprivate var trimmingSpacesAtEnd: String {
        String(reversed().drop { $0 == " " }.reversed())
    }
}
