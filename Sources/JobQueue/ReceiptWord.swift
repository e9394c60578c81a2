public import Delivery

/// The words by which receipts that are no failures say how far a message got. Any other word says only that the provider has it.
public enum ReceiptWord: String, Sendable, CaseIterable {
    case sent
    case delivered
    case read
    case answered
    case voicemail

    public init?(status: String) {
        self.init(rawValue: status)
    }

    public var level: SuccessLevel {
        switch self {
        case .sent: .sent
        case .delivered: .delivered
        case .read: .read
        case .answered: .answered
        case .voicemail: .voicemail
        }
    }
}
