import Insight
import Postgres
import Schema

/// Whether the rules of contact are set, and cover numbers that there are.
struct ContactChecks {
    let pool: PostgresPool

    func findings() async throws(PostgresError) -> [Finding] {
        var findings: [Finding] = []
        for row in try await pool.fetch(.doctorContactRules) {
            findings.append(Self.finding(try row.string("what"), try row.string("subject")))
        }
        findings += try await lookups()
        for cap in try await CapStatus.all(pool) where cap.mode == "record_only" && cap.lastDay > 0 {
            findings.append(
                .warning(
                    "caps", "\(cap.name) only records: it would have kept back \(cap.lastDay) messages within a day",
                    "If they were not meant: select outrider.set_cap_mode('\(cap.name)', 'enforce'). Else raise it, or drop it with outrider.drop_cap."
                ))
        }
        return findings.allSatisfy { $0.verdict == .fine }
            ? [.fine("contact rules", "each covers numbers, and countries are listed")] + findings : findings
    }

    /// Whether numbers are looked up, and whether they can be.
    private func lookups() async throws(PostgresError) -> [Finding] {
        let rows = try await pool.fetch(.lookupStatus)
        guard let first = rows.first else { return [.fine("lookups", "off: no number is looked up")] }
        let rules = try rows.map { row throws(PostgresError) in
            let line = try row.bool("asks_line_type") ? "line type" : nil
            let risk = try row.optionalInt("holds_over").map { "risk over \($0) held" }
            return "\(try row.string("category")): \([line, risk].compactMap(\.self).joined(separator: ", "))"
        }.joined(separator: "; ")
        let unanswered = try first.int("unanswered")
        guard unanswered > 0, let code = try first.optionalString("code") else {
            return [.fine("lookups", rules)]
        }
        return [
            .warning(
                "lookups", "\(rules). Within 10 minutes \(unanswered) told nothing, most often \(code)",
                "What cannot be looked up is sent to. Look up the code in Twilio's error dictionary: the package may not be enabled."
            )
        ]
    }

    private static func finding(_ what: String, _ subject: String) -> Finding {
        switch what {
        case "anywhere":
            .warning(
                "countries", "messages may go to every country",
                "List those that you write to, select outrider.allow_country('PL'), then select outrider.set_anywhere(false)."
            )
        case "nowhere":
            .warning(
                "countries", "none is allowed: no one-time password and no offer goes out by phone",
                "List those that you write to: select outrider.allow_country('PL').")
        case "quiet hours":
            .warning(
                "quiet hours", "\(subject) cover no number",
                "Correct their jurisdiction with outrider.set_quiet_hours, or lift them with outrider.lift_quiet_hours."
            )
        case "country":
            .warning(
                "countries", "no number is in \(subject), which is allowed",
                "Take it away, select outrider.disallow_country('\(subject)'), and list the one that is meant.")
        default:
            .warning(
                "time zones", "PostgreSQL does not know \(subject), where numbers are",
                "Bring tzdata up to date on the database's host. Until then quiet hours go by the other zones of a number."
            )
        }
    }
}

extension Statement {
    static let lookupStatus = Schema.statement("lookup_status")
    static let doctorContactRules = Schema.statement("doctor_contact_rules")
}
