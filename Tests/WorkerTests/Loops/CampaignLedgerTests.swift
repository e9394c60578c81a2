import Delivery
import JobQueue
import Testing

@testable import Worker

@Suite("What a worker may still begin of a campaign's rate")
struct CampaignLedgerTests {
    private let ledger = CampaignLedger()

    private func lane(_ rate: Double? = 25, campaign: Int? = 1, sender: Int = 1) -> LaneState {
        LaneState(
            lane: Lane(rawValue: 20 + sender), purpose: .send, priority: 3,
            sender: SenderState(id: sender, channel: .sms), campaignID: campaign, campaignRate: rate)
    }

    /// A purse of a take in window 7, or another, that won so many messages.
    private func purse(won: Int, slot: Int = 7, isSpent: Bool = false, _ lane: LaneState? = nil) -> CampaignLedger.Purse
    {
        let lane = lane ?? self.lane()
        var take = Sample.take([TakenJob]())
        take.campaign = CampaignTaking(slot: slot, won: won, isSpent: isSpent)
        return ledger.purse(of: lane, window: ledger.window(of: lane, wanted: 100), in: take)
    }

    private func paid(_ purse: inout CampaignLedger.Purse, of count: Int = 100) -> Int {
        var paid = 0
        while paid < count, purse.pay() { paid += 1 }
        return paid
    }

    private func left(at milliseconds: Int64, _ lane: LaneState? = nil) -> Int {
        ledger.left(of: lane ?? self.lane(), at: Instant(microseconds: milliseconds * 1000))
    }

    @Test("a lane whose campaign has no rate has no window, and whatever it begins is paid")
    func unlimited() {
        #expect(ledger.window(of: lane(nil), wanted: 5) == nil)
        #expect(ledger.window(of: Sample.lane(purpose: .decide), wanted: 5) == nil)
        #expect(left(at: 7_000, lane(nil)) == .max)
        var purse = ledger.purse(of: lane(nil), window: nil, in: Sample.take([TakenJob]()))
        #expect(paid(&purse, of: 1_000) == 1_000)
        purse.takeBack()
        purse.keep(begun: 0)
        #expect(ledger.window(of: lane(), wanted: 5) == CampaignWindow(rate: CampaignRate(25), wanted: 5))
    }

    @Test(
        "shares together hold a window, and as many as a take asks for are enough",
        arguments: [1, 2, 9, 10, 11, 25, 333])
    func shares(perWindow: Int) {
        let rate = CampaignRate(Double(perWindow))
        let held = (0..<rate.shares).map(rate.messages(inShare:))
        #expect(rate.shares <= 10 && held.reduce(0, +) == perWindow && held.allSatisfy { $0 >= 1 })
        for wanted in 0...perWindow {
            let count = rate.shares(for: wanted)
            #expect(count <= rate.shares)
            for first in 0...(rate.shares - count) {
                #expect(held[first..<(first + count)].reduce(0, +) >= wanted, "\(wanted) from share \(first)")
            }
        }
    }

    @Test("a rate is whole messages in a window of a second, or one message in a longer one")
    func windows() {
        #expect(CampaignRate(2.5).perWindow == 2 && CampaignRate(2.5).milliseconds == 1_000)
        #expect(CampaignRate(0.5).perWindow == 1 && CampaignRate(0.5).milliseconds == 2_000)
        #expect(CampaignRate(0.5).shares == 1 && CampaignRate(10_000).shares == 10)
    }

    @Test("what a take won and did not begin is the worker's for the rest of the window, once that is committed")
    func rest() {
        var first = purse(won: 12)
        #expect(paid(&first, of: 5) == 5)
        #expect(ledger.window(of: lane(), wanted: 9)?.left == 0)  // Not committed yet.
        first.keep(begun: 3)
        #expect(
            ledger.window(of: lane(), wanted: 9)
                == CampaignWindow(rate: CampaignRate(25), wanted: 9, ownedSlot: 7, left: 9))
        var next = purse(won: 2, lane(sender: 2))
        #expect(paid(&next) == 11)
        next.keep(begun: 11)
        #expect(ledger.window(of: lane(), wanted: 9)?.ownedSlot == nil)
    }

    @Test("shares of a take without effect are nobody's, and what it paid of the rest comes back")
    func lost() {
        purse(won: 4).keep(begun: 0)
        var failed = purse(won: 3)
        #expect(paid(&failed) == 7)
        failed.giveBack()
        var next = purse(won: 0)
        #expect(paid(&next) == 4)
    }

    @Test("what is left of a window pays nothing in another one, before or after")
    func otherWindow() {
        purse(won: 4, slot: 7).keep(begun: 0)
        var later = purse(won: 0, slot: 8)
        #expect(paid(&later) == 0)
        let slow = purse(won: 0, slot: 7)
        purse(won: 5, slot: 8).keep(begun: 0)
        var late = slow
        #expect(paid(&late) == 0)
        #expect(ledger.window(of: lane(), wanted: 9)?.left == 5)
    }

    @Test("a window that is spent is not asked for again, but for what the worker has left of it")
    func spent() {
        #expect(left(at: 7_000) == 25)
        purse(won: 2, isSpent: true).keep(begun: 0)
        #expect(left(at: 7_999) == 2 && left(at: 8_000) == 25)
        var last = purse(won: 0, isSpent: true)
        #expect(paid(&last) == 2)
        last.keep(begun: 2)
        #expect(left(at: 7_500) == 0 && left(at: 8_000) == 25)
    }

    @Test("of a window that a take without effect found spent nothing is known")
    func unknown() {
        purse(won: 25, isSpent: true).giveBack()
        #expect(left(at: 7_000) == 25)
    }

    @Test("a rate that changes begins anew, and one campaign's window is not another's")
    func change() {
        purse(won: 3, isSpent: true).keep(begun: 1)
        #expect(left(at: 7_000, lane(25, campaign: 2)) == 25)
        #expect(left(at: 7_000, lane(40)) == 40)
        #expect(ledger.window(of: lane(40), wanted: 9)?.left == 0)
    }

    @Test("a message that its sender's rate does not pay for costs the campaign nothing")
    func both() {
        let sender = SenderState(id: 1, channel: .sms, rate: 5)
        let senders = RateLedger()
        _ = senders.window(of: sender)
        _ = ledger.window(of: lane(), wanted: 9)
        var take = Sample.take([TakenJob](), wonSlot: 7)
        take.campaign = CampaignTaking(slot: 7, won: 4, isSpent: false)
        var purse = TakePurse(
            sender: senders.purse(of: sender, owning: nil, in: take, isUrgent: false),
            campaign: ledger.purse(of: lane(), window: ledger.window(of: lane(), wanted: 9), in: take))
        #expect([3, 3, 1, 1].map { purse.pay($0) } == [true, false, true, true])
        #expect(!purse.pay(1) && purse.sender.spent == 5)
        purse.keep([])
        #expect(ledger.window(of: lane(), wanted: 9)?.left == 4)
        #expect(senders.left(of: sender, at: Instant(microseconds: 7_000_000), isUrgent: true) == 5)
    }
}
