public import Delivery

/// How one worker works. The defaults fit a small host; more throughput is more workers.
public struct WorkerConfiguration: Sendable {
    /// Sends and looks at jobs at once, 1–1000.
    public var concurrency: Int
    /// Rows a claim takes at most, 1–1000. Larger batches were measured to be slower.
    public var batch: Int
    /// How often the lanes are looked at when nothing announces work; jittered by a fifth.
    public var pollInterval: Duration
    public var heartbeatInterval: Duration
    /// Silence after which a worker is taken for dead; several heartbeats.
    public var deadAfter: Duration
    /// How long after its intent a body may begin to leave.
    public var sendFence: Duration
    public var timing: Timing
    /// The channels whose provider this worker has an account for; it claims nothing for the others.
    public var channels: Set<Channel>
    /// Where providers reach the gateway; nil turns callbacks off and receipts are polled.
    public var callbackBaseURL: String?

    public init(
        concurrency: Int = 64, batch: Int = 200, pollInterval: Duration = .milliseconds(250),
        heartbeatInterval: Duration = .seconds(5), deadAfter: Duration = .seconds(30),
        sendFence: Duration = .seconds(5),
        timing: Timing = Timing(),
        channels: Set<Channel> = Set(Channel.allCases), callbackBaseURL: String? = nil
    ) {
        precondition((1...1000).contains(concurrency), "concurrency is 1 to 1000")
        precondition((1...1000).contains(batch), "a batch is 1 to 1000")
        self.concurrency = concurrency
        self.batch = batch
        self.pollInterval = pollInterval
        self.heartbeatInterval = heartbeatInterval
        self.deadAfter = deadAfter
        self.sendFence = sendFence
        self.timing = timing
        self.channels = channels
        self.callbackBaseURL = callbackBaseURL
    }
}
