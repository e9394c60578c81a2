import Foundation
import Postgres
import Schema
import TestDatabase
import Testing

@Suite("Nothing secret leaks", .timeLimit(.minutes(8)))
struct CanaryTests {
    /// A place that may show a mark, and why.
    private struct Known {
        let surface: String
        /// What the line must hold.
        let line: String
        let because: String
    }

    private static let known = [
        Known(
            surface: "an error of the database: a wrong template", line: "template_must_exist",
            because: "a template's name is a name, and the refusal has to say which"),
        Known(surface: "errors of outrider enqueue", line: "template_must_exist", because: "the same"),
        Known(
            surface: "an error of the database: outrider.create_schedule", line: "action_must_have_known_keys",
            because: "so is a key's, where only names of columns may stand"),
        Known(
            surface: "output of outrider campaign preview", line: "",
            because: "it shows what would be sent, to whoever may read the file"),
        Known(
            surface: "output of outrider campaign report", line: "",
            because: "--people is by key, the application's own word for a person"),
        Known(
            surface: "output of outrider optouts list", line: "", because: "a person decides what the sentence means"),
        Known(
            surface: "output of outrider suppression export", line: "",
            because: "an export is for keeping what it exports"),
        Known(
            surface: "output of outrider consent export", line: "", because: "an export is for keeping what it exports"),
        Known(
            surface: "log of PostgreSQL", line: "ERROR:  invalid input syntax for type",
            because: "PostgreSQL puts a value that does not read as a time, a number or JSON into the error itself"),
        Known(
            surface: "log of PostgreSQL", line: "template_must_exist: there is no template",
            because: "the same"),
        Known(
            surface: "log of PostgreSQL", line: "action_must_have_known_keys: a job takes no",
            because: "the same"),
        Known(
            surface: "log of PostgreSQL", line: "ERROR:  malformed array literal",
            because: "the same: no body and no address is an array"),
    ]

    @Test("of a thousand marked values, sent through every door, none is in a log, a metric, an error or a page")
    func everyDoor() async throws {
        let stand = try await CanaryStand()
        try await stand.insertJobs()
        try await stand.refuseJobs()
        await stand.refuseValues()
        await stand.refuseCalls()
        try await stand.commands()
        try await stand.settings()
        try await stand.campaign()
        try await stand.webhooks()
        try await stand.pages()
        try await stand.looks()
        let surfaces = try await stand.end()
        #expect(stand.marks.given >= 1_000, "\(stand.marks.given)")
        for (place, texts) in Dictionary(grouping: surfaces, by: \.name).sorted(by: { $0.key < $1.key }) {
            let lines = texts.flatMap { CanaryMarks.lines(of: $0.text) }.filter { line in
                !Self.known.contains { $0.surface == place && ($0.line.isEmpty || line.contains($0.line)) }
            }
            #expect(lines.isEmpty, "\(place): \(lines.count) lines, such as \(lines.prefix(3))")
        }
        // What was said is enough to find something in.
        for (log, says) in [("gateway", "debug"), ("worker", "Outrider starts"), ("PostgreSQL", "must_be")] {
            let text = surfaces.first { $0.name == "log of the \(log)" || $0.name == "log of \(log)" }?.text ?? ""
            #expect(text.contains(says) && text.count > 1_000, "\(log): \(text.prefix(500))")
        }
    }

    @Test("without the settings of ops/postgresql.conf PostgreSQL's log does show a refused row, and doctor names them")
    func withoutSettings() async throws {
        let server = try PrivateServer()
        let pool = PostgresPool(PostgresConfiguration(url: server.url, poolSize: 1, queryDeadline: .seconds(120)))
        _ = try await Migrations(Schema.migrations).apply(through: pool)
        let marks = CanaryMarks()
        let wrong =
            "insert into outrider.jobs (channel, address, body) values ('fax', '\(marks.phone())', '\(marks.body())')"
        await #expect(throws: PostgresError.self) { try await pool.run(script: wrong) }
        let lines = CanaryMarks.lines(of: try server.log())
        #expect(
            lines.contains { $0.contains("DETAIL:  Failing row contains") }
                && lines.contains { $0.contains("STATEMENT:") })
        let program = Program(environment: ["OUTRIDER_DATABASE_URL": server.url])
        let warned = try await program.run("doctor", "--of", "work").output
        #expect(warned.contains("Set log_error_verbosity = terse, log_min_error_statement = panic, for"), "\(warned)")
        for setting in try CanaryStand.settings() + ["log_min_duration_statement = '1s'"] {
            try await pool.run(script: "alter system set \(setting)")
        }
        try await pool.run(script: "select pg_reload_conf()")
        let left = try await program.run("doctor", "--of", "work").output
        #expect(left.contains("Set log_min_duration_statement = -1, for"), "\(left)")
        await pool.close()
    }
}
