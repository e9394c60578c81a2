import Postgres
import Testing

/// What a code of a provider is taken for. Everything that follows from a refusal hangs on it.
@Suite("Codes of providers", .timeLimit(.minutes(2)))
struct ErrorCodeTests {
    struct Meaning: Sendable, CustomTestStringConvertible {
        var name: String
        var codes: Set<String>
        var testDescription: String { name }
    }

    /// A change of one of these changes whom a refusal concerns, and whether a person is called because of it.
    static let meanings = [
        Meaning(name: "wrong_sender", codes: ["21606", "21612", "21659", "21703", "30018"]),
        Meaning(name: "unregistered", codes: ["21717", "30032", "30033", "30034", "30035"]),
        Meaning(name: "unroutable", codes: ["21408", "21608", "63015"]),
        Meaning(name: "quiet_hours", codes: ["30047", "30610"]),
        Meaning(name: "rate_limited", codes: ["20429", "30001", "30022", "63018"]),
        Meaning(name: "uncertain", codes: ["30008", "30500", "63023"]),
        Meaning(name: "blocked", codes: ["30004"]),
        Meaning(name: "opted_out", codes: ["21610"]),
        Meaning(name: "channel_opted_out", codes: ["63014", "63033"]),
        Meaning(name: "window_closed", codes: ["63016"]),
        Meaning(name: "unreachable", codes: ["30003"]),
        Meaning(name: "content", codes: ["12100", "21266", "30400", "63013"]),
        Meaning(name: "configuration", codes: ["21212", "21704", "63007"]),
        Meaning(name: "credentials", codes: ["20003", "30002"]),
    ]

    @Test("each code that an incident hung on has the class that was decided", arguments: meanings)
    func classes(_ meaning: Meaning) async throws {
        try await Stand.with { stand async throws in
            let list = meaning.codes.sorted().map { "'\($0)'" }.joined(separator: ", ")
            let found = try await stand.admin.fetch(
                Statement(
                    name: "codes",
                    sql: """
                        select code from outrider.error_codes
                         where provider = 'twilio' and class = '\(meaning.name)' and code in (\(list))
                        """)
            ).map { try $0.string("code") }
            #expect(Set(found) == meaning.codes)
        }
    }

    @Test("a sender stops at once for faults of the account alone: nobody adds a code to them unseen")
    func credentials() async throws {
        try await Stand.with { stand async throws in
            #expect(
                try await stand.value(
                    "select string_agg(code, ' ' order by code) from outrider.error_codes where class = 'credentials'")
                    == "20003 20005 20006 20008 20010 20403 21470 21471 21472 30002 30037 http_401")
        }
    }
}
