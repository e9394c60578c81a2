import Foundation
import Postgres
import TestDatabase
import Testing

/// The built program, on suppressions and consents.
@Suite("Suppressions and consents in bulk", .timeLimit(.minutes(5)))
struct EvidenceTests {
    private static func program() async throws -> (Program, PostgresPool) {
        let url = try await PostgresServer.migratedDatabase()
        let pool = PostgresPool(PostgresConfiguration(url: url, poolSize: 1))
        return (Program(environment: ["OUTRIDER_DATABASE_URL": url]), pool)
    }

    private static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "evidence-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    private static func count(_ sql: String, _ pool: PostgresPool) async throws -> Int {
        try await pool.fetch(Statement(name: "count \(sql.hashValue)", sql: "select count(*) as n from \(sql)"))[0].int(
            "n")
    }

    @Test("what is exported can be imported elsewhere; a dry run writes nothing, and a repeated import adds nothing")
    func suppressions() async throws {
        let (program, pool) = try await Self.program()
        let folder = try Self.folder()
        let (file, rejects) = (folder.appending(path: "in.csv").path(), folder.appending(path: "rejects.csv").path())
        try Data(
            """
            address,channel,reason,lifted_at
            +15005550010,sms,"asked, by letter",
            bob@example.com,,,
            0150,,,
            +15005550011,email,,
            +15005550012,,,2026-01-01
            ,,,
            +15005550013,,stop,

            """.utf8
        ).write(to: URL(filePath: file))
        let dry = try await program.run("suppression", "import", file, "--dry-run")
        #expect(dry.output == "would add 5; 4 of 7 lines would be refused\n" && dry.status == 0)
        #expect(try await Self.count("outrider.suppressions", pool) == 0)
        let real = try await program.run("suppression", "import", file, "--rejects", rejects, "--json")
        #expect(real.output.contains("\"added\" : 5") && real.output.contains("\"refused\" : 4"))
        for says in [
            "line 4: column address breaks the rule address_must_be_e164_or_an_email_address",
            "line 5: column channel breaks the rule channels_must_fit_the_address",
            "line 6: column lifted_at must be empty", "line 7: column address must not be empty",
        ] {
            #expect(real.errors.contains(says), "\(real.errors)")
        }
        #expect(!real.errors.contains("0150"))
        let named = try String(contentsOf: URL(filePath: rejects), encoding: .utf8)
        #expect(named.hasPrefix("line,problem\n4,\"column address breaks"))
        #expect(try await program.run("suppression", "import", file).output.hasPrefix("added 0;"))
        let list = try await program.run("suppression", "list")
        #expect(
            list.output.contains("+1…10") && list.output.contains("asked, by letter")
                && !list.output.contains("5005550"))
        let one = try await program.run("suppression", "list", "--address", "Bob@Example.com", "--json")
        #expect(one.output.contains("\"channel\" : \"email\"") && !one.output.contains("bob@"))
        let export = folder.appending(path: "out.csv").path()
        #expect(try await program.run("suppression", "export", export).errors.contains("5 records written"))
        #expect(try FileManager.default.attributesOfItem(atPath: export)[.posixPermissions] as? NSNumber == 0o600)
        let (elsewhere, other) = try await Self.program()
        #expect(
            try await elsewhere.run("suppression", "import", export).output == "added 5; 0 of 5 lines were refused\n")
        #expect(
            try await Self.count("outrider.suppressions where reason = 'asked, by letter' and lifted_at is null", other)
                == 1)
        for database in [pool, other] { await database.close() }
    }

    @Test("an address is suppressed and lifted by hand, on all its channels or on some")
    func byHand() async throws {
        let (program, pool) = try await Self.program()
        #expect(
            try await program.run("suppression", "add", "+15005550010", "--reason", "letter").output
                == "suppressed on 3 channels more\n")
        let lift = ["suppression", "lift", "+15005550010", "--channel", "sms"]
        #expect(try await program.run(lift).status == 64, "nobody lifts without a reason")
        #expect(try await program.run(lift + ["--reason", "by letter"]).output == "lifted: 1\n")
        let kept = "outrider.suppressions where lift_reason = 'by letter' and lifted_by like 'operator %'"
        #expect(try await Self.count(kept, pool) == 1)
        #expect(try await Self.count("outrider.suppressions where lifted_at is null", pool) == 2)
        #expect(try await program.run("suppression", "export").output.split(separator: "\n").count == 3)
        #expect(
            try await program.run("suppression", "export", "--with-lifted").output.split(separator: "\n").count == 4)
        #expect(try await program.run("suppression", "add", "0150").status == 65)
        #expect(try await program.run("suppression", "add", "+15005550010", "--channel", "fax").status == 64)
        await pool.close()
    }

    @Test("consents come in by hand and from a file, each once, and go out whole")
    func consents() async throws {
        let (program, pool) = try await Self.program()
        let add = [
            "consent", "add", "+15005550010", "--channel", "voice", "--category", "marketing", "--text", "Yes",
            "--source", "form",
        ]
        #expect(try await program.run(add).output == "on record\n")
        #expect(try await program.run(add).output == "on record already\n")
        let refused = try await program.run(add + ["--at", "soon"])
        #expect(refused.status == 65 && refused.errors.contains("at_must_be_a_time"))
        let folder = try Self.folder()
        let file = folder.appending(path: "in.csv").path()
        try Data(
            """
            address,channel,category,text_shown,source,at
            +15005550011,voice,marketing,"Yes, call
            me",form,2026-01-01 10:00Z
            +15005550012,fax,marketing,Yes,form,
            +15005550012,voice,offers,Yes,form,
            +15005550012,voice,marketing," ",form,
            +15005550012,voice,marketing,Yes," ",
            +15005550012,voice,marketing,Yes,form,soon

            """.utf8
        ).write(to: URL(filePath: file))
        let imported = try await program.run("consent", "import", file)
        #expect(imported.output == "added 1; 5 of 6 lines were refused\n")
        for (line, column) in [(4, "channel"), (5, "category"), (6, "text_shown"), (7, "source"), (8, "at")] {
            #expect(imported.errors.contains("line \(line): column \(column) breaks"), "\(imported.errors)")
        }
        #expect(try await program.run("consent", "import", file).output.hasPrefix("added 0;"))
        let out = try await program.run("consent", "export")
        #expect(
            out.output.contains(
                "+15005550011,voice,marketing,\"Yes, call\nme\",form,2026-01-01T10:00:00.000000Z,default\n"))
        let list = try await program.run("consent", "list")
        #expect(list.output.contains("+1…11") && !list.output.contains("5005550"))
        await pool.close()
    }
}
