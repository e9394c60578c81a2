import Delivery
import Insight
import Postgres
import Signing

/// What a person may do to a campaign on its page. A further one is a further case.
enum CampaignAction: String, Sendable, CaseIterable {
    case load, start, pause, resume, retry, cancel

    /// On the button.
    var label: String {
        switch self {
        case .load: "Load the audience"
        case .start: "Start"
        case .pause: "Pause"
        case .resume: "Resume"
        case .retry: "Retry those not reached"
        case .cancel: "Cancel"
        }
    }

    /// On the button of the page that asks. "Cancel" alone could mean the question.
    var confirmation: String {
        switch self {
        case .load, .pause, .resume: label
        case .start: "Start the campaign"
        case .retry: "Write to them once more"
        case .cancel: "Cancel the campaign"
        }
    }

    /// What it means, on the page that asks.
    var meaning: String {
        switch self {
        case .load: "Workers read the audience. Nobody is written to before the start."
        case .start: "Workers begin to write to people. It can be paused, and what was sent cannot be taken back."
        case .pause: "Nothing more of it is begun."
        case .resume: "It goes on where it stopped. Nobody is written to twice."
        case .retry: "In a new wave, people whom nothing reached are written to once more."
        case .cancel: "It ends for good: whoever was not begun gets nothing."
        }
    }

    /// - Parameter hasAudience: whether there is a table or view to load.
    func isOffered(for campaign: CampaignProgress, hasAudience: Bool) -> Bool {
        switch self {
        case .load:
            let isBroken = ["failed", "left"].contains(campaign.load?.state ?? "")
            return hasAudience
                && (campaign.state == "draft" && campaign.load == nil
                    || isBroken && ["draft", "running", "paused"].contains(campaign.state))
        case .start: return campaign.state == "draft"
        case .pause: return campaign.state == "running"
        case .resume: return campaign.state == "paused"
        case .retry:
            return ["running", "paused", "finished"].contains(campaign.state) && campaign.ended > campaign.delivered
        case .cancel: return campaign.state != "canceled"
        }
    }

    /// Whether a page with the numbers asks before it is done, and for a reason.
    var asksFirst: Bool {
        switch self {
        case .start, .retry, .cancel: true
        case .load, .pause, .resume: false
        }
    }

    func act(
        on name: CampaignName, _ form: FormParameters, through campaigns: Campaigns
    ) async throws(PostgresError) -> String {
        let reason = form.reason
        switch self {
        case .load: return try await campaigns.load(name, reason: reason)
        case .start: return try await campaigns.start(name, reason: reason)
        case .pause: return try await campaigns.pause(name, reason: reason)
        case .resume: return try await campaigns.resume(name, reason: reason)
        case .retry:
            let classes = form.values(of: "class")
            return try await campaigns.retry(name, classes: classes.isEmpty ? nil : classes, reason: reason)
        case .cancel: return try await campaigns.cancel(name, reason: reason)
        }
    }
}

extension FormParameters {
    /// Why somebody does it, at most 500 characters; nil when they do not say.
    var reason: String? {
        guard let reason = self["reason"], !reason.isBlank else { return nil }
        return String(reason.prefix(500))
    }
}
