/// How far a message got, from the provider taking it to a person reading it. A step names the level it needs.
public enum SuccessLevel: String, Sendable, CaseIterable, Codable, Comparable {
    /// The provider took it.
    case accepted
    /// The carrier or the receiving mail server has it on the way.
    case sent
    /// A call was answered by a machine.
    case voicemail
    /// The handset or the mailbox has it.
    case delivered
    /// A person answered the call.
    case answered
    /// A person opened it.
    case read

    public static func < (lower: SuccessLevel, higher: SuccessLevel) -> Bool {
        lower.height < higher.height
    }

    private var height: Int {
        switch self {
        case .accepted: 0
        case .sent: 1
        case .voicemail: 2
        case .delivered: 3
        case .answered: 4
        case .read: 5
        }
    }
}
