/// What a provider said of a number on a channel: that no message gets there. It is remembered for a while, so that the
/// next campaign does not pay to hear it again.
public struct DeadAddress: Sendable, Hashable {
    public var failure: FailureClass
    /// The provider's.
    public var code: String
    /// When it is tried again.
    public var until: Instant

    public init(_ failure: FailureClass, code: String, until: Instant) {
        self.failure = failure
        self.code = code
        self.until = until
    }

    /// Whether a message of the category is not tried.
    ///
    /// A landline takes no text, whatever it says. A number that nobody had may be somebody's by now: what is urgent is
    /// tried, for the price of one message.
    public func binds(_ category: Category) -> Bool {
        guard failure != .landline else { return true }
        switch category {
        case .otp, .alert: return false
        case .transactional, .marketing: return true
        }
    }

    /// For whoever reads the job's timeline.
    public var words: String {
        let day = CivilDate(daysSinceEpoch: Int(until.microseconds).floorDivided(by: 86_400_000_000))
        let (month, date) = (
            day.month < 10 ? "0\(day.month)" : "\(day.month)", day.day < 10 ? "0\(day.day)" : "\(day.day)"
        )
        return "a provider said \(code) of the number; it is tried again on \(day.year)-\(month)-\(date)"
    }

    /// On which channels a failure on one of them says that the number is dead; none for mail, whose bounces suppress.
    static func channels(of failure: FailureClass, on channel: Channel) -> Set<Channel> {
        guard channel.isPhone else { return [] }
        return JobFacts.channelsClosed(by: .failed(failure), on: channel, to: .transactional)
    }
}
