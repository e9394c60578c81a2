public import Delivery

/// The job of a due row that this worker has locked, with everything that the rules and the message need, read in the
/// take's own snapshot.
public struct TakenJob: Sendable {
    public var due: DueRow
    /// `due.reason`, which this version knows.
    public var reason: DueReason
    /// When it was taken, by the database's clock: the instant of the intent.
    public var takenAt: Instant

    public var tenant: String
    public var category: Category
    /// 0 is looked at first, 3 last.
    public var priority: Int
    public var ladder: Ladder
    public var expiresAt: Instant?
    public var locale: String
    public var channel: Channel
    public var address: String?
    public var sender: Sender?
    /// The secret that callbacks of this attempt carry; nil until its intent is taken.
    public var token: String?
    /// Whether it has its outcome.
    public var isEnded: Bool
    /// Whether the attempt has its intent.
    public var isBegun: Bool
    public var isSuppressed: Bool
    public var isWindowOpen: Bool
    /// Whether the person's consent to marketing on the channel is on record. Not looked up for anything else.
    public var hasConsent = false
    /// What a provider said of the address on the channel, if it called it dead not long ago.
    public var dead: DeadAddress?
    /// What was looked up of the address, not too long ago. Not read where no rule wants it.
    public var lookup = NumberLookup()
    /// The rule by which its number is looked up before it is sent.
    public var lookupRule: LookupRule?
    /// Where the person lives, as the job says; `UTC` when it does not.
    public var timeZone = "UTC"
    /// When its campaign may write where the person lives, from the take on; nil at any time.
    public var windowOpens: Instant?
    /// Whether the job names a template of which nothing is left.
    public var lacksTemplate = false
    /// Whether the rules want the provider's approved template sent.
    public var sendsTemplate = false
    public var content: JobContent
    public var history: JobHistory

    public init(
        due: DueRow, reason: DueReason, takenAt: Instant, tenant: String, category: Category, priority: Int,
        ladder: Ladder,
        expiresAt: Instant? = nil, locale: String = "en", channel: Channel, address: String?, sender: Sender?,
        token: String? = nil, isEnded: Bool = false, isBegun: Bool = false, isSuppressed: Bool = false,
        isWindowOpen: Bool = false, content: JobContent, history: JobHistory = JobHistory()
    ) {
        self.due = due
        self.reason = reason
        self.takenAt = takenAt
        self.tenant = tenant
        self.category = category
        self.priority = priority
        self.ladder = ladder
        self.expiresAt = expiresAt
        self.locale = locale
        self.channel = channel
        self.address = address
        self.sender = sender
        self.token = token
        self.isEnded = isEnded
        self.isBegun = isBegun
        self.isSuppressed = isSuppressed
        self.isWindowOpen = isWindowOpen
        self.content = content
        self.history = history
    }

    public var id: Int { due.jobID }
    public var generation: Int { due.generation }
    public var step: Int { due.step }
    public var ladderID: Int? { due.ladderID }

    /// What `open_sends` knows the message by: the same for messages that a listing cannot tell apart.
    public var sendKey: SendKey {
        if case .opened(let likeness) = content.seal {
            // A digest of the words themselves would let a code of six digits be guessed from a row of `open_sends`.
            return SendKey(
                tenant: tenant, category: category, channel: channel, address: address ?? "job \(id)", text: likeness,
                isTemplate: true)
        }
        let words = content.isTemplate ? nil : content.body
        return SendKey(
            tenant: tenant, category: category, channel: channel, address: address ?? "job \(id)",
            text: words ?? content.dataJSON, isTemplate: words == nil)
    }

    /// What the rules of contact ask; nil for a message that has no number.
    public var contact: Contact? {
        guard channel.isPhone, let address else { return nil }
        return Contact(
            job: id, tenant: tenant, category: category, channel: channel, number: address, timeZone: timeZone,
            expiresAt: expiresAt)
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
