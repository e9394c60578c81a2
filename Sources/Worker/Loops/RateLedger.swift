import Delivery
import JobQueue
import Synchronization

/// What is left of the windows of senders' rates that this worker owns, for all its loops.
final class RateLedger: Sendable {
    private let allowances = Mutex<[Int: RateAllowance]>([:])

    /// The sender's rate as a take needs it; nil when it has none.
    func window(of sender: SenderState?) -> RateWindow? {
        guard let sender, let rate = sender.rate else { return nil }
        return allowances.withLock { allowances in
            let fresh = RateAllowance(rate: rate)
            if allowances[sender.id]?.hasRate(of: fresh) != true { allowances[sender.id] = fresh }
            return allowances[sender.id].map { RateWindow(milliseconds: $0.windowMilliseconds, ownedSlot: $0.slot) }
        }
    }

    /// How many sends the window at `present` still pays; `Int.max` without a rate.
    /// - Parameter isUrgent: whether they may spend what is kept back for urgent lanes.
    func left(of sender: SenderState?, at present: Instant, isUrgent: Bool) -> Int {
        guard let sender, sender.rate != nil else { return .max }
        return allowances.withLock { allowances in
            guard let allowance = allowances[sender.id] else { return .max }
            let slot = Int(present.microseconds) / (allowance.windowMilliseconds * 1000)
            return allowance.left(
                in: slot, leaving: isUrgent ? 0 : Self.reserve(of: allowance, at: present, slot: slot))
        }
    }

    /// A message came out longer than was counted: the sender's next windows pay for it.
    func owe(_ cost: Int, sender: Int) {
        guard cost > 0 else { return }
        allowances.withLock { $0[sender]?.spend(cost) }
    }

    /// What a take may spend.
    /// - Parameter owned: the window that the worker owned when the take was asked for. A take that stood still meanwhile
    ///   spends nothing of a later one: its intents are of the time at which it read its rows.
    /// - Parameter isUrgent: whether it may spend what is kept back for urgent lanes.
    func purse(of sender: SenderState?, owning owned: Int?, in take: Take, isUrgent: Bool) -> Purse {
        guard let sender, sender.rate != nil else {
            return Purse(ledger: self, sender: nil, owned: nil, reserve: 0, won: nil)
        }
        let won = take.wonSlot.flatMap { slot in
            allowances.withLock { allowances in
                var allowance = allowances[sender.id]
                allowance?.won(slot: slot)
                return allowance
            }
        }
        return Purse(
            ledger: self, sender: sender.id, owned: owned, reserve: isUrgent ? 0 : reserve(of: sender, in: take),
            won: won)
    }

    /// What is kept back at the time of a take.
    private func reserve(of sender: SenderState, in take: Take) -> Int {
        guard let allowance = allowances.withLock({ $0[sender.id] }) else { return 0 }
        return Self.reserve(of: allowance, at: take.takenAt, slot: take.slot)
    }

    private static func reserve(of allowance: RateAllowance, at present: Instant, slot: Int) -> Int {
        let length = allowance.windowMilliseconds * 1000
        let elapsed = Double(Int(present.microseconds) - slot * length) / Double(length)
        return allowance.reserve(elapsed: min(1, max(0, elapsed)))
    }

    /// The share of a take in the windows of a sender: of one that it won, known to others only once that is committed, or of
    /// one that the worker owns already.
    struct Purse: Sendable {
        fileprivate let ledger: RateLedger
        /// Nil: there is no rate.
        fileprivate let sender: Int?
        fileprivate let owned: Int?
        /// Left in the window for others.
        fileprivate let reserve: Int
        fileprivate var won: RateAllowance?
        /// Paid from the window that was owned before.
        fileprivate var paid = 0
        /// Paid in all.
        fileprivate(set) var spent = 0
        /// Sends a window holds; nil without a rate.
        var perWindow: Int? { sender.flatMap { id in ledger.allowances.withLock { $0[id]?.perWindow } } }
        /// How long a window is.
        var windowMilliseconds: Int {
            sender.flatMap { id in ledger.allowances.withLock { $0[id]?.windowMilliseconds } } ?? 1000
        }

        /// Pays for one message, if the window has room for it.
        mutating func pay(_ cost: Int) -> Bool {
            guard let sender else { return true }
            let isPaid: Bool
            if var allowance = won {
                isPaid = allowance.pay(cost, leaving: reserve)
                won = allowance
            } else {
                isPaid = ledger.allowances.withLock { allowances in
                    allowances[sender]?.slot == owned && allowances[sender]?.pay(cost, leaving: reserve) == true
                }
                if isPaid { paid += cost }
            }
            if isPaid { spent += cost }
            return isPaid
        }

        /// The take is committed, and `unused` of what was paid was not begun.
        func keep(unused: Int) {
            guard let sender else { return }
            ledger.allowances.withLock { allowances in
                if let won { allowances[sender] = won }
                guard allowances[sender]?.slot == won?.slot ?? owned else { return }  // That window is over.
                allowances[sender]?.spend(-unused)
            }
        }

        /// The take had no effect.
        func giveBack() {
            guard let sender, paid > 0 else { return }
            ledger.allowances.withLock { allowances in
                guard allowances[sender]?.slot == owned else { return }
                allowances[sender]?.spend(-paid)
            }
        }
    }
}
