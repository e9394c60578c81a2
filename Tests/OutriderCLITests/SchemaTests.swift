import Foundation
import Postgres
import Schema
import Testing

@Suite("The embedded schema")
struct SchemaTests {
    @Test("it is the files of sql/, all of them, in order")
    func embedded() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = root.appending(path: "sql")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(".sql") }
            .sorted()
        try #require(names.count == Schema.migrations.count)
        for (name, migration) in zip(names, Schema.migrations) {
            let number = String(migration.number)
            #expect(name == String(repeating: "0", count: 4 - number.count) + number + "_\(migration.name).sql")
            #expect(try String(contentsOf: folder.appending(path: name), encoding: .utf8) == migration.sql)
        }
    }
}
