public import Delivery
import HTTPTransport
public import Providers
import Synchronization

/// A provider whose sends are watched: whether they arrive, and how long they take.
public struct WatchedProvider: MessageProvider {
    private let base: any MessageProvider
    private let watch: ProviderWatch

    public init(_ base: any MessageProvider, watch: ProviderWatch) {
        self.base = base
        self.watch = watch
    }

    public func send(
        _ message: OutboundMessage, notAfter: ContinuousClock.Instant
    ) async throws(ContentError) -> SendReading {
        let provider = message.channel.provider
        let number = watch.begun(provider)
        do throws(ContentError) {
            let answer = try await base.send(message, notAfter: notAfter)
            watch.ended(number, provider, answer)
            return answer
        } catch {
            watch.withdrawn(number, provider)
            throw error
        }
    }

    public func receipts(of providerID: String, on channel: Channel) async -> StatusReading {
        await base.receipts(of: providerID, on: channel)
    }

    public func receipts(for question: PollQuestion) async -> StatusReading { await base.receipts(for: question) }

    public func find(
        _ message: OutboundMessage, begunAt: Instant, notBefore: Instant?, now: Instant, excluding known: Set<String>
    ) async -> ListingReading {
        await base.find(message, begunAt: begunAt, notBefore: notBefore, now: now, excluding: known)
    }

    public func end(_ providerID: String, on channel: Channel) async -> EndAnswer {
        await base.end(providerID, on: channel)
    }

    public func stopSending() { base.stopSending() }
}

/// What this worker meets at its providers.
public final class ProviderWatch: Sendable {
    private let start = ContinuousClock.now
    private let health = Mutex<[ProviderName: ProviderHealth]>([:])

    public init() {}

    /// What is wrong with the way to a provider.
    public var troubles: [Trouble] {
        let now = seconds
        return health.withLock { health in
            ProviderName.allCases.compactMap { health[$0]?.trouble(with: $0.rawValue, at: now) }
        }
    }

    func begun(_ provider: ProviderName) -> Int {
        let now = seconds
        return health.withLock { $0[provider, default: ProviderHealth()].begun(at: now) }
    }

    func ended(_ number: Int, _ provider: ProviderName, _ answer: SendReading) {
        guard let sign = Self.sign(of: answer) else { return withdrawn(number, provider) }
        let now = seconds
        health.withLock { $0[provider]?.ended(number, sign, at: now) }
    }

    /// The send ended in a way that says nothing of the provider.
    func withdrawn(_ number: Int, _ provider: ProviderName) {
        health.withLock { $0[provider]?.withdrawn(number) }
    }

    private var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// Nil for what this worker did by itself.
    private static func sign(of answer: SendReading) -> ProviderHealth.Sign? {
        switch answer {
        case .notSent(let reason, _, isRateLimited: true): answer.speedLimit == .account ? .limited(reason) : .answered
        case .accepted, .refused: .answered
        case .notSent(let reason, _, _):
            switch NotSent.Reason(rawValue: reason) {
            case .resolve, .connect, .tls, .timedOut, .connectionLost, nil: .notSent(reason)
            case .fencePassed, .stopped, .cancelled, .queueFull, .invalidRequest, .localFailure: nil
            }
        case .unknown(let reason):
            switch UnknownSend.Reason(rawValue: reason) {
            case .cancelled, .localFailure: nil
            case .timedOut, .connectionLost, .unreadableReply, .replyTooLarge, nil: .unknown(reason)
            }
        }
    }
}
