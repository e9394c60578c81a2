import Foundation

/// A document as the tests read it.
struct Document {
    /// One row of a table: its cells without the backticks around them.
    struct Row: Sendable, CustomStringConvertible {
        let cells: [String]
        var description: String { cells.joined(separator: " → ") }
    }

    struct NotFound: Error, CustomStringConvertible { let description: String }

    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every document, by its path from the top.
    static let paths = [
        "README.md", "sql/README.md", "ops/README.md", "ops/RESULTS.md", "ops/sandbox/README.md", "Sources/README.md",
        "Tests/README.md",
    ]

    static var readme: Document { get throws { try Document("README.md") } }
    static var contract: Document { get throws { try Document("sql/README.md") } }
    static var operations: Document { get throws { try Document("ops/README.md") } }
    static var testing: Document { get throws { try Document("Tests/README.md") } }

    let path: String
    let text: String

    init(_ path: String) throws {
        self.path = path
        text = try Self.file(path)
    }

    /// A file of the repository, by its path from the top.
    static func file(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The texts of all headings, in order.
    var headings: [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("#") }.map {
            $0.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces)
        }
    }

    /// The rows, without the head, of the first table below a heading.
    func table(below heading: String) throws -> [Row] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(where: { $0.hasPrefix("#") && $0.hasSuffix(" " + heading) }) else {
            throw NotFound(description: "\(path) has no heading \"\(heading)\"")
        }
        let below = lines[(start + 1)...].prefix { !$0.hasPrefix("#") }
        return below.drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }.dropFirst(2).map { line in
            Row(cells: line.dropFirst().dropLast().split(separator: "|").map(Self.plain))
        }
    }

    /// The texts of all code blocks marked `language`, in order.
    func blocks(_ language: String) -> [String] {
        text.components(separatedBy: "\n```\(language)\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
    }

    private static func plain(_ cell: Substring) -> String {
        cell.trimmingCharacters(in: .whitespaces).trimmingCharacters(in: CharacterSet(charactersIn: "`"))
    }
}
