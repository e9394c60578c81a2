/// One thing a provider or a person told us, checked and ready to be stored.
public enum Arrival: Sendable, Hashable {
    /// A word about one attempt.
    case receipt(ReceiptArrival)
    /// A word about the message of this id. Whose it is, the database knows.
    case report(ReceiptArrival)
    /// A message a person sent us.
    case inbound(InboundArrival)
    /// "Do not contact this address on this channel", from a provider that keeps such a list.
    case suppression(SuppressionArrival)
    /// The person has taken back what such a list held: a suppression of the same address, channel and reason.
    case resubscription(SuppressionArrival)

    /// What storing did. A repeated arrival changes nothing at all.
    public enum Fate: String, Sendable, Hashable, CaseIterable {
        /// Stored now.
        case new
        /// Known before.
        case repeated
        /// No attempt has this job, generation and token, or this id: nothing was stored.
        case unknown
    }
}
