public import Delivery
import JobQueue
public import Providers

/// How one worker works. The defaults fit a small host; more throughput is more workers.
public struct WorkerConfiguration: Sendable {
    /// Requests under way to each provider, 1–1000; a quarter more are for one-time passwords and alerts.
    public var concurrency: Int
    /// Rows a take asks for at most, 1–1000. Larger batches were measured to be slower.
    public var batch: Int
    /// How often the lanes are looked at when nothing announces work; jittered by a fifth.
    public var pollInterval: Duration
    public var heartbeatInterval: Duration
    /// Silence after which a worker is taken for dead; several heartbeats.
    public var deadAfter: Duration
    /// How long after its intent a body may begin to leave.
    public var sendFence: Duration
    public var timing: Timing
    /// The channels whose provider this worker has an account for; it takes nothing for the others.
    public var channels: Set<Channel>
    /// Where providers reach the gateway; nil turns callbacks off and receipts are polled.
    public var callbackBaseURL: String?
    /// What makes the links by which people leave offers by e-mail; nil leaves them out.
    public var links: UnsubscribeLinks?
    /// Opens what is sealed.
    public var opener: ContentOpener
    /// Questions a second to a provider about what became of messages, 1–1,000.
    public var pollsPerSecond: Int

    public init(
        concurrency: Int = 64, batch: Int = 200, pollInterval: Duration = .milliseconds(250),
        heartbeatInterval: Duration = .seconds(5), deadAfter: Duration = .seconds(30),
        sendFence: Duration = .seconds(5),
        timing: Timing = Timing(),
        channels: Set<Channel> = Set(Channel.allCases), callbackBaseURL: String? = nil,
        links: UnsubscribeLinks? = nil, opener: ContentOpener = ContentOpener(), pollsPerSecond: Int = 20
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
        self.links = links
        self.opener = opener
        self.pollsPerSecond = pollsPerSecond
    }

    /// The most requests that a worker of this concurrency makes at once, to all providers together. A transport that took
    /// fewer would let those of one provider wait for another's.
    public static func requestsAtOnce(concurrency: Int) -> Int {
        let listings = 8  // Of what people wrote.
        return ProviderName.allCases.count * ProviderSlots(concurrency: concurrency).all + listings + EndLoop.atOnce
    }

    /// Whether there is an account for the lane's provider.
    func serves(_ lane: LaneState) -> Bool {
        lane.sender.map { channels.contains($0.channel) } ?? true
    }
}
