import Foundation
import Testing

/// What documents and examples name must be there.
@Suite("Names in the documents")
struct NamedTests {
    @Test("every test that a table of the documents names exists")
    func tests() throws {
        let operations = try Document.operations
        let rows =
            try Document.testing.table(below: "Promises") + operations.table(below: "A wrong webhook")
            + operations.table(below: "A wrong setting or flag")
            + Document.contract.table(below: "What keeps a message back")
        let named = rows.compactMap(\.cells.last).flatMap { $0.matches(of: #/"([^"]+)"/#).map { String($0.1) } }
        try #require(named.count > 60)
        let sources = try Self.texts(in: "Tests", besides: "DocumentTests/NamedTests.swift")
        for name in named where !sources.contains("\"\(name)\"") {
            Issue.record("there is no test \"\(name)\"")
        }
    }

    @Test("every promise of the README has its tests, and every checker, plan and target it names exists")
    func promises() throws {
        let rows = try Document.readme.table(below: "Promises")
        try #require(rows.count > 10)
        #expect(rows.map { $0.cells[0] } == (try Document.testing.table(below: "Promises")).map { $0.cells[0] })
        let plans = try Document.testing.table(below: "Chaos").map { $0.cells[0] }
        let checkers = try Self.texts(in: "Sources/Simulation/Checkers").matches(of: #/let name = "([^"]+)"/#)
        let known = Set(plans + checkers.map { String($0.1) } + (try Self.names(in: "Tests/Fuzz/Corpus")))
        // A cell is plain at its ends: the backticks there are gone already.
        let named = rows.flatMap { "`\($0.cells[1])`".matches(of: #/`([a-z-]+)`/#).map { String($0.1) } }
        try #require(named.count > 15)
        for name in named { #expect(known.contains(name), "README.md names \(name)") }
        let modules = try Self.names(in: "ops/lib/chaos/plans").filter { $0.hasSuffix(".py") && $0 != "__init__.py" }
        #expect(modules.map { String($0.dropLast(3)) }.sorted() == plans.sorted())
    }

    @Test("the table of settings holds every setting that is read, and the documents no other")
    func settings() throws {
        let setting = #/"((?:OUTRIDER|TWILIO|SENDGRID)_[A-Z_]+)"/#
        let read = Set(try Self.texts(in: "Sources/OutriderCLI").matches(of: setting).map { String($0.1) })
        try #require(read.count > 15)
        let rows = try Document.operations.table(below: "Settings").map { $0.cells[0] }.joined(separator: " ")
        for name in read where name != "OUTRIDER_CONFIG_FILE" {
            #expect(rows.contains(name), "\(name) is missing from the table of settings")
        }
        let documents = try ["README.md", "ops/README.md", "sql/README.md", "ops/pgbouncer.ini", "ops/postgresql.conf"]
            .map(Document.file)
        let units = try Self.texts(in: "ops/systemd")
        for match in (documents + [units]).joined().matches(of: #/\b(?:OUTRIDER|TWILIO|SENDGRID)_[A-Z_]*[A-Z]\b/#) {
            let name = String(match.output).replacing(#/_FILE$/#, with: "")
            // The scripts of ops/ read the second.
            #expect(
                read.contains(name) || ["OUTRIDER_CONFIG", "OUTRIDER_BIN"].contains(name), "no program reads \(name)")
        }
    }

    @Test("every file of ops/ that a message or a comment of the program names is there")
    func operationsFiles() throws {
        let named = try Self.texts(in: "Sources").matches(of: #/\bops\/[A-Za-z_.\/-]*[A-Za-z]/#).map {
            String($0.output)
        }
        try #require(named.count > 5)
        for path in Set(named) {
            #expect(FileManager.default.fileExists(atPath: Document.root.appending(path: path).path()), "\(path)")
        }
    }

    @Test("every metric that an alert uses is exported")
    func metrics() throws {
        let rules = try Document.file("ops/prometheus/rules.yml")
        let used = Set(rules.matches(of: #/\boutrider_[a-z0-9_]+/#).map { String($0.output) })
        try #require(used.count > 10)
        let sources = try Self.texts(in: "Sources")
        for name in used {
            // The registry makes names of labels: dots become underscores, counters and timers get a suffix.
            let stem = name.replacing(#/_total$|_seconds_bucket$/#, with: "")
            let isExported = [name, stem].contains { candidate in
                sources.contains("\"\(candidate)\"") || sources.contains("\"\(candidate.replacing("_", with: "."))\"")
            }
            #expect(isExported, "nothing exports \(name)")
        }
    }

    private static func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: Document.root.appending(path: folder).path())
    }

    /// All files of a folder, one after the other.
    private static func texts(in folder: String, besides excluded: String? = nil) throws -> String {
        let root = Document.root.appending(path: folder)
        return try FileManager.default.subpathsOfDirectory(atPath: root.path()).sorted()
            .filter { path in
                [".swift", ".service"].contains(where: path.hasSuffix) && excluded.map(path.hasSuffix) != true
            }
            .map { try String(contentsOf: root.appending(path: $0), encoding: .utf8) }
            .joined(separator: "\n")
    }
}
