import ArgumentParser
import Delivery
import Insight
import Postgres

struct DeadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead",
        abstract: "Numbers that a provider called dead: list, forget one.",
        discussion: """
            A number is remembered when a provider says that it does not exist or takes no texts, for as long as \
            outrider.dead_codes says. Until then its steps are passed over, dead_number. Needs a login with the role \
            outrider_operator.

            Examples:
              outrider dead list
              outrider dead forget +15005550010 --reason 'the person has it since May'

            \(ExitStatus.help)
            """,
        subcommands: [DeadList.self, DeadForget.self])

    static func about(_ name: String, _ abstract: String, _ discussion: String, example: String) -> CommandConfiguration
    {
        CommandConfiguration(
            commandName: name, abstract: abstract,
            discussion: "\(discussion)\n\nExample: outrider dead \(example)\n\n\(ExitStatus.help)")
    }
}

struct DeadList: OutriderCommand {
    static let configuration = DeadCommand.about(
        "list", "List dead numbers, the newest first.", "Numbers are shown by their shape. --address finds one.",
        example: "list --address +15005550010")

    @OptionGroup var choice: EvidenceChoice
    @Option(help: "How many at most, 1 to 10000.") var limit = 100
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000.") }
    }

    func perform() async throws {
        let rows = try await DatabaseVisit.make(as: "dead list") { pool in
            try await EvidenceDesk(pool).dead(of: choice.address, limit: limit)
        }
        let columns = EvidenceDesk.deadColumns
        let shown = rows.map { row in
            zip(columns, row).map { $0 == "address" ? Redaction.phoneNumber($1).description : $1 }
        }
        guard !json else {
            return try Console.json(shown.map { Dictionary(uniqueKeysWithValues: zip(columns, $0)) })
        }
        guard !shown.isEmpty else { return Console.note("There is none.") }
        try Console.data(Table(columns, shown).text)
        if shown.count == limit { Console.note("There may be more: see --limit.") }
    }
}

struct DeadForget: OutriderCommand {
    static let configuration = DeadCommand.about(
        "forget", "Let a number be tried again at once.",
        "The login's name and the reason are kept in outrider.contact_rule_events, the number is not.",
        example: "forget +15005550010 --channel sms --reason 'the person has it since May'")

    @OptionGroup var address: AddressOptions
    @OptionGroup var why: ReasonOption

    func perform() async throws {
        let count = try await DatabaseVisit.make(as: "dead forget") { pool in
            try await EvidenceDesk(pool).forgetDead(address.address, on: address.chosen, reason: why.reason)
        }
        try Console.data("forgotten: \(count)")
    }
}
