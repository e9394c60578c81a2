import Foundation
import Testing

/// What documents and examples name must be there.
@Suite("Names in the documents")
struct NamedTests {
    @Test("every test that a table of the README names exists")
    func tests() throws {
        let readme = try Readme()
        let cells = try ["Promises", "A wrong webhook", "A wrong setting or flag"].flatMap { heading in
            try readme.table(below: heading).compactMap { $0.cells.last }
        }
        let named = cells.flatMap { $0.matches(of: #/"([^"]+)"/#).map { String($0.1) } }
        try #require(named.count > 25)
        let sources = try Self.texts(in: "Tests", besides: "ReadmeTests/NamedTests.swift")
        for name in named where !sources.contains("\"\(name)\"") {
            Issue.record("there is no test \"\(name)\"")
        }
    }

    @Test("the README's table of settings holds every setting that is read, and the documents no other")
    func settings() throws {
        let setting = #/"((?:OUTRIDER|TWILIO|SENDGRID)_[A-Z_]+)"/#
        let read = Set(try Self.texts(in: "Sources/OutriderCLI").matches(of: setting).map { String($0.1) })
        try #require(read.count > 15)
        let rows = try Readme().table(below: "Configuration").map { $0.cells[0] }.joined(separator: " ")
        for name in read where name != "OUTRIDER_CONFIG_FILE" {
            #expect(rows.contains(name), "\(name) is missing from the README's table")
        }
        let documents = try ["README.md", "ops/README.md", "ops/pgbouncer.ini", "ops/postgresql.conf"].map(Readme.file)
        let units = try Self.texts(in: "ops/systemd")
        for match in (documents + [units]).joined().matches(of: #/\b(?:OUTRIDER|TWILIO|SENDGRID)_[A-Z_]*[A-Z]\b/#) {
            let name = String(match.output).replacing(#/_FILE$/#, with: "")
            #expect(read.contains(name) || name == "OUTRIDER_CONFIG", "no program reads \(name)")
        }
    }

    @Test("every metric that an alert uses is exported")
    func metrics() throws {
        let rules = try Readme.file("ops/prometheus/rules.yml")
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

    /// All files of a folder, one after the other.
    private static func texts(in folder: String, besides excluded: String? = nil) throws -> String {
        let root = Readme.root.appending(path: folder)
        return try FileManager.default.subpathsOfDirectory(atPath: root.path()).sorted()
            .filter { path in
                [".swift", ".service"].contains(where: path.hasSuffix) && excluded.map(path.hasSuffix) != true
            }
            .map { try String(contentsOf: root.appending(path: $0), encoding: .utf8) }
            .joined(separator: "\n")
    }
}
