import ArgumentParser
import Delivery
import Insight
import Postgres

struct SuppressionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suppression",
        abstract: "Whom not to contact: list, add, lift, take in a file, write one.",
        discussion: """
            A STOP, an unsubscribe and a provider's word suppress by themselves. The same can be done in SQL: \
            outrider.suppress() and its brothers. Needs a login with the role outrider_operator.

            Examples:
              outrider suppression add +15005550010 --reason 'asked by letter'
              outrider suppression import stopped.csv --dry-run
              outrider suppression export suppressions.csv

            \(ExitStatus.help)
            """,
        subcommands: [
            SuppressionList.self, SuppressionAdd.self, SuppressionLift.self, SuppressionImport.self,
            SuppressionExport.self,
        ])

    static func about(_ name: String, _ abstract: String, _ discussion: String, example: String) -> CommandConfiguration
    {
        CommandConfiguration(
            commandName: name, abstract: abstract,
            discussion: "\(discussion)\n\nExample: outrider suppression \(example)\n\n\(ExitStatus.help)")
    }
}

struct SuppressionList: EvidenceList {
    static let evidence = Evidence.suppressions
    static let configuration = SuppressionCommand.about(
        "list", "List suppressions, the oldest first.", "Addresses are shown by their shape. --address finds one.",
        example: "list --address +15005550010")

    @OptionGroup var choice: EvidenceChoice
    @Flag(help: "Those that were lifted, too.") var withLifted = false
    @Option(help: "How many at most, 1 to 10000.") var limit = 100
    @Flag(help: "Print JSON.") var json = false
}

/// Which address, and by which channels.
struct AddressOptions: ParsableArguments {
    @Argument(help: "A number such as +15005550010, or an e-mail address.") var address: String
    @Option(
        name: .customLong("channel"),
        help: "sms, voice, whatsapp or email; may be repeated. Without it all that reach the address.")
    var channels: [String] = []

    var chosen: [String]? { channels.isEmpty ? nil : channels }

    func validate() throws {
        guard channels.allSatisfy({ Channel(rawValue: $0) != nil }) else {
            throw ValidationError("--channel is sms, voice, whatsapp or email.")
        }
    }
}

struct SuppressionAdd: OutriderCommand {
    static let configuration = SuppressionCommand.about(
        "add", "Stop contact with an address.", "Nothing is begun to it after this command has answered.",
        example: "add +15005550010 --reason 'asked by letter'")

    @OptionGroup var address: AddressOptions
    @OptionGroup var why: ReasonOption

    func perform() async throws {
        let count = try await DatabaseVisit.make(as: "suppression add") { pool in
            try await EvidenceDesk(pool).suppress(address.address, on: address.chosen, reason: why.reason ?? "operator")
        }
        try Console.data("suppressed on \(count) channel\(count == 1 ? "" : "s") more")
    }
}

struct SuppressionLift: OutriderCommand {
    static let configuration = SuppressionCommand.about(
        "lift", "Allow contact with an address again.",
        """
        Only with the person's word: a START to our number does the same. What the provider blocks stays blocked there. The \
        login's name and the reason are kept.
        """,
        example: "lift +15005550010 --channel sms --reason 'asked by letter'")

    @OptionGroup var address: AddressOptions
    @Option(help: "Why, 1 to 500 characters.") var reason: String

    func validate() throws {
        guard reason.contains(where: { !$0.isWhitespace }), reason.count <= 500 else {
            throw ValidationError("--reason is 1 to 500 characters, not only spaces.")
        }
    }

    func perform() async throws {
        let count = try await DatabaseVisit.make(as: "suppression lift") { pool in
            try await EvidenceDesk(pool).lift(address.address, on: address.chosen, reason: reason)
        }
        try Console.data("lifted: \(count)")
    }
}

struct SuppressionImport: EvidenceImport {
    static let evidence = Evidence.suppressions
    static let configuration = SuppressionCommand.about(
        "import", "Suppress the addresses of a CSV file.",
        """
        UTF-8, with a header: address, and if wanted channel, reason, tenant and category. Without a channel all that \
        reach the address are stopped. A file of `export` can be taken in; its source and created_at are not. Each bad \
        line is named with its column; the others are taken in. What is suppressed already is left as it is.
        """, example: "import stopped.csv --rejects rejects.csv")

    @OptionGroup var input: ImportOptions
}

struct SuppressionExport: EvidenceExport {
    static let evidence = Evidence.suppressions
    static let configuration = SuppressionCommand.about(
        "export", "Write suppressions as CSV.", "With whole addresses: the file can be read by its owner alone.",
        example: "export suppressions.csv")

    @Argument(help: "The file to write; standard output without it.") var file: String?
    @Flag(help: "Those that were lifted, too.") var withLifted = false
}
