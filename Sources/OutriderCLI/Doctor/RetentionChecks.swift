import Postgres
import Schema

/// Whether addresses and texts go when they should.
struct RetentionChecks {
    let pool: PostgresPool

    func findings() async throws(PostgresError) -> [Finding] {
        var findings: [Finding] = []
        for row in try await pool.fetch(.doctorRetention) {
            findings.append(Self.finding(try row.string("what"), try row.string("subject")))
        }
        return findings.isEmpty ? [.fine("retention", "addresses and texts are purged as the rules say")] : findings
    }

    private static func finding(_ what: String, _ subject: String) -> Finding {
        switch what {
        case "kept":
            .warning(
                "retention", "of \(subject), addresses or texts are never purged",
                "Say how long they are needed: select outrider.set_retention('\(subject)', '7 days', '90 days', 'agreed with …')."
            )
        default:
            .warning(
                "retention", "the purge is \(subject) behind",
                "Let a worker run, and end transactions that have been open as long; see pg_stat_activity.")
        }
    }
}

extension Statement {
    static let doctorRetention = Schema.statement("doctor_retention")
}
