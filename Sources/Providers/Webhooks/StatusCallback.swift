/// What Twilio reports on one attempt of ours.
public struct StatusCallback: Sendable, Hashable {
    public var jobID: Int
    public var generation: Int
    /// To be compared with the attempt's own, in constant time.
    public var token: String
    public var receipt: Receipt

    public init(jobID: Int, generation: Int, token: String, receipt: Receipt) {
        self.jobID = jobID
        self.generation = generation
        self.token = token
        self.receipt = receipt
    }
}
