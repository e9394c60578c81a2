/// What one worker may still send for one sender: the rest of the window of time it won.
///
/// Windows are rows of `rate_windows`, one per sender and window; the worker that inserts the row owns all its sends, so
/// the limit holds over all workers whatever they do. A message that turns out longer than was counted leaves a debt,
/// which the windows this worker wins next pay off first.
public struct RateAllowance: Sendable, Hashable {
    /// Sends (SMS: segments) a window holds; at least 1.
    public var perWindow: Int
    /// How long a window is: 1 s, or longer for a sender slower than one a second.
    public var windowMilliseconds: Int
    /// The window owned last.
    public private(set) var slot: Int?
    /// What is left of it; negative is a debt.
    public private(set) var remaining = 0

    /// - Parameter rate: sends a second over all workers, above 0.
    public init(rate: Double) {
        precondition(rate > 0, "a rate is above 0")
        perWindow = max(1, Int(rate.rounded(.down)))
        windowMilliseconds = rate >= 1 ? 1000 : Int((1000 / rate).rounded(.up))
    }

    /// A new window is owned: its sends, less the debt.
    public mutating func won(slot: Int) {
        guard slot != self.slot else { return }
        self.slot = slot
        remaining = perWindow + min(0, remaining)
    }

    /// Whether the window is as that of another allowance; what is left of it may differ.
    public func hasRate(of other: RateAllowance) -> Bool {
        perWindow == other.perWindow && windowMilliseconds == other.windowMilliseconds
    }

    /// What other lanes leave of a window to urgent ones: a quarter when it begins, less and less towards its end. Else a campaign would spend each window at its begin, and a one-time password wait for the next.
    ///
    /// A slow sender keeps nothing back: its campaigns would pay much for what seldom comes.
    /// - Parameter elapsed: how much of the window is over, from 0 to 1.
    public func reserve(elapsed: Double) -> Int {
        guard perWindow >= 20 else { return 0 }
        return Int((Double(perWindow) / 4 * (1 - elapsed)).rounded(.down))
    }

    /// How many sends the window `slot` still pays beyond the reserve, as far as this worker knows.
    ///
    /// A window that is not owned yet counts for one at least: only by winning it is a debt paid off.
    public func left(in slot: Int, leaving reserve: Int) -> Int {
        slot == self.slot ? max(0, remaining - reserve) : max(1, perWindow + min(0, remaining) - reserve)
    }

    /// Takes `cost` sends from the window if it has them and leaves the reserve. A window is filled, never overfilled, but for
    /// one message that is longer than a whole window.
    public mutating func pay(_ cost: Int, leaving reserve: Int = 0) -> Bool {
        guard slot != nil, cost + reserve <= remaining || remaining == perWindow else { return false }
        remaining -= cost
        return true
    }

    /// `cost` sends are taken from the window.
    public mutating func spend(_ cost: Int) {
        remaining -= cost
    }
}
/// A sender's rate as a take needs it.
public struct RateWindow: Sendable, Hashable {
    /// How long a window is: 1 s, or longer for a sender slower than one a second.
    public var milliseconds: Int
    /// The window that this worker owns, if it owns one.
    public var ownedSlot: Int?

    public init(milliseconds: Int, ownedSlot: Int? = nil) {
        self.milliseconds = milliseconds
        self.ownedSlot = ownedSlot
    }
}
