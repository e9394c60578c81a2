import Foundation
import Postgres
import Schema
import TestDatabase
import Testing

@Suite("The embedded statements", .timeLimit(.minutes(5)))
struct StatementTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// A file of `sql/statements/`: the comment at its head, and the SQL after it.
    private struct File {
        let name: String
        let head: String
        let sql: String

        static func all() throws -> [File] {
            let folder = root.appending(path: "sql/statements")
            return try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted().map { fileName in
                let text = try String(contentsOf: folder.appending(path: fileName), encoding: .utf8)
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                let head = lines.prefix { $0.hasPrefix("--") }
                return File(
                    name: fileName.replacing(/\.sql$/, with: ""), head: head.joined(separator: "\n"),
                    sql: lines.dropFirst(head.count).joined(separator: "\n"))
            }
        }

        /// The roles of its line `-- Run by …`.
        var roles: [String] {
            get throws {
                let line = try #require(head.firstMatch(of: /(?m)^-- Run by ([a-z_, ]+)\.$/), "\(name)")
                return line.1.components(separatedBy: ", ")
            }
        }
    }

    /// The places `$1`, `$2`, … that a text names.
    private static func places(in text: String) -> Set<Int> {
        Set(text.matches(of: /\$(\d+)/).compactMap { Int($0.1) })
    }

    @Test("they are the files of sql/statements/, all of them, without the comment at the head")
    func embedded() throws {
        let files = try File.all()
        #expect(files.map(\.name) == Schema.statements.keys.sorted())
        for file in files {
            #expect(Schema.statements[file.name] == Statement(name: file.name, sql: file.sql), "\(file.name)")
        }
    }

    @Test("each that the program asks for is there, and each that is there is asked for in one place")
    func used() throws {
        let sources = Self.root.appending(path: "Sources")
        let paths = try #require(FileManager.default.enumerator(atPath: sources.path())?.allObjects as? [String])
        let names = try paths.filter { $0.hasSuffix(".swift") }.flatMap { path in
            try String(contentsOf: sources.appending(path: path), encoding: .utf8)
                .matches(of: /= Schema\.statement\("([a-z_]+)"\)/).map { String($0.1) }
        }
        #expect(names.sorted() == Schema.statements.keys.sorted())
    }

    @Test("each is one command of at most 60 lines, and its head says what each parameter is")
    func shape() throws {
        for file in try File.all() {
            #expect(file.sql.split(separator: "\n").count <= 60, "\(file.name)")
            #expect(!file.sql.replacing(/'[^']*'/, with: "").contains(";"), "\(file.name)")
            #expect(Self.places(in: file.head) == Self.places(in: file.sql), "\(file.name)")
        }
    }

    /// A statement's privileges are judged when its plan is opened, so explaining it tries them without running it.
    @Test(
        "each role can prepare every statement that names it, and has the privileges for it",
        arguments: ["outrider_app", "outrider_worker", "outrider_gateway", "outrider_operator"])
    func prepared(role: String) async throws {
        let statements = try File.all().filter { try $0.roles.contains(role) }
        try #require(!statements.isEmpty)
        let url = try await PostgresServer.migratedDatabase()
        let pool = PostgresPool(PostgresConfiguration(url: url + "?options=-crole%3D\(role)", poolSize: 1))
        for statement in statements {
            let count = Self.places(in: statement.sql).max() ?? 0
            let values = Array(repeating: "null", count: count).joined(separator: ", ")
            do {
                try await pool.run(script: "prepare \(statement.name) as \(statement.sql)")
                try await pool.run(script: "explain execute \(statement.name)\(values.isEmpty ? "" : "(\(values))")")
            } catch {
                Issue.record("\(role), \(statement.name): \(error)")
            }
        }
        await pool.close()
    }

    @Test("no statement names a role that is not Outrider's")
    func roles() throws {
        // The owner of the database may do everything, so nothing is granted to it.
        let roles: Set = ["outrider_app", "outrider_worker", "outrider_gateway", "outrider_operator", "owner"]
        for file in try File.all() {
            let named = try file.roles
            #expect(!named.isEmpty && roles.isSuperset(of: named), "\(file.name)")
        }
    }
}
