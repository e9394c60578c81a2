public import Delivery

/// One fact to be recorded, and the wake-up that goes with it: the wake-up is added only if the fact was new.
public struct NewEvent: Sendable, Hashable {
    public var jobID: Int
    public var generation: Int
    public var kind: Kind
    public var status: String
    public var step: Int?
    public var ladderID: Int?
    public var channel: Channel?
    public var senderID: Int?
    public var code: String?
    public var failure: FailureClass?
    public var level: SuccessLevel?
    public var providerID: String?
    public var reason: String?
    public var retryAfterSeconds: Int?
    /// On what follows an attempt: the step that comes, so that a lost wake-up can be rebuilt.
    public var nextStep: Int?
    public var wakeUp: WakeUp?

    public enum Kind: String, Sendable, CaseIterable {
        case answer, receipt, next, held, reconciled, outcome
    }

    public init(
        jobID: Int, generation: Int, kind: Kind, status: String, step: Int? = nil, ladderID: Int? = nil,
        channel: Channel? = nil, senderID: Int? = nil, code: String? = nil, failure: FailureClass? = nil,
        level: SuccessLevel? = nil, providerID: String? = nil, reason: String? = nil, retryAfterSeconds: Int? = nil,
        nextStep: Int? = nil,
        wakeUp: WakeUp? = nil
    ) {
        self.jobID = jobID
        self.generation = generation
        self.kind = kind
        self.status = status
        self.step = step
        self.ladderID = ladderID
        self.channel = channel
        self.senderID = senderID
        self.code = code
        self.failure = failure
        self.level = level
        self.providerID = providerID
        self.reason = reason
        self.retryAfterSeconds = retryAfterSeconds
        self.nextStep = nextStep
        self.wakeUp = wakeUp
    }
}
