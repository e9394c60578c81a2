import Delivery

/// How a rehearsal is made smaller and faster than its campaign.
///
/// Senders' rates shrink with the people, so that the whole course is that of the campaign, and grow with the pace. Waits and the
/// provider's times are divided by a number of their own: hours that nobody answers must pass in seconds.
struct RehearsalScale: Sendable, Equatable {
    /// What is known of the campaign.
    struct Campaign: Sendable {
        /// Of the whole audience, and of those who are rehearsed.
        var people, rehearsed: Int
        /// What the preview says: until the last is begun; nil where senders have no rate.
        var seconds: Double?
        /// The slowest sender's rate, which that time is of.
        var limitingRate: Double?
        /// The longest that a receipt is waited for.
        var longestWait: Int
        /// Whether anybody never answers, so that this wait is waited out.
        var hasSilent: Bool
    }

    /// Of the people, so many are rehearsed: 0 to 1.
    let share: Double
    /// Sending goes so many times faster.
    let pace: Double
    /// Waits and the provider's times are so many times shorter.
    let waits: Double
    /// Whether a faster one was asked for than one host does.
    let isCapped: Bool
    /// Seconds after which a rehearsal is given up: several times what it should take.
    let patience: Double

    /// People a second that a small host sends to and hears from without falling behind.
    private static let mostPerSecond = 100.0
    /// Windows of a rate last a second, so a run of fewer seconds would be no measure of time.
    private static let usualSeconds = 30.0
    private static let longestWait = 20.0
    /// Below these, a receipt that came in time would be late: of a text or a mail, and of a call, which rings.
    private static let (leastWait, leastRing) = (5, 15)

    /// - Parameter asked: how many times faster, as somebody wants it; nil chooses.
    init(_ campaign: Campaign, asked: Double? = nil) {
        let share = Double(campaign.rehearsed) / Double(max(1, campaign.people))
        self.share = share
        let fastest = campaign.seconds.map { max(1, $0 * Self.mostPerSecond / Double(max(1, campaign.rehearsed))) }
        let wanted = asked ?? max(1, (campaign.seconds ?? 0) / Self.usualSeconds)
        isCapped = asked.map { $0 > fastest ?? .infinity } ?? false
        pace = Self.evened(min(wanted, fastest ?? wanted), campaign.limitingRate.map { $0 * share })
        let usual = campaign.hasSilent ? Double(campaign.longestWait) / Self.longestWait : 4
        waits = asked ?? max(1, pace, usual)
        patience = 180 + 3 * (campaign.seconds ?? 0) / pace + 3 * Double(campaign.longestWait) / waits
    }

    /// A window holds whole sends: the slowest sender's shall lose nothing by it.
    private static func evened(_ pace: Double, _ rate: Double?) -> Double {
        guard let rate, rate > 0, rate * pace >= 1 else { return pace }
        return (rate * pace).rounded() / rate
    }

    /// Sends a second of a sender, or of a campaign, in the rehearsal.
    func rate(_ rate: Double) -> Double {
        let scaled = rate * share * pace
        return scaled >= 1 ? min(10_000, scaled.rounded()) : max(0.001, scaled)
    }

    /// Seconds that a receipt is waited for in the rehearsal.
    func wait(_ seconds: Int, on channel: Channel) -> Int {
        max(
            min(seconds, channel == .voice ? Self.leastRing : Self.leastWait),
            Int((Double(seconds) / waits).rounded(.up)))
    }

    /// A count of the rehearsed people as one of all people.
    func whole(_ count: Int) -> Int { share > 0 ? Int((Double(count) / share).rounded()) : 0 }
}
