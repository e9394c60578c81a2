/// What an event means beyond its job: for the person's address, or for the sender.
///
/// It follows from the event and the channel of its attempt alone, by whatever door the news came: an answer, a webhook, a
/// poll or a listing. An event has it once, when it is recorded.
public enum Consequence: Sendable, Hashable {
    /// The person must not be contacted on these channels, by the messages of this reach.
    case suppress(Set<Channel>, OptOutReach, reason: String)
    /// The provider refuses the sender, or our account. When this many different jobs have met such a refusal, and nothing
    /// got through between, nothing is sent by the sender for a while.
    case refusal(reason: String, limit: Int)
    /// A message of the sender got through: what was refused before was not the sender's fault.
    case gotThrough
    /// The number is dead on these channels: no message gets there. It is remembered for a while.
    case dead(Set<Channel>, FailureClass, code: String)
    /// A message got to the number on the channel: whatever was remembered of it there, it is not dead.
    case alive(Channel)

    /// How long a sender that the provider refuses is left alone.
    public static let pause = Duration.seconds(30)

    /// At which rate a sender may send now. After a pause it is tried with one send a second, until something gets through
    /// or a minute is over. Else the end of each pause would spend a whole window of its rate on it.
    /// - Parameters:
    ///   - rate: the sender's own, in sends a second; nil is no limit.
    ///   - pausedUntil: the end of its last pause, if it had one.
    ///   - isRefused: whether a refusal is remembered: nothing has got through since.
    public static func rate(_ rate: Double?, pausedUntil: Instant?, isRefused: Bool, now: Instant) -> Double? {
        guard isRefused, let pausedUntil, pausedUntil.advanced(by: trial) > now else { return rate }
        return min(trialRate, rate ?? trialRate)
    }

    private static let (trial, trialRate) = (Duration.seconds(60), 1.0)

    /// After how many refusals in a row the sender counts as broken.
    ///
    /// - One refusal of credentials or account says it of every request to come.
    /// - One refusal of a sender may be an oddity of its job that no table knows. A sender that is broken refuses all, so
    ///   three different jobs come together within a second at any rate that matters.
    /// - A sender that is not registered in one country may serve others well, and jobs for one country come in bursts. Ten
    ///   in a row cost little beside what is on its way when the first is reported.
    private static let (credentialsLimit, configurationLimit, registrationLimit) = (1, 3, 10)

    public static func of(_ event: JobEvent, on channel: Channel, job: Int) -> [Consequence] {
        switch event.fact {
        case .refused(let failure), .failed(let failure): of(failure, code: event.code, on: channel, job: job)
        // A message on its way says nothing: what a carrier refuses, it refuses after that.
        case .reached(let level):
            level > .sent ? [.gotThrough] + (channel.isPhone ? [.alive(channel)] : []) : []
        case .accepted, .notSent, .unknown, .lost, .skipped, .ruled, nil: []
        }
    }

    private static func of(_ failure: FailureClass, code: String, on channel: Channel, job: Int) -> [Consequence] {
        let said = PauseReason(code: code, job: job).description
        // A START lifts what the provider said.
        let word = "provider \(code)"
        let family = channel.isPhone ? Channel.phoneChannels : [channel]
        return switch failure {
        case .optedOut: [.suppress(family, .of(code: code, on: channel), reason: word)]
        case .channelOptedOut: [.suppress([channel], .of(code: code, on: channel), reason: word)]
        // Whatever message met the block: an offer takes it for a no by phone, a one-time password may still be spoken.
        case .blocked:
            [.suppress([channel], .everything, reason: word)]
                + (channel.isPhone ? [.suppress(family.subtracting([channel]), .marketing, reason: word)] : [])
        case .credentials: [.refusal(reason: said, limit: credentialsLimit)]
        case .configuration: [.refusal(reason: said, limit: configurationLimit)]
        case .unregistered: [.refusal(reason: said, limit: registrationLimit)]
        // The sender's way was open; what failed was at the other end.
        case .unreachable, .noAnswer: [.gotThrough]
        case .invalidAddress, .landline:
            channel.isPhone ? [.dead(DeadAddress.channels(of: failure, on: channel), failure, code: code)] : []
        case .transient, .uncertain, .filtered, .windowClosed, .expired,
            .rateLimited, .quietHours, .wrongSender, .unroutable, .fraudBlock, .content, .unknown:
            []
        }
    }
}

extension JobEvent {
    /// The provider's code of a failure, or its word where it gave none.
    fileprivate var code: String {
        let columns = columns
        return columns.code ?? columns.status
    }
}
