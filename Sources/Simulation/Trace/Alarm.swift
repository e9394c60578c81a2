/// A promise that was broken.
public struct Alarm: Sendable, Hashable, CustomStringConvertible {
    /// The checker's name.
    public var checker: String
    public var message: String

    public var description: String { "ALARM \(checker): \(message)" }
}
