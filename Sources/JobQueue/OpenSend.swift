public import Delivery

/// An attempt of which nobody knows yet whether the provider took it.
public struct OpenSend: Sendable, Hashable {
    /// `TakenJob.sendKey`.
    public var key: SendKey
    public var jobID: Int
    public var generation: Int
    /// Whether it was given up: nobody waits for it any more, but a listed message may still be its own.
    public var isGivenUp: Bool

    public init(key: SendKey, jobID: Int, generation: Int, isGivenUp: Bool = false) {
        self.key = key
        self.jobID = jobID
        self.generation = generation
        self.isGivenUp = isGivenUp
    }
}
