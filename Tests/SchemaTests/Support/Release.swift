import Foundation
import Postgres
import Schema
import Testing

/// A release that is out: the migrations that it brought, the statements that its programs run, and jobs as it leaves them.
struct Release: Sendable, CustomTestStringConvertible {
    let number: Int
    /// SHA-256 in hex, by the file names of `sql/`.
    let checksums: [(file: String, checksum: String)]

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Releases")

    static var all: [Release] {
        get throws {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path())
            return try names.compactMap(Int.init).sorted().map(Release.init)
        }
    }

    init(_ number: Int) throws {
        self.number = number
        checksums = try Self.text(of: "\(number)/checksums").split(separator: "\n").map { line in
            let words = line.split(separator: " ")
            return (String(words[1]), String(words[0]))
        }
    }

    var testDescription: String { "release \(number)" }

    /// The migrations of this release. They are read from `sql/`, where none of them has changed since.
    var migrations: [Migration] {
        let names = Set(checksums.map(\.file))
        return Schema.migrations.filter { names.contains($0.fileName) }
    }

    /// Jobs in every state, and `public.expected`: what must become of each.
    var jobs: String {
        get throws { try Self.text(of: "\(number)/jobs.sql") }
    }

    /// A statement as this release runs it.
    func statement(_ name: String) throws -> Statement {
        let lines = try Self.text(of: "\(number)/statements/\(name).sql")
            .split(separator: "\n", omittingEmptySubsequences: false)
        return Statement(name: "released \(name)", sql: lines.drop { $0.hasPrefix("--") }.joined(separator: "\n"))
    }

    /// All of its statements, with the roles that run them.
    var statements: [(statement: Statement, roles: [Substring])] {
        get throws {
            let files = try FileManager.default.contentsOfDirectory(
                atPath: Self.folder.appending(path: "\(number)/statements").path())
            return try files.sorted().map { file in
                let runBy = try Self.text(of: "\(number)/statements/\(file)").firstMatch(of: /-- Run by (.*)\.\n/)
                return (try statement(String(file.dropLast(4))), runBy?.1.split(separator: ", ") ?? [])
            }
        }
    }

    private static func text(of file: String) throws -> String {
        try String(contentsOf: folder.appending(path: file), encoding: .utf8)
    }
}

extension Migration {
    fileprivate var fileName: String { String(format: "%04d_", number) + name + ".sql" }
}
