import Delivery
import JobQueue

/// The rates of campaigns, as `take` and `campaign_rate_windows` keep them.
extension World {
    /// The number of the window that is now.
    func slot(of milliseconds: Int?) -> Int { Int(instant.microseconds / 1000) / (milliseconds ?? 1000) }

    /// The shares of the campaign's window that nobody has; nil when the take is asked for without a rate, none when that is
    /// not the campaign's any more.
    func freeShares(for order: TakeOrder) -> [ShareKey]? {
        guard let window = order.campaign, let campaign = order.lane.campaignID else { return nil }
        guard database.campaignRates[campaign] == window.rate.perSecond else { return [] }
        let slot = slot(of: window.rate.milliseconds)
        return (0..<window.rate.shares).map { ShareKey(campaignID: campaign, slot: slot, share: $0) }
            .filter { database.campaignWindows[$0] == nil && !database.pendingShares.contains($0) }
    }

    /// How many messages of the window that is now the worker has left; nil when it has none.
    func owned(of order: TakeOrder) -> Int? {
        guard let window = order.campaign, window.ownedSlot == slot(of: window.rate.milliseconds) else { return nil }
        return window.left
    }

    /// As many of the free shares as the rows can use.
    func shares(_ free: [ShareKey], for order: TakeOrder, rows: Int) -> [ShareKey] {
        guard let window = order.campaign else { return [] }
        let messages = min(rows, window.wanted) - (owned(of: order) ?? 0)
        return Array(free.prefix(window.rate.shares(for: max(0, messages))))
    }

    /// - Parameter free: how many shares were free.
    func taking(_ shares: [ShareKey], of order: TakeOrder, free: Int) -> CampaignTaking? {
        guard let rate = order.campaign?.rate else { return nil }
        let won = shares.reduce(0) { $0 + rate.messages(inShare: $1.share) }
        return CampaignTaking(slot: slot(of: rate.milliseconds), won: won, isSpent: free == shares.count)
    }

    /// Takes shares, when the transaction that has them is committed.
    mutating func take(_ shares: [ShareKey], at: Time) {
        guard !shares.isEmpty else { return }
        // The planted bug takes them by a second statement, after it has looked at them.
        let delay = bug == .checkThenActCampaign ? Time.milliseconds(random.pick(1..<60)) : 0
        let act: @Sendable (inout World) -> Void = { world in
            for share in shares { world.database.campaignWindows[share] = at }
        }
        if delay > 0 { after(delay, act) } else { act(&self) }
    }
}
