import ArgumentParser
import Insight
import Postgres

struct CampaignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "campaign",
        abstract: "Write to many people: create, load, start, pause, slow down, cancel, and see how far it is.",
        discussion: """
            A campaign is made as a draft. Its people are loaded from a table, from a file, or by the application's own \
            INSERT … SELECT. Once it is started, workers write to each of them once. The same can be done in SQL: \
            outrider.create_campaign() and its brothers. Needs a login with the role outrider_operator or outrider_app.

            Examples:
              outrider campaign create spring --channel sms \\
                --template spring-offer --audience shop.offer_audience
              outrider campaign preview spring
              outrider campaign load spring
              outrider campaign start spring --reason 'agreed with Ann'
              outrider campaign report spring

            \(ExitStatus.help)
            """,
        subcommands: [
            CampaignCreate.self, CampaignLoad.self, CampaignPreview.self, CampaignRehearse.self, CampaignStart.self,
            CampaignPause.self, CampaignResume.self, CampaignCancel.self, CampaignRateCommand.self, CampaignRetry.self,
            CampaignReportCommand.self, CampaignList.self,
        ])
}

/// Which campaign a command is about.
struct CampaignOptions: ParsableArguments {
    @Argument(help: "The campaign's name.") var name: String
    @Option(help: "Whose it is, where that is not this login's own tenant.") var tenant: String?

    var campaign: CampaignName { CampaignName(name, tenant: tenant) }
}

/// Why something is done to a campaign or a schedule; it is kept with the login's name.
struct ReasonOption: ParsableArguments {
    @Option(help: "Why, 1 to 500 characters; kept with your name.") var reason: String?

    func validate() throws {
        guard let reason else { return }
        guard reason.contains(where: { !$0.isWhitespace }), reason.count <= 500 else {
            throw ValidationError("--reason is 1 to 500 characters, not only spaces.")
        }
    }
}

/// A command that calls one function and prints what that answers.
protocol CampaignAction: OutriderCommand {
    var campaign: CampaignOptions { get }
    var json: Bool { get }
    static var verb: String { get }
    func act(on campaigns: Campaigns) async throws(PostgresError) -> String
}

extension CampaignAction {
    func perform() async throws {
        let answer = try await DatabaseVisit.make(as: "campaign \(Self.verb)") { pool in
            try await act(on: Campaigns(pool))
        }
        guard json else { return try Console.data(answer) }
        try Console.json(CampaignAnswer(campaign: campaign.name, did: Self.verb, result: answer))
    }

    static func about(_ abstract: String, _ discussion: String, example: String) -> CommandConfiguration {
        CommandConfiguration(
            commandName: verb, abstract: abstract,
            discussion: "\(discussion)\n\nExample: outrider campaign \(example)\n\n\(ExitStatus.help)")
    }
}

private struct CampaignAnswer: Encodable {
    let campaign, did, result: String
}

struct CampaignStart: CampaignAction {
    static let verb = "start"
    static let configuration = about(
        "Let a campaign begin.",
        "One whose audience has not been loaded yet is loaded and written to at the same time.",
        example: "start spring --reason 'agreed with Ann'")

    @OptionGroup var campaign: CampaignOptions
    @OptionGroup var why: ReasonOption
    @Flag(help: "Print JSON.") var json = false

    func act(on campaigns: Campaigns) async throws(PostgresError) -> String {
        try await campaigns.start(campaign.campaign, reason: why.reason)
    }
}

struct CampaignPause: CampaignAction {
    static let verb = "pause"
    static let configuration = about(
        "Stop a campaign for a while.",
        "Nothing of it is begun any more once this command has answered. Receipts are still waited for.",
        example: "pause spring --reason 'wrong price'")

    @OptionGroup var campaign: CampaignOptions
    @OptionGroup var why: ReasonOption
    @Flag(help: "Print JSON.") var json = false

    func act(on campaigns: Campaigns) async throws(PostgresError) -> String {
        try await campaigns.pause(campaign.campaign, reason: why.reason)
    }
}

struct CampaignResume: CampaignAction {
    static let verb = "resume"
    static let configuration = about(
        "Let a paused campaign go on where it stopped.", "Nobody is written to twice.",
        example: "resume spring --reason 'the price is right now'")

    @OptionGroup var campaign: CampaignOptions
    @OptionGroup var why: ReasonOption
    @Flag(help: "Print JSON.") var json = false

    func act(on campaigns: Campaigns) async throws(PostgresError) -> String {
        try await campaigns.resume(campaign.campaign, reason: why.reason)
    }
}

struct CampaignCancel: CampaignAction {
    static let verb = "cancel"
    static let configuration = about(
        "End a campaign for good.",
        "Whoever was not begun gets nothing. The answer says for how many people a send had been begun.",
        example: "cancel spring --reason 'sold out'")

    @OptionGroup var campaign: CampaignOptions
    @OptionGroup var why: ReasonOption
    @Flag(help: "Print JSON.") var json = false

    func act(on campaigns: Campaigns) async throws(PostgresError) -> String {
        try await campaigns.cancel(campaign.campaign, reason: why.reason)
    }
}

struct CampaignRateCommand: CampaignAction {
    static let verb = "rate"
    static let configuration = about(
        "Limit how many messages of a campaign are begun a second.",
        """
        The limit is the campaign's own, over all workers, channels and senders, and inside the senders' rates. It is in \
        force with the next second, also while the campaign runs. A message counts once, whatever its length.
        """,
        example: "rate spring 10 --reason 'the call centre is full'")

    @OptionGroup var campaign: CampaignOptions
    @Argument(help: ArgumentHelp("Messages a second, 0.001 to 10000, or none.", valueName: "per-second|none"))
    var perSecond: String
    @OptionGroup var why: ReasonOption
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard perSecond != "none", Self.limits.contains(Double(perSecond) ?? .nan) == false else { return }
        throw ValidationError("A rate is a number from 0.001 to 10000, or none: not \(perSecond.prefix(40)).")
    }

    private static let limits = 0.001...10_000

    func act(on campaigns: Campaigns) async throws(PostgresError) -> String {
        try await campaigns.setRate(
            of: campaign.campaign, perSecond: perSecond == "none" ? nil : perSecond, reason: why.reason)
    }
}

struct CampaignRetry: CampaignAction {
    static let verb = "retry"
    static let configuration = about(
        "Ask again for those whom nothing reached, in a new wave.",
        "Never for those who were reached, have opted out, or of whom nobody knows. Each is asked again once.",
        example: "retry spring --class unreachable --class no_answer")

    @OptionGroup var campaign: CampaignOptions
    @Option(
        name: .customLong("class"),
        help: "Only those whose last failure was of this class, as the report names it; may be repeated.")
    var classes: [String] = []
    @OptionGroup var why: ReasonOption
    @Flag(help: "Print JSON.") var json = false

    func act(on campaigns: Campaigns) async throws(PostgresError) -> String {
        try await campaigns.retry(
            campaign.campaign, classes: classes.isEmpty ? nil : classes, reason: why.reason)
    }
}
