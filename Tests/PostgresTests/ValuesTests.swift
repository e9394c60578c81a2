import Postgres
import TestDatabase
import Testing

@Suite("Values", .timeLimit(.minutes(5)))
struct ValuesTests {
    static let nasty: [String?] = [
        nil, "", "NULL", "null", " ", ",", "{}", "\"", "\\", "\\\"", "a,b", "{\"x\"}", "'", "é\u{301}\n\t", "👩‍👩‍👧", "$1",
        "\r\n",
    ]

    @Test("text arrays come back as they were sent, whatever their elements hold")
    func textArrays() async throws {
        let pool = try await pool()
        let statement = Statement(name: "t.array", sql: "SELECT $1::text[] AS a, cardinality($1::text[]) AS n")
        let row = try await pool.fetch(statement, [.textArray(Self.nasty)])[0]
        #expect(try row.textArray("a") == Self.nasty)
        #expect(try row.int("n") == Self.nasty.count)
        #expect(try await pool.fetch(statement, [.textArray([])])[0].textArray("a") == [])
        await pool.close()
    }

    @Test("each text element reaches the server unchanged")
    func elements() async throws {
        let pool = try await pool()
        let statement = Statement(
            name: "t.elements", sql: "SELECT e AS element FROM unnest($1::text[]) WITH ORDINALITY u(e, n) ORDER BY n")
        let rows = try await pool.fetch(statement, [.textArray(Self.nasty)])
        #expect(try rows.map { try $0.optionalString("element") } == Self.nasty)
        await pool.close()
    }

    @Test("scalars and other arrays round trip", arguments: [PostgresConfiguration.Preparation.prepared, .unnamed])
    func scalars(_ preparation: PostgresConfiguration.Preparation) async throws {
        let pool = try await pool(preparation)
        let statement = Statement(
            name: "t.scalars",
            sql: """
                SELECT $1::text AS text, $2::bigint AS int, $3::boolean AS bool, $4::float8 AS double, $5::uuid AS uuid,
                       $6::bytea AS bytes, $7::bigint[] AS ints, $8::boolean[] AS bools, $9::text AS nothing
                """)
        let bytes = [UInt8](0...255)
        for _ in 0..<2 {  // The second time uses what the first prepared.
            let row = try await pool.fetch(
                statement,
                [
                    .text("O'Neil"), .int(.min), .bool(false), .double(-0.1),
                    .uuid("6F9619FF-8B86-D011-B42D-00CF4FC964FF"), .bytes(bytes), .intArray([.max, 0, -1]),
                    .boolArray([true, false]), .null,
                ])[0]
            #expect(try row.string("text") == "O'Neil")
            #expect(try row.int("int") == .min)
            #expect(try row.bool("bool") == false)
            #expect(try row.double("double") == -0.1)
            #expect(try row.string("uuid") == "6f9619ff-8b86-d011-b42d-00cf4fc964ff")
            #expect(try row.bytes("bytes") == bytes)
            #expect(try row.intArray("ints") == [.max, 0, -1])
            #expect(try row.textArray("bools") == ["t", "f"])
            #expect(try row.optionalString("nothing") == nil)
            #expect(row.columns.count == 9)
        }
        await pool.close()
    }

    @Test("a NUL character is refused, never cut off silently")
    func nul() async throws {
        let pool = try await pool()
        let statement = Statement(name: "t.nul", sql: "SELECT $1::text, $2::text")
        let error = try await failure { try await pool.fetch(statement, [.text("x"), .text("a\0b")]) }
        #expect(error == .encoding(position: 2))
        await pool.close()
    }

    @Test("a decoding error names the column and the type, never the value")
    func decoding() async throws {
        let pool = try await pool()
        let row = try await pool.fetch(Statement(name: "t.row", sql: "SELECT 'secret' AS a, NULL AS b"))[0]
        #expect(throws: PostgresError.decoding(column: "a", expected: "an integer")) { try row.int("a") }
        #expect(throws: PostgresError.decoding(column: "b", expected: "text, not NULL")) { try row.string("b") }
        #expect(throws: PostgresError.decoding(column: "c", expected: "a column of this name")) { try row.string("c") }
        await pool.close()
    }

    private func pool(_ preparation: PostgresConfiguration.Preparation = .prepared) async throws -> PostgresPool {
        PostgresPool(
            PostgresConfiguration(url: try await PostgresServer.freshDatabase(), poolSize: 1, preparation: preparation))
    }
}
