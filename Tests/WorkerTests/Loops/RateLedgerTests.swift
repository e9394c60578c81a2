import Delivery
import JobQueue
import Testing

@testable import Worker

@Suite("What a worker may still send of a rate")
struct RateLedgerTests {
    private let sender = SenderState(id: 1, channel: .sms, rate: 5)

    /// A purse of a take that won a window, or, nil, found the one that is owned.
    private func purse(_ ledger: RateLedger, won slot: Int?) -> RateLedger.Purse {
        _ = ledger.window(of: sender)
        return ledger.purse(
            of: sender, owning: ledger.window(of: sender)?.ownedSlot, in: Sample.take([TakenJob](), wonSlot: slot),
            isUrgent: false)
    }

    @Test("a sender without a rate has no window, and whatever it sends is paid")
    func unlimited() {
        let ledger = RateLedger()
        let free = SenderState(id: 1, channel: .sms)
        #expect(ledger.window(of: free) == nil && ledger.window(of: nil) == nil)
        #expect(ledger.left(of: free, at: Sample.now, isUrgent: false) == .max)
        #expect(ledger.left(of: nil, at: Sample.now, isUrgent: false) == .max)
        var purse = ledger.purse(of: free, owning: nil, in: Sample.take([TakenJob]()), isUrgent: false)
        #expect((1...1_000).allSatisfy { _ in purse.pay(100) })
        #expect(purse.perWindow == nil)
    }

    @Test("a window that a take won is the worker's once that is committed, less what it spent")
    func won() {
        let ledger = RateLedger()
        var first = purse(ledger, won: 7)
        #expect((1...3).map { _ in first.pay(2) } == [true, true, false])
        #expect(first.spent == 4)
        #expect(ledger.window(of: sender)?.ownedSlot == nil)  // Not committed yet.
        first.keep(unused: 0)
        #expect(ledger.window(of: sender)?.ownedSlot == 7)
        var second = purse(ledger, won: nil)
        #expect((1...2).map { _ in second.pay(1) } == [true, false])
    }

    @Test("a window that was won by a take without effect is nobody's")
    func lost() {
        let ledger = RateLedger()
        var purse = purse(ledger, won: 7)
        #expect(paying(&purse, 5))
        purse.giveBack()
        #expect(ledger.window(of: sender)?.ownedSlot == nil)
        var next = self.purse(ledger, won: nil)
        #expect(!paying(&next, 1))
    }

    @Test("what was paid of an owned window and not begun comes back, all of it or a part")
    func refunds() {
        let ledger = RateLedger()
        purse(ledger, won: 7).keep(unused: 0)
        var one = purse(ledger, won: nil)
        #expect(one.pay(5) && !one.pay(1))
        one.giveBack()
        var two = purse(ledger, won: nil)
        #expect(paying(&two, 5))
        two.keep(unused: 3)
        var three = purse(ledger, won: nil)
        #expect((1...4).map { _ in three.pay(1) } == [true, true, true, false])
    }

    @Test("two loops that spend of one window have no more than the window together")
    func shared() {
        let ledger = RateLedger()
        purse(ledger, won: 7).keep(unused: 0)
        var (one, two) = (purse(ledger, won: nil), purse(ledger, won: nil))
        #expect(one.pay(3) && two.pay(2) && !one.pay(1) && !two.pay(1))
    }

    @Test("a take that stood still while a later window was won spends nothing of that one")
    func late() {
        let ledger = RateLedger()
        purse(ledger, won: 7).keep(unused: 0)
        var slow = purse(ledger, won: nil)
        purse(ledger, won: 8).keep(unused: 0)
        #expect(!paying(&slow, 1))
        slow.giveBack()
        slow.keep(unused: 0)
        var next = purse(ledger, won: nil)
        #expect([5, 1].map { next.pay($0) } == [true, false])
    }

    @Test("a message that came out longer is paid by the next windows")
    func debt() {
        let ledger = RateLedger()
        purse(ledger, won: 7).keep(unused: 0)
        ledger.owe(9, sender: 1)  // Five of window 7, and four of the next.
        var next = purse(ledger, won: 8)
        #expect(next.pay(1) && !next.pay(1))
        ledger.owe(-3, sender: 1)
        ledger.owe(0, sender: 1)
    }

    @Test("a rate that changes begins with a fresh window")
    func changed() {
        let ledger = RateLedger()
        purse(ledger, won: 7).keep(unused: 0)
        let slower = SenderState(id: 1, channel: .sms, rate: 0.5)
        #expect(ledger.window(of: slower) == RateWindow(milliseconds: 2_000, ownedSlot: nil))
        #expect(ledger.left(of: slower, at: Sample.now, isUrgent: false) == 1)
        var purse = ledger.purse(
            of: slower, owning: ledger.window(of: slower)?.ownedSlot, in: Sample.take([TakenJob]()), isUrgent: false)
        #expect(!paying(&purse, 1))
    }

    @Test("offers leave a part of each window to one-time passwords: a quarter at its begin, nothing at its end")
    func reserve() {
        let ledger = RateLedger()
        let fast = SenderState(id: 1, channel: .sms, rate: 40)
        _ = ledger.window(of: fast)
        var isFirst = true
        /// How many sends a take gets, so many milliseconds after the window's begin.
        func paid(at milliseconds: Int64, isUrgent: Bool = false) -> Int {
            let take = Take(
                takenAt: Instant(microseconds: 7_000_000 + milliseconds * 1000), rows: [], slot: 7,
                wonSlot: isFirst ? 7 : nil, oldestTransaction: 10, nextTransaction: 11)
            var purse = ledger.purse(of: fast, owning: isFirst ? nil : 7, in: take, isUrgent: isUrgent)
            let count = (1...100).prefix { _ in purse.pay(1) }.count
            purse.keep(unused: 0)
            isFirst = false
            return count
        }
        #expect(paid(at: 0) == 30 && paid(at: 0) == 0)
        #expect(paid(at: 500) == 5)
        #expect(paid(at: 700) == 2)
        #expect(paid(at: 700, isUrgent: true) == 3 && paid(at: 999) == 0)
    }

    @Test(
        "a window pays what is left of it beyond the reserve, the next one a whole window less the debt, and at least one"
    )
    func left() {
        let ledger = RateLedger()
        let fast = SenderState(id: 1, channel: .sms, rate: 40)
        _ = ledger.window(of: fast)
        func left(at milliseconds: Int64, isUrgent: Bool = false) -> Int {
            ledger.left(of: fast, at: Instant(microseconds: milliseconds * 1000), isUrgent: isUrgent)
        }
        let take = Take(
            takenAt: Instant(microseconds: 7_000_000), rows: [], slot: 7, wonSlot: 7, oldestTransaction: 10,
            nextTransaction: 11)
        #expect(left(at: 7_000) == 30 && left(at: 7_500) == 35 && left(at: 7_000, isUrgent: true) == 40)
        ledger.purse(of: fast, owning: nil, in: take, isUrgent: false).keep(unused: 0)
        ledger.owe(32, sender: 1)
        #expect(left(at: 7_000) == 0 && left(at: 7_500) == 3 && left(at: 7_000, isUrgent: true) == 8)
        #expect(left(at: 8_000) == 30 && left(at: 8_000, isUrgent: true) == 40)
        ledger.owe(18, sender: 1)
        #expect(left(at: 7_999, isUrgent: true) == 0 && left(at: 8_000, isUrgent: true) == 30)
        ledger.owe(100, sender: 1)
        #expect(left(at: 8_000) == 1 && left(at: 8_000, isUrgent: true) == 1)
    }

    @Test("a sender that is slower than twenty a second keeps nothing back")
    func slowReserve() {
        #expect(RateAllowance(rate: 19).reserve(elapsed: 0) == 0)
        #expect(RateAllowance(rate: 20).reserve(elapsed: 0) == 5 && RateAllowance(rate: 20).reserve(elapsed: 1) == 0)
    }

    private func paying(_ purse: inout RateLedger.Purse, _ cost: Int) -> Bool {
        purse.pay(cost)
    }
}
