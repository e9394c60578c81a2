import Hummingbird
import Insight
import Postgres

/// What became of each person of a campaign, as a CSV file that is read while it is written: a part is held at a time. By key,
/// never by address.
struct PeopleFile: Sendable {
    let campaigns: Campaigns
    let name: CampaignName
    let failedOnly: Bool
    /// Those whose jobs come after this one: an answer takes a minute at most, and a very large campaign is taken in parts.
    let start: Int

    /// People that are read at once.
    private static let part = 2_000

    /// - Throws: when not even the first people can be read. What fails later cuts the answer off, which a browser says.
    func body() async throws(PostgresError) -> ResponseBody {
        let first = try await campaigns.people(of: name, after: start, limit: Self.part)
        return ResponseBody { writer in
            var people = first
            try await writer.write(ByteBuffer(string: CampaignPerson.csvHeader + "\n" + lines(people)))
            while let last = people.last {
                people = try await campaigns.people(of: name, after: last.job, limit: Self.part)
                let text = lines(people)
                if !text.isEmpty { try await writer.write(ByteBuffer(string: text)) }
            }
            try await writer.finish(nil)
        }
    }

    private func lines(_ people: [CampaignPerson]) -> String {
        people.lazy.filter { !failedOnly || $0.isFailure }.map { $0.csv + "\n" }.joined()
    }
}
