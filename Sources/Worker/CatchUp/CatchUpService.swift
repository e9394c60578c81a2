import Delivery
public import Inbox
public import Logging
import Postgres
import Providers
public import ServiceLifecycle

/// Looks up at the provider what people wrote while no gateway could take it, so that no STOP is lost. Asks early about
/// messages whose receipts may have been missed. Where there is no gateway at all, this is how STOP is heard.
///
/// Any number of workers may run it: each number is looked at by one of them at a time. What it finds goes the way of a
/// webhook, so that finding what a webhook had brought changes nothing.
public struct CatchUpService: Service {
    private let store: CatchUpStore
    private let receipts: ReceiptStore
    private let source: any InboundSource
    private let configuration: CatchUpConfiguration
    private let clock: WorkClock
    private let logger: Logger

    public init(
        store: CatchUpStore, receipts: ReceiptStore, source: any InboundSource,
        configuration: CatchUpConfiguration = CatchUpConfiguration(), clock: WorkClock = .system, logger: Logger
    ) {
        self.store = store
        self.receipts = receipts
        self.source = source
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
    }

    /// Looks every so often, until a graceful shutdown.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await look()
                } catch  where Task.isCancelled {
                    return
                } catch {
                    logger.warning("Could not look for what no webhook brought", metadata: ["error": "\(error)"])
                }
                var random = clock.random
                let jitter = Double.random(in: 0.8...1.2, using: &random)
                try? await clock.sleep(for: min(configuration.interval, .seconds(30)) * jitter)
            }
        }
    }

    /// One round over all numbers that are due for a look. Bounded by the pages a look may read and the numbers there are.
    func look() async throws {
        let hastened = try await store.hasten(configuration)
        if hastened > 0 {
            logger.notice(
                "A gateway came back: asking early about messages in flight", metadata: ["messages": "\(hastened)"])
        }
        guard let account = source.account else { return }
        try await store.watch(account)
        while !Task.isCancelled {
            switch try await store.claim(account, configuration) {
            case .nothing: return
            case .covered: continue
            case .span(let span): try await list(span)
            }
        }
    }

    /// A list that is put off by longer counts as one whose clock was set back (`claim_catch_up.sql`), and is asked at once.
    private static let longestPause = Duration.seconds(1_800)

    private func list(_ start: CatchUpSpan) async throws {
        var span = start
        var found = 0
        defer { report(found, span) }
        for page in 1...configuration.pages {
            switch await source.inbound(span.query) {
            case .page(let messages, let next):
                let fates = try await receipts.store(messages.map { .inbound(InboundArrival($0)) })
                found += fates.count { $0 == .new }
                WorkerMetrics.caughtUp(fates)
                let lookAfter =
                    next == nil ? configuration.interval : page < configuration.pages ? configuration.lease : .zero
                guard try await store.keep(span, next: next, lookAfter: lookAfter) else { return }
                guard next != nil else { return }
                span.page = next
            case .lost:
                return try await store.putOff(
                    span, by: pause(after: span.failures), isFailure: true, beginningAgain: true)
            case .unavailable(let reason, let retryAfter):
                let pause = min(max(pause(after: span.failures), retryAfter ?? .zero), Self.longestPause)
                logger.warning(
                    "The provider's list of messages cannot be had; trying again",
                    metadata: ["reason": "\(reason)", "seconds": "\(Int(pause.inSeconds))"])
                return try await store.putOff(span, by: pause, isFailure: true)
            }
        }
    }

    /// Doubles from the interval on; with jitter, at most five minutes.
    private func pause(after failures: Int) -> Duration {
        var random = clock.random
        let longest = min(configuration.interval * (1 << min(failures, 10)), .seconds(300))
        return longest * Double.random(in: 0.5...1, using: &random)
    }

    private func report(_ found: Int, _ span: CatchUpSpan) {
        guard found > 0 else { return }
        logger.notice(
            "Found what people wrote in the provider's list, no webhook had brought it",
            metadata: ["messages": "\(found)", "channel": "\(span.channel)"])
    }
}
