import ArgumentParser
import Delivery
import Insight
import Postgres

struct Adopt: OutriderCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let workers send from a database that was restored, copied or moved.",
        discussion: """
            Such a database may ask for messages that were sent already, so workers take nothing from it until a person \
            confirms. Without --reason the command only shows why, what workers would send and what they would look up \
            first. They look up each message that a provider lists and this database does not know. Start a worker \
            before: it reads those lists, and sends nothing. With --reason sending goes on. The login's name, the reason \
            and the report stay in outrider.adoptions. Needs a login with the role outrider_operator.

            Examples: outrider adopt
                      outrider adopt --reason 'restored the 3 a.m. backup'

            \(ExitStatus.help)
            """)

    @Option(help: "Why workers may send from here, 1 to 500 characters.") var reason: String?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard let reason else { return }
        guard reason.contains(where: { !$0.isWhitespace }), reason.count <= 500 else {
            throw ValidationError("--reason is 1 to 500 characters, not only spaces.")
        }
    }

    private struct Result: Encodable {
        let isAdopted: Bool
        let result: String?
        let report: AdoptionReport

        enum CodingKeys: String, CodingKey {
            case isAdopted = "is_adopted"
            case result, report
        }
    }

    func perform() async throws {
        let (report, result) = try await DatabaseVisit.make(as: "adopt") { pool in
            let home = Adoption(pool)
            let report = try await home.report()
            guard let reason, report.displacement != nil else { return (report, String?.none) }
            return (report, try await home.adopt(because: reason))
        }
        if json {
            return try Console.json(
                Result(isAdopted: report.displacement == nil || result != nil, result: result, report: report))
        }
        guard report.displacement != nil else {
            return try Console.data("Workers may send from this database: nothing to do.")
        }
        try Console.data(Self.text(report))
        try Console.data(result ?? "Nothing was changed. To confirm: outrider adopt --reason '…'")
    }

    private static func text(_ report: AdoptionReport) -> String {
        var table = Table("once adopted, workers", "category", "jobs")
        for line in report.lines { table.add(line.what, line.category ?? "", String(line.count)) }
        return [
            "Nothing is sent: \(report.cause ?? "")", report.lines.isEmpty ? "No job waits here." : table.text,
            report.witness,
        ].joined(separator: "\n")
    }
}
