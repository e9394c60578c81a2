/// What a listing of the provider's messages says about a send whose answer was lost.
public enum ListingReading: Sendable, Hashable {
    case found(providerID: String, receipts: [Receipt])
    /// Not among them. Listings lag behind creation, so it takes two, a minute or two apart, to mean anything.
    case notFound
    /// No readable answer, or not a whole one; ask again later.
    case unavailable(reason: String)
}
