import Foundation
import Postgres
import Testing

/// What the documents are, beside what they name.
@Suite("The documents", .timeLimit(.minutes(1)))
struct DocumentTests {
    @Test("the README is an entrance of at most 12 KB")
    func size() throws {
        #expect(try Document.readme.text.utf8.count <= 12 * 1024)
    }

    @Test("every link between the documents leads to a file and a heading", arguments: Document.paths)
    func links(_ path: String) throws {
        let document = try Document(path)
        let folder = Document.root.appending(path: path).deletingLastPathComponent()
        for match in document.text.matches(of: #/\]\(([^()\s]+)\)/#) where !match.1.hasPrefix("http") {
            let parts = match.1.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let target = parts[0].isEmpty ? Document.root.appending(path: path) : folder.appending(path: parts[0])
            guard FileManager.default.fileExists(atPath: target.path()) else {
                Issue.record("\(path): there is no \(parts[0])")
                continue
            }
            guard parts.count == 2 else { continue }
            let headings = try Document(Self.path(of: target)).headings
            #expect(headings.map(Self.anchor).contains(parts[1]), "\(path): no heading for #\(parts[1])")
        }
    }

    @Test("every runbook that an alert points to is there")
    func runbooks() throws {
        let headings = try Document.operations.headings
        let named = try Document.file("ops/prometheus/rules.yml").matches(of: #/See "([^"]+)" in ops/README\.md/#)
        try #require(named.count > 4)
        for match in named { #expect(headings.contains(String(match.1)), "no runbook \"\(match.1)\"") }
    }

    @Test("the table of columns has every column that an application may set")
    func columns() async throws {
        let database = try await ScratchDatabase()
        let rows = try await database.superuser.fetch(.insertableColumns)
        try #require(rows.count > 15)
        let cells = try Document.contract.table(below: "Columns").map { $0.cells[0] }.joined(separator: "`, `")
        let documented = Set(cells.components(separatedBy: "`, `"))
        for row in rows {
            let name = try row.string("name")
            #expect(documented.contains(name), "sql/README.md does not say what \(name) means")
        }
        await database.close()
    }

    private static func path(of file: URL) -> String {
        String(file.standardizedFileURL.path().dropFirst(Document.root.standardizedFileURL.path().count))
            .trimmingCharacters(in: CharacterSet(charactersIn: "/"))
    }

    /// As a viewer makes it of a heading: small letters, digits and hyphens.
    private static func anchor(of heading: String) -> String {
        heading.lowercased().replacing(#/[^a-z0-9 -]/#, with: "").replacing(" ", with: "-")
    }
}

extension Statement {
    fileprivate static let insertableColumns = Statement(
        name: "documents.columns",
        sql: """
            SELECT column_name::text AS name FROM information_schema.column_privileges
             WHERE table_schema = 'outrider' AND table_name = 'jobs' AND grantee = 'outrider_app'
               AND privilege_type = 'INSERT'
            """)
}
