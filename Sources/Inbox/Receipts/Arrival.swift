/// One thing a provider or a person told us, checked and ready to be stored.
public enum Arrival: Sendable, Hashable {
    /// A word about one attempt.
    case receipt(ReceiptArrival)
    /// A message a person sent us.
    case inbound(InboundArrival)
    /// "Do not contact this address on this channel", from a provider that keeps such a list.
    case suppression(SuppressionArrival)

    /// What storing did. A repeated arrival changes nothing at all.
    public enum Fate: String, Sendable, Hashable, CaseIterable {
        /// Stored now.
        case new
        /// Known before.
        case repeated
        /// No attempt has this job, generation and token: nothing was stored.
        case unknown
    }
}
