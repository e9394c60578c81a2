/// The waits that are the same for every job.
public struct Timing: Sendable, Hashable {
    /// Between attempts of one step.
    public var backoff: Backoff
    /// Between attempts of a message that a provider took no request for. `Throttle` keeps the others few, so that this one
    /// need not wait minutes by itself.
    public var limitBackoff: Backoff
    /// From an unknown send to the first listing: callbacks usually settle it in this time.
    public var firstListing: Duration
    /// Between the two listings. Listings lag behind creation, by minutes at worst.
    public var listingSpacing: Duration
    /// How long a last step is tried when only time limits it.
    public var lastStepLimit: Duration
    /// Where no callbacks come: from the provider's acceptance to the first time it is asked. Then it is asked each time
    /// twice as long after the acceptance, so that a message costs few questions however long its wait. It is asked once
    /// more when the wait is over. Nil: callbacks come, and it is asked only then.
    public var firstPoll: Duration?
    /// Whether mail is asked about then as well: its provider may keep logs that can be searched.
    public var pollsMail = false
    /// From a question at the end of a wait that got no readable answer to the next one; doubled for each further one.
    public var pollPause: Duration
    /// How often such a question is repeated before no answer counts as no news.
    public var failedPollLimit = 5

    public init(
        backoff: Backoff = Backoff(base: .seconds(1), cap: .seconds(300)),
        limitBackoff: Backoff = Backoff(base: .seconds(1), cap: .seconds(5)), firstListing: Duration = .seconds(15),
        listingSpacing: Duration = .seconds(75), lastStepLimit: Duration = .seconds(86_400),
        firstPoll: Duration? = nil, pollPause: Duration = .seconds(5)
    ) {
        self.backoff = backoff
        self.limitBackoff = limitBackoff
        self.firstListing = firstListing
        self.listingSpacing = listingSpacing
        self.lastStepLimit = lastStepLimit
        self.firstPoll = firstPoll
        self.pollPause = pollPause
    }
}
