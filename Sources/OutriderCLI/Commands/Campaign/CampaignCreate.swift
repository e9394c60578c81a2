import ArgumentParser
import Insight
import JobQueue

struct CampaignCreate: OutriderCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a campaign that nobody is written to yet, and print its id.",
        discussion: """
            It needs --channel or --ladder, and --body or --template; both kinds of text may have {{placeholders}}, which \
            the columns of the audience fill. --audience names a table or a materialized view (an operator: also a view) \
            with a column key and one of phone, email or address. This login and the role outrider_worker must be allowed \
            to read it.

            Examples:
              outrider campaign create spring --channel sms --audience crm.members \\
                --body 'Hello {{name}}, 20 % off until Sunday. STOP ends.'
              outrider campaign create outage-17 --ladder standard --template outage --category alert

            \(ExitStatus.help)
            """)

    @OptionGroup var campaign: CampaignOptions
    @Option(help: "sms, voice, whatsapp or email.") var channel: String?
    @Option(help: "A ladder instead of one channel: standard, urgent, whatsapp_first, or your own.") var ladder: String?
    @Option(help: "alert, transactional or marketing.") var category: String?
    @Option(help: "The text.") var body: String?
    @Option(help: "The subject, for e-mail.") var subject: String?
    @Option(help: "A template's name instead of a text.") var template: String?
    @Option(help: "Values of the template for everybody: a JSON object.") var data: String?
    @Option(help: "The language of those who have none of their own.") var locale: String?
    @Option(help: "The time zone of those who have none of their own.") var timeZone: String?
    @Option(help: "The table or view of the people, with its schema.") var audience: String?
    @Option(help: "Nobody is written to before this time, for example 2026-12-01T09:00:00+01:00.") var startsAt: String?
    @Option(help: "Nobody is written to after this time.") var notAfter: String?
    @OptionGroup var limits: CampaignLimitOptions
    @OptionGroup var why: ReasonOption
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (channel == nil) != (ladder == nil) else {
            throw ValidationError("Give --channel or --ladder, one of them.")
        }
        guard (body == nil) != (template == nil) || (body == nil && limits.variants != nil) else {
            throw ValidationError("Give --body or --template, one of them.")
        }
    }

    private struct Result: Encodable {
        let id: Int
        /// What carriers and people may miss in its texts.
        let warnings: [String]
    }

    func perform() async throws {
        var new = NewCampaign(campaign.campaign)
        (new.channel, new.ladder, new.category) = (channel, ladder, category)
        (new.body, new.subject, new.template, new.data) = (body, subject, template, data)
        (new.locale, new.timeZone, new.audience) = (locale, timeZone, audience)
        (new.startsAt, new.notAfter) = (startsAt, notAfter)
        limits.write(to: &new)
        let result = try await DatabaseVisit.make(as: "campaign create") { [new] pool in
            let id = try await Campaigns(pool).create(new, reason: why.reason)
            let name = campaign.campaign
            return Result(
                id: id, warnings: try await AudienceStore(pool).warnings(of: name.name, tenant: name.tenant))
        }
        for warning in result.warnings { Console.note("look: \(warning)") }
        if json { try Console.json(result) } else { try Console.data(String(result.id)) }
    }
}
