/// A way to reach a person.
public enum Channel: String, Sendable, CaseIterable, Codable {
    case sms
    case voice
    case whatsapp
    case email

    /// The channels that one phone number serves: an opt-out of one is an opt-out of all.
    public static let phoneChannels: Set<Channel> = [.sms, .voice, .whatsapp]

    public var isPhone: Bool { Channel.phoneChannels.contains(self) }

    /// The least time before a job's deadline in which a send is worth beginning: nothing could be done with less.
    public var leastTime: Duration {
        switch self {
        // The provider counts a validity period in whole seconds, from 1.
        case .sms, .whatsapp, .email: .seconds(1)
        // A telephone rings for five seconds at least, and the provider may add five.
        case .voice: .seconds(10)
        }
    }
}
