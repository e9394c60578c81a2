import ArgumentParser
import Delivery
import Insight
import Postgres

struct ConsentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consent",
        abstract: "Who agreed to what: add, list, take in a file, write one.",
        discussion: """
            A record never changes. Whoever wants no more messages is suppressed: `outrider suppression add`. The same \
            can be done in SQL: outrider.add_consent(). Needs a login with the role outrider_operator.

            Examples:
              outrider consent import consents.csv --dry-run
              outrider consent list --address +15005550010
              outrider consent export consents.csv

            \(ExitStatus.help)
            """,
        subcommands: [ConsentAdd.self, ConsentList.self, ConsentImport.self, ConsentExport.self])

    static func about(_ name: String, _ abstract: String, _ discussion: String, example: String) -> CommandConfiguration
    {
        CommandConfiguration(
            commandName: name, abstract: abstract,
            discussion: "\(discussion)\n\nExample: outrider consent \(example)\n\n\(ExitStatus.help)")
    }
}

struct ConsentAdd: OutriderCommand {
    static let configuration = ConsentCommand.about(
        "add", "Put a consent on record.", "The text is the one that the person was shown. Repeated, it adds nothing.",
        example: "add +15005550010 --channel voice --category marketing --text 'Yes, call me.' --source 'form 7'")

    @Argument(help: "A number such as +15005550010, or an e-mail address.") var address: String
    @Option(help: "sms, voice, whatsapp or email.") var channel: String
    @Option(help: "otp, alert, transactional or marketing.") var category: String
    @Option(help: "The words that the person agreed to.") var text: String
    @Option(help: "Where it comes from, such as a form's name.") var source: String
    @Option(help: "When, as PostgreSQL reads it, in UTC where no offset stands; now without it.") var at: String?
    @Option(help: "Whose consent it is, where that is not this login's own tenant.") var tenant: String?

    func perform() async throws {
        var values = [
            "address": address, "channel": channel, "category": category, "text_shown": text, "source": source,
        ]
        (values["at"], values["tenant"]) = (at, tenant)
        let record = CSVFields(line: 1, values: values)
        let taken = try await DatabaseVisit.make(as: "consent add") { pool in
            try await EvidenceDesk(pool).take([record], as: .consents, isDryRun: false)
        }
        if let rule = taken.first?.problem { throw Failure("refused by the rule \(rule)", .refused) }
        try Console.data(taken.first?.added == 0 ? "on record already" : "on record")
    }
}

struct ConsentList: EvidenceList {
    static let evidence = Evidence.consents
    static let configuration = ConsentCommand.about(
        "list", "List consents on record, the oldest first.",
        "Addresses are shown by their shape. --address finds one.",
        example: "list --address +15005550010")

    @OptionGroup var choice: EvidenceChoice
    @Option(help: "How many at most, 1 to 10000.") var limit = 100
    @Flag(help: "Print JSON.") var json = false
    var withLifted: Bool { false }
}

struct ConsentImport: EvidenceImport {
    static let evidence = Evidence.consents
    static let configuration = ConsentCommand.about(
        "import", "Put the consents of a CSV file on record.",
        """
        UTF-8, with a header: address, channel, category, text_shown and source, and if wanted at and tenant. Each bad \
        line is named with its column; the others are taken in. What is on record already is not added again.
        """, example: "import consents.csv --dry-run")

    @OptionGroup var input: ImportOptions
}

struct ConsentExport: EvidenceExport {
    static let evidence = Evidence.consents
    static let configuration = ConsentCommand.about(
        "export", "Write consents as CSV.", "With whole addresses: the file can be read by its owner alone.",
        example: "export consents.csv")

    @Argument(help: "The file to write; standard output without it.") var file: String?
    var withLifted: Bool { false }
}
