/// How a worker looks up what no webhook brought. All workers share the looks, so more workers do not ask more often.
public struct CatchUpConfiguration: Sendable {
    /// How often each number is looked at. While gateways cover it, that costs one small UPDATE and no request.
    public var interval: Duration
    /// How often each number's list is read although gateways serve, because only the provider knows whether it reaches them.
    /// So long can a STOP stay unheard while the way to them is closed.
    public var listedEvery: Duration
    /// How far before the last good moment a list begins. Lists show messages late, by minutes at worst, and a webhook may
    /// have been on its way when the gateway went.
    public var margin: Duration
    /// Silence after which a gateway counts as gone; several of its heartbeats.
    public var goneAfter: Duration
    /// How long a look may take between two pages before another worker goes on with it.
    public var lease: Duration
    /// Pages one look reads before the next number has its turn.
    public var pages: Int
    /// Attempts whose receipts are looked for early after a gap, at most, soonest first, and how many of them a second.
    public var hastened: Int
    public var hastenedPerSecond: Int

    public init(
        interval: Duration = .seconds(30), listedEvery: Duration = .seconds(900), margin: Duration = .seconds(300),
        goneAfter: Duration = .seconds(30), lease: Duration = .seconds(90), pages: Int = 20, hastened: Int = 10_000,
        hastenedPerSecond: Int = 20
    ) {
        precondition(pages > 0 && hastened > 0 && hastenedPerSecond > 0)
        self.interval = interval
        self.listedEvery = listedEvery
        self.margin = margin
        self.goneAfter = goneAfter
        self.lease = lease
        self.pages = pages
        self.hastened = hastened
        self.hastenedPerSecond = hastenedPerSecond
    }
}
