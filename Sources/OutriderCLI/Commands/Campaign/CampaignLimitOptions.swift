import ArgumentParser
import Insight

/// What a campaign may cost, when it may write, when it stops by itself, and who gets what of it.
struct CampaignLimitOptions: ParsableArguments {
    @Option(help: "It writes from this hour, where the person lives, for example 9:00.") var opens: String?
    @Option(help: "It writes until this hour, where the person lives.") var closes: String?
    @Option(help: "It writes on these days alone, 1 is Monday: 1,2,3,4,5.") var days: String?
    @Option(help: "It pauses when so many messages were begun.") var budgetMessages: Int?
    @Option(help: "It pauses when so many segments were begun.") var budgetSegments: Int?
    @Option(help: "It pauses when messages for so much money were begun, by outrider.prices.") var budgetMoney: Double?
    @Option(help: "The currency of --budget-money, such as EUR.") var currency: String?
    @Option(help: "It pauses when more percent of its results than this are filtered; 10 when left out.")
    var mostFiltered: Double?
    @Option(help: "The same of people who have opted out at the provider; 5 when left out.") var mostOptedOut: Double?
    @Option(help: "The same of messages for which the sender is not set up; 2 when left out.") var mostNotSetUp: Double?
    @Option(help: "Variants: a JSON array of objects with name, percent, and body or template.") var variants: String?
    @Option(help: "So many percent of the people get nothing, so that one sees what it does.") var holdout: Double?

    func validate() throws {
        guard (opens == nil) == (closes == nil) else { throw ValidationError("--opens and --closes go together.") }
        guard days == nil || opens != nil else { throw ValidationError("--days goes with --opens and --closes.") }
        guard days == nil || weekdays != nil else { throw ValidationError("--days is a list such as 1,2,3.") }
    }

    private var weekdays: [Int]? {
        guard let parts = days?.split(separator: ",", omittingEmptySubsequences: false) else { return nil }
        let numbers = parts.compactMap { Int($0) }
        return numbers.count == parts.count ? numbers : nil
    }

    func write(to campaign: inout NewCampaign) {
        (campaign.opens, campaign.closes, campaign.days) = (opens, closes, weekdays)
        (campaign.budget.messages, campaign.budget.segments) = (budgetMessages, budgetSegments)
        (campaign.budget.money, campaign.budget.currency) = (budgetMoney, currency)
        (campaign.mostFiltered, campaign.mostOptedOut) = (mostFiltered, mostOptedOut)
        (campaign.mostNotSetUp, campaign.variants, campaign.holdoutPercent) = (mostNotSetUp, variants, holdout)
    }
}
