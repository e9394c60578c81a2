import Delivery
import Foundation
import Testing

/// What keeps the code readable, as far as a program can see it.
@Suite("The shape of the code", .timeLimit(.minutes(5)))
struct StructureTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// A file of the project, by its path from the top.
    private struct File {
        let path: String
        let lines: [Substring]

        static func all(in folder: String, named suffix: String) throws -> [File] {
            let root = StructureTests.root
            let paths = try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path())
            return try paths.filter { $0.hasSuffix(suffix) }.sorted().map { path in
                let text = try String(contentsOf: root.appending(path: folder).appending(path: path), encoding: .utf8)
                return File(
                    path: folder + "/" + path,
                    lines: text.split(separator: "\n", omittingEmptySubsequences: false).dropLast())
            }
        }
    }

    /// A part of a file that should be short.
    private struct Part: CustomStringConvertible {
        let file: String
        let line: Int
        let length: Int

        var description: String { "\(file):\(line) has \(length) lines" }
    }

    /// The functions and the computed properties of a file. swift-format puts the brace that closes one under the first letter of its head.
    private static func swiftParts(of file: File) -> [Part] {
        let head = /^( *)(?:[a-z]+(?:\([a-z]+\))? |@[A-Za-z]+ )*(?:func |init[?(<]|deinit|subscript|(?:var|let) .*\{$)/
        return file.lines.indices.compactMap { first in
            guard let indent = file.lines[first].prefixMatch(of: head)?.1.count else { return nil }
            let rest = file.lines[(first + 1)...].drop { $0.isEmpty || $0.prefix { $0 == " " }.count > indent }
            // The head of a function may close its parameters on a line of its own.
            let end =
                rest.first?.drop { $0 == " " }.hasPrefix(")") == true
                ? rest.dropFirst().drop { $0.isEmpty || $0.prefix { $0 == " " }.count > indent } : rest
            guard let last = end.indices.first, end[last].drop(while: { $0 == " " }).hasPrefix("}") else { return nil }
            return Part(file: file.path, line: first + 1, length: last - first + 1)
        }
    }

    @Test("no function has more than 70 lines")
    func swiftFunctions() throws {
        let parts = try ["Sources", "Tests"].flatMap { try File.all(in: $0, named: ".swift") }.flatMap(Self.swiftParts)
        #expect(parts.count > 2_000, "functions are not recognised any more")
        #expect(parts.contains { $0.length > 30 }, "their ends are not recognised any more")
        #expect(parts.filter { $0.length > 70 }.map(\.description) == [])
    }

    @Test("no function of SQL has more than 70 lines")
    func sqlFunctions() throws {
        let head = #/^create (or replace )?(function|procedure) /#
        var parts: [Part] = []
        for file in try File.all(in: "sql", named: ".sql") where !file.path.hasPrefix("sql/statements/") {
            for first in file.lines.indices where file.lines[first].contains(head) {
                // A body without quotes is one expression.
                let rest = file.lines[first...]
                let body = rest.firstIndex { $0.hasSuffix("$$") || $0.hasSuffix(";") }
                let end = rest.firstIndex { $0.hasSuffix(body.map { rest[$0].hasSuffix("$$") } == true ? "$$;" : ";") }
                let last = try #require(end, "\(file.path):\(first + 1) has no end")
                parts.append(Part(file: file.path, line: first + 1, length: last - first + 1))
            }
        }
        #expect(parts.count > 50, "functions are not recognised any more")
        #expect(parts.filter { $0.length > 70 }.map(\.description) == [])
    }

    @Test("no kind and no status of an event is a text outside the codec")
    func words() throws {
        let words =
            JobEvent.Kind.allCases.map(\.rawValue) + JobEvent.Answer.Word.allCases.map(\.rawValue)
            + ["taken", "decided", "ended", "late delivery", "unread", "resolved"]
        // The sandbox speaks the providers' words. A column, a key and a command have names of their own.
        let literal = try Regex("\"(?:\(words.joined(separator: "|")))\"")
        let name = /(?:\.(?:int|optionalInt|string|optionalString|bool|textArray)\(|\w\[|as: |[nN]ame: )$/
        var found: [String] = []
        for file in try File.all(in: "Sources", named: ".swift")
        where !file.path.hasPrefix("Sources/Sandbox/") && file.path != "Sources/Delivery/Events/EventCodec.swift" {
            for (index, line) in file.lines.enumerated() {
                let code = line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
                for match in code.matches(of: literal) where !code[..<match.range.lowerBound].contains(name) {
                    found.append("\(file.path):\(index + 1): \(code[match.range])")
                }
            }
        }
        #expect(found == [])
        let codec = try File.all(in: "Sources/Delivery/Events", named: "EventCodec.swift")
        #expect(codec.contains { $0.lines.contains { $0.contains(literal) } }, "the words are not recognised any more")
    }

    @Test("a type and its satellites share a file: few have 20 lines or fewer")
    func smallFiles() throws {
        let files = try File.all(in: "Sources", named: ".swift")
        #expect(files.count > 100)
        let small = files.filter { $0.lines.count <= 20 }.map(\.path)
        #expect(small.count <= 5, "\(small)")
    }
}
