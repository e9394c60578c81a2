/// At most so many messages, or so much money, in any span of time: one row of `outrider.caps`.
public struct Cap: Sendable, Hashable {
    /// What is counted apart. Every tenant counts for itself.
    public enum Subject: String, Sendable, CaseIterable {
        /// Messages to one address.
        case address
        /// Messages that one identity of the application asked for: `identity` in `metadata`.
        case identity
        /// Messages that were asked for from one IP address: `ip` in `metadata`.
        case ip
        /// Messages to numbers that differ in their last digits only.
        case prefix
        /// Messages to numbers of one calling code.
        case country
        /// All messages of the tenant.
        case tenant

        /// Whether a message counts once, however often it is tried. The others count, and cost, with each attempt.
        public var countsJobs: Bool {
            switch self {
            case .address, .identity, .ip, .prefix: true
            case .country, .tenant: false
            }
        }
    }

    /// What becomes of a message for which there is no room.
    public enum Excess: String, Sendable, CaseIterable {
        /// Its step is passed over.
        case skip
        /// It waits until there is room.
        case postpone = "defer"
    }

    public var id: Int
    public var name: String
    public var subject: Subject
    /// Nil: messages of each category, all counted together.
    public var category: Category?
    /// Nil: messages on each channel, all counted together.
    public var channel: Channel?
    /// Whom it binds; nil is every tenant.
    public var tenant: String?
    /// Messages, or millionths of the currency.
    public var most: Int
    /// Nil: it counts messages.
    public var currency: String?
    /// Seconds, 1 or more.
    public var span: Int
    public var excess: Excess
    /// False: it keeps nothing back, and says what it would have kept back.
    public var isEnforced: Bool

    public init(
        id: Int, name: String, subject: Subject, category: Category? = nil, channel: Channel? = nil,
        tenant: String? = nil, most: Int, currency: String? = nil, span: Int, excess: Excess = .skip,
        isEnforced: Bool = true
    ) {
        self.id = id
        self.name = name
        self.subject = subject
        self.category = category
        self.channel = channel
        self.tenant = tenant
        self.most = most
        self.currency = currency
        self.span = span
        self.excess = excess
        self.isEnforced = isEnforced
    }

    public func binds(_ category: Category, on channel: Channel, of tenant: String) -> Bool {
        let isOfPhone =
            switch subject {
            case .prefix, .country: true
            case .address, .identity, .ip, .tenant: false
            }
        return (self.category ?? category) == category && (self.channel ?? channel) == channel
            && (self.tenant ?? tenant) == tenant && (channel.isPhone || !isOfPhone)
    }

    /// For whoever reads the job's timeline.
    public var words: String {
        let amount = currency.map { "\(Double(most) / 1_000_000) \($0)" } ?? "\(most)"
        let what =
            switch subject {
            case .address: "to one address"
            case .identity: "of one identity"
            case .ip: "from one IP address"
            case .prefix: "to numbers beside each other"
            case .country: "to one calling code"
            case .tenant: "of one tenant"
            }
        return "cap \(name): \(amount) \(what) in \(span) s"
    }
}

/// What is counted under one cap for one message, as the database has it while nobody else can count.
public struct CapRoom: Sendable, Hashable {
    /// Stands for the subject: the same for messages that are counted together.
    public var key: Int
    /// What the message would add.
    public var weight: Int
    /// Whether the message was counted before.
    public var isCounted: Bool
    /// What was counted within the span.
    public var used: Int
    /// When what was counted leaves the span: the first makes room for one more message, the next for another, as far as was
    /// looked.
    public var frees: [Instant]
    /// The database's clock.
    public var now: Instant

    public init(key: Int, weight: Int = 1, isCounted: Bool = false, used: Int, frees: [Instant] = [], now: Instant) {
        self.key = key
        self.weight = weight
        self.isCounted = isCounted
        self.used = used
        self.frees = frees
        self.now = now
    }
}

/// What the caps say of one message.
public enum CapRuling: Sendable, Hashable {
    /// It may begin.
    case allowed
    /// Its step is passed over.
    case over(Cap)
    /// It waits, at least until then.
    case wait(Cap, until: Instant)
}

/// Rules on the messages of one take, one after the other: what one of them takes, the next does not find.
public struct CapRound: Sendable {
    private struct Key: Hashable {
        var cap: Int
        var subject: Int

        init(_ cap: Cap, _ room: CapRoom) { (self.cap, subject) = (cap.id, room.key) }
    }

    private var taken: [Key: Int] = [:]
    /// Messages that wait already: the next waits for the room after theirs.
    private var waiting: [Key: Int] = [:]

    public init() {}

    /// - Parameters:
    ///   - claims: each cap that binds the message, with its room.
    ///   - seed: tells messages apart, so that they do not all come back in one instant.
    /// - Returns: the ruling, and the caps over which the message is, enforced or not.
    public mutating func rule(on claims: [(cap: Cap, room: CapRoom)], seed: Int) -> (CapRuling, over: [Cap]) {
        let over = claims.filter { claim in !hasRoom(claim.cap, claim.room) }
        let binding = over.filter(\.cap.isEnforced)
        guard !binding.isEmpty else {
            for (cap, room) in claims where !room.isCounted { taken[Key(cap, room), default: 0] += room.weight }
            return (.allowed, over.map(\.cap))
        }
        if let skipping = binding.first(where: { $0.cap.excess == .skip }) {
            return (.over(skipping.cap), over.map(\.cap))
        }
        var latest: (cap: Cap, until: Instant)?
        for (cap, room) in binding {
            let until = opening(cap, room, seed)
            if latest.map({ $0.until < until }) ?? true { latest = (cap, until) }
        }
        guard let latest else { return (.allowed, []) }
        return (.wait(latest.cap, until: latest.until), over.map(\.cap))
    }

    private func hasRoom(_ cap: Cap, _ room: CapRoom) -> Bool {
        room.isCounted || room.used + (taken[Key(cap, room)] ?? 0) + room.weight <= cap.most
    }

    /// When there may be room. Those that wait for one subject come back apart, and no sooner than after a twentieth of the
    /// span: a backlog is not looked at again for each message that leaves.
    private mutating func opening(_ cap: Cap, _ room: CapRoom, _ seed: Int) -> Instant {
        let key = Key(cap, room)
        let place = waiting[key, default: 0]
        waiting[key] = place + 1
        let whole = room.now.advanced(by: .seconds(cap.span))
        let frees = place < room.frees.count ? room.frees[place] : whole
        let pause = max(1_000, cap.span * 50)
        let soonest = room.now.advanced(by: .milliseconds(pause))
        var mixed = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15
        mixed ^= mixed >> 32
        return max(frees, soonest).advanced(by: .milliseconds(Int(mixed % UInt64(pause))))
    }
}
