/// How the rate of a campaign is cut: into windows of time, and each of these into shares.
///
/// Shares are rows of `campaign_rate_windows`. A worker takes as many as it has messages for, so what one worker cannot send, another
/// one may, by another sender. A message counts as one, whatever its length: a person is written to once.
public struct CampaignRate: Sendable, Hashable {
    /// As it was told; a take by another rate than the campaign has by then wins nothing.
    public var perSecond: Double
    /// Messages a window holds; at least 1.
    public var perWindow: Int
    /// How long a window is: 1 s, or longer for a campaign slower than one a second.
    public var milliseconds: Int
    /// Parts of a window that are taken one by one.
    public var shares: Int

    /// So few that a window is ten rows at most, so many that little is lost with a worker that dies.
    private static let mostShares = 10

    /// - Parameter perSecond: messages a second over all workers, above 0.
    public init(_ perSecond: Double) {
        let window = RateAllowance(rate: perSecond)
        self.perSecond = perSecond
        (perWindow, milliseconds) = (window.perWindow, window.windowMilliseconds)
        shares = min(perWindow, Self.mostShares)
    }

    /// What a share holds; together they hold a window, and each one message at least.
    /// - Parameter share: 0 or more, below the number of shares.
    public func messages(inShare share: Int) -> Int {
        (share + 1) * perWindow / shares - share * perWindow / shares
    }

    /// How many shares are enough for so many messages, whichever they are.
    public func shares(for messages: Int) -> Int {
        max(0, (messages * shares + perWindow - 1) / perWindow)
    }
}

/// A campaign's rate as a take needs it.
public struct CampaignWindow: Sendable, Hashable {
    public var rate: CampaignRate
    /// Messages that may begin, so far as anything else limits them.
    public var wanted: Int
    /// The window of which this worker has messages left, and how many.
    public var ownedSlot: Int?
    public var left: Int

    public init(rate: CampaignRate, wanted: Int, ownedSlot: Int? = nil, left: Int = 0) {
        self.rate = rate
        self.wanted = wanted
        self.ownedSlot = ownedSlot
        self.left = left
    }
}

/// What a take found of the window of a campaign's rate that is now, and what it won of it.
public struct CampaignTaking: Sendable, Hashable {
    public var slot: Int
    /// Messages of the shares that it won.
    public var won: Int
    /// Whether nothing is left for anybody.
    public var isSpent: Bool

    public init(slot: Int, won: Int, isSpent: Bool) {
        self.slot = slot
        self.won = won
        self.isSpent = isSpent
    }
}
