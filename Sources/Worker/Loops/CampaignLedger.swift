import Delivery
import JobQueue
import Synchronization

/// What is left of the shares of campaigns' rates that this worker owns, for all its loops.
final class CampaignLedger: Sendable {
    private struct Held {
        var rate: CampaignRate
        /// The window of which something was won last.
        var slot: Int?
        var left = 0
        /// The window of which nothing more can be won.
        var spentSlot: Int?
    }

    /// Above this they are forgotten: campaigns come and go, and what is lost is a part of one window.
    private static let limit = 1_000
    private let campaigns = Mutex<[Int: Held]>([:])

    /// The campaign's rate as a take needs it; nil when it has none, or the lane sends nothing.
    /// - Parameter wanted: messages that may begin.
    func window(of lane: LaneState, wanted: Int) -> CampaignWindow? {
        guard lane.sender != nil, let (id, rate) = Self.limit(of: lane) else { return nil }
        return campaigns.withLock { campaigns in
            if campaigns[id]?.rate != rate {
                if campaigns.count >= Self.limit { campaigns = [:] }
                campaigns[id] = Held(rate: rate)
            }
            let held = campaigns[id].flatMap { $0.left > 0 ? $0 : nil }
            return CampaignWindow(rate: rate, wanted: wanted, ownedSlot: held?.slot, left: held?.left ?? 0)
        }
    }

    /// How many messages the window at `present` still pays, so far as this worker knows; `Int.max` without a rate.
    func left(of lane: LaneState, at present: Instant) -> Int {
        guard let (id, rate) = Self.limit(of: lane) else { return .max }
        let slot = Int(present.microseconds) / (rate.milliseconds * 1000)
        return campaigns.withLock { campaigns in
            guard let held = campaigns[id], held.rate == rate, held.spentSlot == slot else { return rate.perWindow }
            return held.slot == slot ? held.left : 0
        }
    }

    private static func limit(of lane: LaneState) -> (campaign: Int, rate: CampaignRate)? {
        guard lane.purpose == .send, let id = lane.campaignID, let rate = lane.campaignRate else { return nil }
        return (id, CampaignRate(rate))
    }

    /// What a take may begin.
    /// - Parameter window: what it was asked with. A take that stood still meanwhile pays nothing from a later one.
    func purse(of lane: LaneState, window: CampaignWindow?, in take: Take) -> Purse {
        guard let window, let taking = take.campaign, let id = lane.campaignID else {
            return Purse(
                ledger: self, campaign: nil, pacing: nil, taking: CampaignTaking(slot: 0, won: 0, isSpent: false))
        }
        return Purse(
            ledger: self, campaign: id,
            pacing: Pacing(perWindow: window.rate.perWindow, milliseconds: window.rate.milliseconds), taking: taking,
            ownsMore: window.ownedSlot == taking.slot,
            fresh: taking.won)
    }

    private func pay(_ id: Int, in slot: Int) -> Bool {
        campaigns.withLock { campaigns in
            guard let held = campaigns[id], held.slot == slot, held.left > 0 else { return false }
            campaigns[id]?.left -= 1
            return true
        }
    }

    /// - Parameter replacing: whether what is held of another window is over.
    private func add(_ count: Int, to id: Int, in slot: Int, replacing: Bool) {
        campaigns.withLock { campaigns in
            if replacing, campaigns[id]?.slot != slot {
                campaigns[id]?.slot = slot
                campaigns[id]?.left = 0
            }
            if campaigns[id]?.slot == slot { campaigns[id]?.left += count }
        }
    }

    /// The share of a take in the window of a campaign: of shares that it won, known to others only once that is committed,
    /// and of what the worker had left of the same window.
    struct Purse: Sendable {
        fileprivate let ledger: CampaignLedger
        /// Nil: there is no rate.
        fileprivate let campaign: Int?
        /// How its messages are spread over the window; nil without a rate.
        let pacing: Pacing?
        fileprivate let taking: CampaignTaking
        /// Whether the worker had something left of this window.
        fileprivate var ownsMore = false
        /// What is left of the shares that this take won.
        fileprivate var fresh = 0
        /// Paid from what the worker had left.
        fileprivate var paid = 0
        /// Paid in all.
        private(set) var spent = 0

        /// Pays for one message, if there is one left.
        mutating func pay() -> Bool {
            guard let campaign else { return true }
            if fresh > 0 {
                fresh -= 1
            } else if ownsMore, ledger.pay(campaign, in: taking.slot) {
                paid += 1
            } else {
                return false
            }
            spent += 1
            return true
        }

        /// The message that was paid for last does not begin.
        mutating func takeBack() {
            guard campaign != nil else { return }
            fresh += 1
            spent -= 1
        }

        /// The take is committed, and began so many.
        func keep(begun: Int) {
            guard let campaign else { return }
            let left = fresh + max(0, spent - begun)
            if left > 0 { ledger.add(left, to: campaign, in: taking.slot, replacing: true) }
            guard taking.isSpent else { return }
            ledger.campaigns.withLock { $0[campaign]?.spentSlot = taking.slot }
        }

        /// The take had no effect.
        func giveBack() {
            guard let campaign, paid > 0 else { return }
            ledger.add(paid, to: campaign, in: taking.slot, replacing: false)
        }
    }
}

/// What a take may spend: of its sender's window, and of its campaign's.
struct TakePurse: Sendable, Paying {
    var sender: RateLedger.Purse
    var campaign: CampaignLedger.Purse

    /// How the messages are spread over the sender's window; nil without a rate.
    var pacing: Pacing? {
        sender.perWindow.map { Pacing(perWindow: $0, milliseconds: sender.windowMilliseconds) }
    }

    mutating func pay(_ cost: Int) -> Bool {
        guard campaign.pay() else { return false }
        guard sender.pay(cost) else {
            campaign.takeBack()
            return false
        }
        return true
    }

    /// The take is committed, and began these.
    func keep(_ sends: [TakenJob]) {
        sender.keep(unused: max(0, sender.spent - sends.reduce(0) { $0 + $1.due.cost }))
        campaign.keep(begun: sends.count)
    }

    /// The take had no effect.
    func giveBack() {
        sender.giveBack()
        campaign.giveBack()
    }
}

/// What pays for the messages of a take.
protocol Paying {
    /// Pays for one message, if there is enough.
    /// - Parameter cost: what it costs of the sender's rate.
    mutating func pay(_ cost: Int) -> Bool
}

extension RateLedger.Purse: Paying {}
