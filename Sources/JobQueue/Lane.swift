public import Delivery

/// A queue of its own, one row of `lanes`: one sender at one priority, of one tenant or campaign, so that none of them stands
/// before another. Looks that send nothing have lanes too.
public struct Lane: Sendable, Hashable, RawRepresentable {
    public var rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Looks that decide at once, by priority.
    public static func decide(_ priority: Int) -> Lane { Lane(rawValue: priority) }
    /// Looks that may have to ask the provider of phones, by priority.
    public static func askPhone(_ priority: Int) -> Lane { Lane(rawValue: 4 + priority) }
    /// Looks that may have to ask the provider of mail, by priority.
    public static func askMail(_ priority: Int) -> Lane { Lane(rawValue: 12 + priority) }
    /// Sends that no sender serves, by priority.
    public static func unserved(_ priority: Int) -> Lane { Lane(rawValue: 8 + priority) }

    /// Above every lane there is.
    public static let end = Lane(rawValue: Int(Int32.max))
}

/// What reserves are kept for, and loops of their own: one-time passwords and alerts, by their priorities.
public enum Urgency {
    public static let priorities = 0...1
}

/// A lane that has rows, as one look saw it.
public struct LaneState: Sendable, Hashable {
    public enum Purpose: String, Sendable, CaseIterable {
        case send, decide
        case askPhone = "ask_phone"
        case askMail = "ask_mail"
    }

    public var lane: Lane
    public var purpose: Purpose
    /// 0 is looked at first, 3 last.
    public var priority: Int
    public var sender: SenderState?
    public var campaignID: Int?
    /// Messages of the campaign a second over all workers and lanes; nil is no limit.
    public var campaignRate: Double?
    /// Whether its campaign writes at certain hours only.
    public var hasWindow = false
    /// Whether it may be taken: its sender is enabled and not paused, nor is its campaign.
    public var isOpen: Bool
    /// Its first row.
    public var first: DueKey

    public init(
        lane: Lane, purpose: Purpose, priority: Int, sender: SenderState? = nil, campaignID: Int? = nil,
        campaignRate: Double? = nil, isOpen: Bool = true, first: DueKey = .start
    ) {
        self.lane = lane
        self.purpose = purpose
        self.priority = priority
        self.sender = sender
        self.campaignID = campaignID
        self.campaignRate = campaignRate
        self.isOpen = isOpen
        self.first = first
    }
}

/// A sender as a look sees it.
public struct SenderState: Sendable, Hashable {
    public var id: Int
    public var channel: Channel
    /// Sends a second over all workers; nil is no limit.
    public var rate: Double?

    public init(id: Int, channel: Channel, rate: Double? = nil) {
        self.id = id
        self.channel = channel
        self.rate = rate
    }
}

/// Where rows wait.
public struct LaneSurvey: Sendable {
    /// The database's clock.
    public var present: Instant
    /// The lanes that have rows, due or not, in the order of their ids.
    public var lanes: [LaneState]
    /// The version of the rules of contact.
    public var rulesVersion: Int

    public init(present: Instant, lanes: [LaneState], rulesVersion: Int = 0) {
        self.present = present
        self.lanes = lanes
        self.rulesVersion = rulesVersion
    }
}

/// A part of the index of due rows that a look covers: after a key of a lane, before another lane.
public struct LaneSegment: Sendable, Hashable {
    public var lane: Lane
    public var after: DueKey
    public var until: Lane

    public init(lane: Lane, after: DueKey, until: Lane) {
        self.lane = lane
        self.after = after
        self.until = until
    }
}
