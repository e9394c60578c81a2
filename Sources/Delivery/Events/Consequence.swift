/// What an event means beyond its job: for the person's address, or for the sender.
///
/// It follows from the event and the channel of its attempt alone, by whatever door the news came: an answer, a webhook, a
/// poll or a listing. An event has it once, when it is recorded.
public enum Consequence: Sendable, Hashable {
    /// The person must not be contacted on these channels.
    case suppress(Set<Channel>, reason: String)
    /// The provider refuses the sender, or our account: nothing is sent by it for a while.
    case pauseSender(reason: String)

    /// How long a sender that the provider refuses is left alone.
    public static let pause = Duration.seconds(30)

    public static func of(_ event: JobEvent, on channel: Channel, job: Int) -> [Consequence] {
        switch event.fact {
        case .refused(let failure), .failed(let failure): of(failure, code: event.code, on: channel, job: job)
        case .accepted, .notSent, .unknown, .lost, .skipped, .reached, .ruled, nil: []
        }
    }

    private static func of(_ failure: FailureClass, code: String, on channel: Channel, job: Int) -> [Consequence] {
        switch failure {
        case .optedOut:
            // A START lifts what says "provider 21610".
            [.suppress(channel.isPhone ? Channel.phoneChannels : [channel], reason: "provider \(code)")]
        case .configuration:
            [.pauseSender(reason: PauseReason(code: code, job: job).description)]
        case .transient, .unreachable, .invalidAddress, .landline, .filtered, .windowClosed, .expired, .rateLimited,
            .unroutable, .fraudBlock, .content, .noAnswer, .unknown:
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
