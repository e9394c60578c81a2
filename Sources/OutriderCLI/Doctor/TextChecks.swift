import Postgres
import Schema

/// Whether carriers and people may miss something in texts that are in use.
struct TextChecks {
    let pool: PostgresPool

    /// Nothing where no text is doubtful.
    func findings() async throws(PostgresError) -> [Finding] {
        try await pool.fetch(.doctorTexts).map { row throws(PostgresError) in
            let (templates, campaigns) = (try row.int("templates"), try row.int("campaigns"))
            let counts = [(templates, "template(s)"), (campaigns, "campaign(s)")].filter { $0.0 > 0 }
                .map { "\($0.0) \($0.1)" }
            return .warning(
                "texts",
                "the SMS of \(counts.joined(separator: " and ")) \(try row.string("problem")): \(try row.string("names"))",
                "select * from outrider.campaign_warnings('NAME'), or save the template again in psql: it says what helps."
            )
        }
    }
}

extension Statement {
    static let doctorTexts = Schema.statement("doctor_texts")
}
