public import Delivery

/// One wake-up that this worker has claimed, with everything the decision and the message need, read in the claim's own snapshot.
public struct ClaimedJob: Sendable {
    public var id: Int
    public var wake: Wake
    public var step: Int
    public var ladderID: Int?
    /// The batch it was claimed in.
    public var leaseID: Int
    /// What it costs of the sender's rate.
    public var cost: Int
    /// When the claim began, by the database's clock: the instant of the intent.
    public var claimedAt: Instant
    public var dueKey: DueKey

    public var tenant: String
    public var category: Category
    public var ladder: Ladder
    public var expiresAt: Instant?
    public var locale: String
    public var channel: Channel
    public var address: String?
    /// What `open_sends` knows the message by: the same for messages that a listing cannot tell apart.
    public var sendKey = 0
    public var sender: Sender?
    /// The secret that callbacks of this attempt carry; nil when no intent was taken.
    public var token: String?
    public var isSuppressed: Bool
    public var isWindowOpen: Bool
    public var content: JobContent
    public var history: JobHistory

    public init(
        id: Int, wake: Wake, step: Int, ladderID: Int?, leaseID: Int, cost: Int, claimedAt: Instant, dueKey: DueKey,
        tenant: String, category: Category, ladder: Ladder, expiresAt: Instant?, locale: String, channel: Channel,
        address: String?, sender: Sender?, token: String?, isSuppressed: Bool, isWindowOpen: Bool, content: JobContent,
        history: JobHistory
    ) {
        self.id = id
        self.wake = wake
        self.step = step
        self.ladderID = ladderID
        self.leaseID = leaseID
        self.cost = cost
        self.claimedAt = claimedAt
        self.dueKey = dueKey
        self.tenant = tenant
        self.category = category
        self.ladder = ladder
        self.expiresAt = expiresAt
        self.locale = locale
        self.channel = channel
        self.address = address
        self.sender = sender
        self.token = token
        self.isSuppressed = isSuppressed
        self.isWindowOpen = isWindowOpen
        self.content = content
        self.history = history
    }

    /// Who sends it.
    public struct Sender: Sendable, Hashable {
        public var id: Int
        public var address: String
        public var displayName: String?

        public init(id: Int, address: String, displayName: String? = nil) {
            self.id = id
            self.address = address
            self.displayName = displayName
        }
    }
}
