import Delivery
import Postgres

/// What became of one person of a campaign. By key: never an address.
public struct CampaignPerson: Sendable, Encodable {
    public var job: Int
    public var key: String?
    public var wave: Int
    public var variant: String?
    public var state: String
    public var outcome, channel, failure, reason: String?

    init(_ row: Row) throws(PostgresError) {
        job = try row.int("job_id")
        key = try row.optionalString("key")
        wave = try row.int("wave")
        variant = try row.optionalString("variant")
        state = try row.string("state")
        outcome = try row.optionalString("outcome")
        channel = try row.optionalString("channel")
        failure = try row.optionalString("class")
        reason = try row.optionalString("reason")
    }

    /// Ended, and nothing reached them.
    public var isFailure: Bool {
        outcome.map { ![Outcome.delivered, .canceled].map(\.rawValue).contains($0) } ?? false
    }

    /// The names of a line's fields.
    public static let csvHeader = "job,key,wave,variant,state,outcome,channel,class,reason"

    /// One line of a CSV file, without its end.
    public var csv: String {
        CSVLine.of([String(job), key, String(wave), variant, state, outcome, channel, failure, reason])
    }
}

/// A line of a CSV file as RFC 4180 has it.
public enum CSVLine {
    /// Without its end; what is nil is empty.
    public static func of(_ fields: [String?]) -> String { fields.map { field($0 ?? "") }.joined(separator: ",") }

    /// By scalars: a quotation mark with a combining mark behind it is another `Character`, and a line end may be two.
    private static func field(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: special.contains) else { return text }
        var field = "\"".unicodeScalars
        for scalar in text.unicodeScalars {
            if scalar == "\"" { field.append("\"") }
            field.append(scalar)
        }
        field.append("\"")
        return String(field)
    }

    private static let special: [Unicode.Scalar] = [",", "\"", "\r", "\n"]
}
