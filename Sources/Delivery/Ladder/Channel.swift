/// A way to reach a person.
public enum Channel: String, Sendable, CaseIterable, Codable {
    case sms
    case voice
    case whatsapp
    case email

    /// The channels that one phone number serves: an opt-out of one is an opt-out of all.
    public static let phoneChannels: Set<Channel> = [.sms, .voice, .whatsapp]

    public var isPhone: Bool { Channel.phoneChannels.contains(self) }
}
