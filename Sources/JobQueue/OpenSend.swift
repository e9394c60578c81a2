/// An attempt of which nobody knows yet whether the provider took it.
public struct OpenSend: Sendable, Hashable {
    /// `TakenJob.sendKey`.
    public var key: Int
    public var jobID: Int
    public var generation: Int

    public init(key: Int, jobID: Int, generation: Int) {
        self.key = key
        self.jobID = jobID
        self.generation = generation
    }
}
