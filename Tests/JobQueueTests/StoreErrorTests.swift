import JobQueue
import Postgres
import Testing

@Suite("Errors of the store")
struct StoreErrorTests {
    private static func server(_ code: String) -> StoreError {
        .database(.server(SQLState(code), message: "", constraint: nil))
    }

    static let cases: [(StoreError, StoreError.Blame)] = [
        // The server's shortages.
        (server("53100"), .nobody), (server("53300"), .nobody), (server("53400"), .nobody), (server("53000"), .nobody),
        (server("53200"), .number),
        // A full disk shows itself in many ways.
        (server("58030"), .nobody), (server("57P03"), .nobody), (server("57P01"), .nobody),
        // A row's.
        (server("57014"), .row), (server("22003"), .row), (server("22021"), .row), (server("23514"), .row),
        (server("54000"), .row), (server("XX000"), .row), (server("XX001"), .row),
        // Neither.
        (server("40P01"), .nobody), (server("40001"), .nobody), (server("55P03"), .nobody), (server("25006"), .nobody),
        (server("42501"), .nobody), (server("42P01"), .nobody), (server("XX002"), .nobody),
        // The client's own.
        (.database(.deadlinePassed(.none)), .number), (.database(.deadlinePassed(.unknown)), .number),
        (.database(.connectionLost("reset", .unknown)), .nobody), (.database(.cancelled(.none)), .nobody),
        (.database(.poolClosed), .nobody), (.database(.tooManyWaiters), .nobody),
        (.database(.decoding(column: "at", expected: "a time")), .row), (.database(.encoding(position: 1)), .row),
        (.unreadable("category"), .row),
    ]

    @Test("what an operator must mend is told from lost races, restarts and refused rows")
    func refusesWrites() {
        for code in ["53100", "53300", "58030", "25006", "42501", "42P01", "XX001"] {
            #expect(Self.server(code).refusesWrites, "\(code)")
        }
        for code in ["40P01", "40001", "55P03", "57P01", "57014", "22003", "23514", "08006"] {
            #expect(!Self.server(code).refusesWrites, "\(code)")
        }
        #expect(!StoreError.database(.deadlinePassed(.unknown)).refusesWrites)
    }

    @Test("a shortage or a silence of the server is never blamed on one row", arguments: cases)
    func blame(_ row: (error: StoreError, blame: StoreError.Blame)) {
        #expect(row.error.blame == row.blame)
    }
}
