import Postgres
import Schema

/// Whether the counts of campaigns are what their jobs and events say.
struct CampaignChecks {
    let pool: PostgresPool

    /// Nothing for a login that may not look: the gateway's.
    func findings() async throws(PostgresError) -> [Finding] {
        let held = try await pool.fetch(.doctorRoles)[0].textArray("held").compactMap(\.self)
        guard held.contains(DatabaseRole.worker) || held.contains("outrider_operator") else { return [] }
        var findings: [Finding] = []
        var unseen: [String] = []
        for row in try await pool.fetch(.doctorCampaigns, deadline: .seconds(60)) {
            let (name, tenant) = (try row.string("name"), try row.string("tenant"))
            let (what, counted, found) = (try row.string("what"), try row.int("counted"), try row.int("found"))
            guard what != Self.unseen else {
                unseen.append("\(name) of \(tenant)")
                continue
            }
            findings.append(
                .warning(
                    "campaign", "\(name) of \(tenant): \(counted) \(what) are counted, and \(found) are there",
                    "Count it anew: select outrider.recount_campaign('\(name)', '\(tenant)'). Then tell how it came about."
                ))
        }
        guard findings.isEmpty else { return findings }
        let rest =
            unseen.isEmpty ? "" : "; too large to look at by the way: \(unseen.prefix(5).joined(separator: ", "))"
        return [.fine("campaigns", "what is counted is there\(rest)")]
    }

    /// What the statement says of a campaign that it has not looked at.
    private static let unseen = "not looked at"
}

extension Statement {
    static let doctorCampaigns = Schema.statement("doctor_campaigns")
}
