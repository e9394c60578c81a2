/// The waits that are the same for every job.
public struct Timing: Sendable, Hashable {
    /// Between attempts of one step.
    public var backoff: Backoff
    /// From an unknown send to the first listing: callbacks usually settle it in this time.
    public var firstListing: Duration
    /// Between the two listings. Listings lag behind creation, by minutes at worst.
    public var listingSpacing: Duration
    /// How long a last step is tried when only time limits it.
    public var lastStepLimit: Duration

    public init(
        backoff: Backoff = Backoff(base: .seconds(1), cap: .seconds(300)), firstListing: Duration = .seconds(15),
        listingSpacing: Duration = .seconds(75), lastStepLimit: Duration = .seconds(86_400)
    ) {
        self.backoff = backoff
        self.firstListing = firstListing
        self.listingSpacing = listingSpacing
        self.lastStepLimit = lastStepLimit
    }
}
