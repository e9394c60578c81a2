public import Delivery

/// What a receipt says of the message.
public enum ReceiptFact: Sendable, Hashable {
    /// The provider has it and is at it; nothing to decide.
    case progress
    case reached(SuccessLevel)
    case failed
}
