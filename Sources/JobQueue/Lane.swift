/// A queue of its own: one sender at one priority, so that neither a slow sender nor a campaign stands before anybody else.
public struct Lane: Sendable, Hashable, RawRepresentable {
    /// `sender id · 4 + priority`; 0 for wake-ups that send nothing, 1 for sends that no sender serves.
    public var rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    public init(sender: Int, priority: Int) { self.init(rawValue: sender * 4 + priority) }

    /// Wake-ups that send nothing.
    public static let wakes = Lane(rawValue: 0)
    /// Sends that no sender serves.
    public static let unserved = Lane(rawValue: 1)

    /// The sender's id; 0 when there is none.
    public var senderID: Int { rawValue / 4 }
    /// 0 is looked at first.
    public var priority: Int { rawValue % 4 }
}
