import Postgres
import TestDatabase
import Testing

@Suite("Errors", .timeLimit(.minutes(5)))
struct ErrorTests {
    @Test("a refused row gives SQLSTATE and constraint, and not the row")
    func constraint() async throws {
        let pool = PostgresPool(PostgresConfiguration(url: try await PostgresServer.freshDatabase(), poolSize: 1))
        try await pool.run(
            script: """
                CREATE TABLE t (phone text CONSTRAINT phone_must_be_e164 CHECK (phone LIKE '+%'));
                CREATE UNIQUE INDEX one_row_each ON t (phone);
                INSERT INTO t VALUES ('+4917012345')
                """)
        let insert = Statement(name: "t.insert", sql: "INSERT INTO t VALUES ($1)")
        let check = try await failure { try await pool.execute(insert, [.text("017098765")]) }
        #expect(check.sqlState == .checkViolation)
        guard case .server(_, _, constraint: "phone_must_be_e164") = check else {
            Issue.record("\(check)")
            return
        }
        #expect(!"\(check)".contains("017098765"))
        let unique = try await failure { try await pool.execute(insert, [.text("+4917012345")]) }
        #expect(unique.sqlState == .uniqueViolation)
        #expect(!unique.isRetryable)
        #expect("\(unique)".contains("one_row_each"))
        #expect(!"\(unique)".contains("4917012345"))
        #expect(try await pool.execute(insert, [.text("+1")]) == 1)
        await pool.close()
    }

    @Test(
        "data errors are blanked",
        arguments: [
            "SELECT $1::text::int", "SELECT $1::text::uuid", "SELECT $1::text::timestamptz", "SELECT $1::text::jsonb",
            "SELECT $1::text::int[]", "SELECT $1::text::inet",
        ])
    func dataErrors(_ sql: String) async throws {
        let pool = PostgresPool(PostgresConfiguration(url: try await PostgresServer.freshDatabase(), poolSize: 1))
        let value = "+49170\" 12345: x"
        let error = try await failure { try await pool.fetch(Statement(name: "t.data", sql: sql), [.text(value)]) }
        #expect(error.sqlState?.errorClass == "22")
        #expect(!"\(error)".contains("49170") && !"\(error)".contains("12345"))
        await pool.close()
    }

    @Test(
        "a URL that cannot be read is refused without showing it",
        arguments: [
            "postgresql://user:hunter2@host:port/db", "postgresql://user:hunter2@[::1/db", "password=hunter2 nonsense",
            "postgresql://h/db?hunter2=1", "hunter2", "host=a,b,c port=1,2 password=hunter2",
        ])
    func unreadableURL(_ url: String) async throws {
        let configuration = PostgresConfiguration(url: url)
        let error = try await failure { try configuration.validate() }
        guard case .configuration = error else {
            Issue.record("\(error)")
            return
        }
        #expect(!"\(error)".contains("hunter2"))
        #expect(!"\(configuration)".contains("hunter2"))
        #expect(!String(reflecting: configuration).contains("hunter2"))
        let pool = PostgresPool(configuration)
        #expect(try await failure { try await pool.run(script: "SELECT 1") } == error)
    }

    @Test("a missing database fails at once, in PostgreSQL's own words")
    func missingDatabase() async throws {
        let url = try await PostgresServer.freshDatabase() + "_gone"
        let pool = PostgresPool(PostgresConfiguration(url: url))
        let error = try await failure { try await pool.run(script: "SELECT 1") }
        let name = url.split(separator: "/").last ?? ""
        #expect(
            error
                == .connectionLost(
                    #"the database named in the URL does not exist: database "\#(name)" does not exist"#, .none))
        await pool.close()
    }

    @Test("a missing role fails at once, in PostgreSQL's own words")
    func missingRole() async throws {
        let url = try await PostgresServer.freshDatabase().replacing("postgres@", with: "nobody_of_this_name@")
        let pool = PostgresPool(PostgresConfiguration(url: url))
        let error = try await failure { try await pool.run(script: "SELECT 1") }
        #expect(
            error
                == .connectionLost(
                    #"the database refused the login: role "nobody_of_this_name" does not exist"#, .none))
        await pool.close()
    }
}

@Suite("Hints")
struct HintTests {
    @Test(
        "prepared statements that are gone or there twice name the setting for pgbouncer",
        arguments: ["26000", "42P05"])
    func pgbouncer(code: String) {
        let error = PostgresError.server(SQLState(code), message: "prepared statement", constraint: nil)
        #expect(error.description.contains("OUTRIDER_DATABASE_PGBOUNCER=true"))
    }
}
