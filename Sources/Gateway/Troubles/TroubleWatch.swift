public import CoreMetrics
public import Delivery
public import Insight
public import Logging
import Metrics
import Postgres
public import ServiceLifecycle
import Synchronization

/// Looks every two seconds at what is in trouble, and says it. The log has it when it begins, now and then while it lasts,
/// and when it is over. The metrics have it, and so has whoever asks for `current`.
public final class TroubleWatch: Service {
    private static let interval = Duration.seconds(2)
    /// A trouble that lasts is said again after this long.
    private static let repeatAfter = Duration.seconds(300)
    /// A refused write is in force until one was taken so long after it: on a full disk some find room and others do not.
    static let calm = Duration.seconds(5)
    /// Without any write it is in force for so long.
    private static let refusalLasts = Duration.seconds(30)

    private struct State {
        var troubles: [Trouble] = []
        var saidAt: [Trouble.Key: ContinuousClock.Instant] = [:]
        /// Whether this program has seen a schema that fits. A newer one is then an upgrade on its way, and no trouble: what
        /// runs goes on, and is restarted in its turn.
        var hasFitted = false
        /// Since when the database has not answered.
        var silentSince: ContinuousClock.Instant?
        var refusal: (text: String, since: ContinuousClock.Instant, at: ContinuousClock.Instant)?
        var trial: (refusal: Trouble?, since: ContinuousClock.Instant, at: ContinuousClock.Instant)?
    }

    /// From one trial write to the next: a full disk is to be said within ten seconds.
    private static let trialInterval = Duration.seconds(6)

    private let overview: Overview
    private let triesWrites: Bool
    private let gauges: [Trouble.Cause: Gauge]
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameters:
    ///   - triesWrites: whether it tries a write now and then: a full disk is known then before a row finds no room. One
    ///     gateway is enough to say so for all.
    ///   - metrics: where the gauges are kept.
    public init(_ overview: Overview, triesWrites: Bool = false, metrics: any MetricsFactory, logger: Logger) {
        self.overview = overview
        self.triesWrites = triesWrites
        self.logger = logger
        gauges = Dictionary(
            uniqueKeysWithValues: Trouble.Cause.allCases.map { cause in
                let gauge = Gauge(
                    label: "outrider.troubles", dimensions: [("cause", cause.rawValue)], factory: metrics)
                gauge.record(0)
                return (cause, gauge)
            })
    }

    /// What is in trouble, as it was seen last.
    public var current: [Trouble] { state.withLock { $0.troubles } }

    /// Looks until a graceful shutdown.
    public func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                await look()
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    /// A write of this process was refused, or taken.
    public func wrote(_ refusal: String?) { wrote(refusal, at: .now) }

    func wrote(_ refusal: String?, at now: ContinuousClock.Instant) {
        state.withLock { state in
            if let refusal {
                state.refusal = (refusal, state.refusal?.since ?? now, now)
            } else if let last = state.refusal?.at, now - last >= Self.calm {
                state.refusal = nil
            }
        }
    }

    /// Looks once.
    public func look() async {
        let seen: Result<[Trouble], PostgresError>
        do throws(PostgresError) {
            seen = .success(try await overview.troubles())
        } catch {
            seen = .failure(error)
        }
        if triesWrites, case .success(let troubles) = seen { await tryWrite(beside: troubles) }
        guard !Task.isCancelled else { return }
        say(take(seen, at: .now))
    }

    private func tryWrite(beside troubles: [Trouble]) async {
        let now = ContinuousClock.now
        let isDue = state.withLock { state in state.trial.map { now - $0.at >= Self.trialInterval } ?? true }
        guard isDue else { return }
        let refusal = await overview.refusedWrite(beside: troubles)
        state.withLock { state in
            let since = state.trial?.refusal == nil ? now : state.trial?.since ?? now
            state.trial = (refusal, since, now)
        }
    }

    private func take(_ seen: Result<[Trouble], PostgresError>, at now: ContinuousClock.Instant) -> News {
        state.withLock { state in
            var troubles: [Trouble]
            switch seen {
            case .success(let found):
                state.silentSince = nil
                if !found.contains(where: { $0.cause == .schemaTooNew }) { state.hasFitted = true }
                troubles = found.filter { !state.hasFitted || $0.cause != .schemaTooNew }
            case .failure(let error):
                let since = state.silentSince ?? now
                state.silentSince = since
                troubles = [
                    Trouble(error.cause, detail: error.description, seconds: (now - since) / .seconds(1))
                ]
            }
            if let refusal = state.refusal, now - refusal.at < Self.refusalLasts {
                let seconds = (now - refusal.since) / .seconds(1)
                troubles.append(Trouble(.writesRefused, detail: refusal.text, seconds: seconds))
            }
            if let trial = state.trial, var trouble = trial.refusal, state.silentSince == nil {
                trouble.seconds = (now - trial.since) / .seconds(1)
                troubles.append(trouble)
            }
            let news = News(troubles, after: state.troubles, saidAt: state.saidAt, at: now, every: Self.repeatAfter)
            state.saidAt = news.saidAt
            state.troubles = troubles
            return news
        }
    }

    private func say(_ news: News) {
        for (cause, gauge) in gauges { gauge.record(news.troubles.count { $0.cause == cause }) }
        for trouble in news.said { logger.error("Sending is in trouble", metadata: Self.metadata(trouble)) }
        for trouble in news.over { logger.notice("A trouble is over", metadata: Self.metadata(trouble, isOver: true)) }
    }

    private static func metadata(_ trouble: Trouble, isOver: Bool = false) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["cause": "\(trouble.cause.rawValue)", "detail": "\(trouble.detail)"]
        if !trouble.scope.isEmpty { metadata["scope"] = "\(trouble.scope)" }
        metadata["seconds"] = "\(Int(trouble.seconds))"
        if !isOver { metadata["remedy"] = "\(trouble.remedy)" }
        return metadata
    }
}

extension PostgresError {
    /// Tables or columns that are not there are a schema that is too old: the program is looked at by its own statements.
    fileprivate var cause: Trouble.Cause {
        switch sqlState?.code {
        case "42P01", "42703", "42883", "3F000": .schemaTooOld
        default: .databaseUnreachable
        }
    }
}

extension Trouble {
    /// Whether it keeps more from being sent than one campaign.
    var stopsAll: Bool { cause != .campaignStopped && cause != .prefixPumped && cause != .sealKeyMissing }

    /// Whether a gateway that meets it cannot store what providers and people say.
    var stopsWebhooks: Bool {
        switch cause {
        case .databaseUnreachable, .databaseReadOnly, .schemaTooOld, .schemaTooNew: true
        case .writesRefused: scope != Self.newPages
        case .databaseDisplaced, .noWorker, .senderPaused, .channelStopped, .tlsFails, .providerUnreachable,
            .providerFails, .providerLimits, .campaignStopped, .prefixPumped, .sealKeyMissing:
            false
        }
    }
}

/// What there is to say after a look: what is new or was not said for long, and what is over.
struct News {
    let troubles: [Trouble]
    private(set) var said: [Trouble] = []
    let over: [Trouble]
    private(set) var saidAt: [Trouble.Key: ContinuousClock.Instant] = [:]

    init(
        _ troubles: [Trouble], after earlier: [Trouble], saidAt: [Trouble.Key: ContinuousClock.Instant],
        at now: ContinuousClock.Instant, every interval: Duration
    ) {
        self.troubles = troubles
        let keys = Set(troubles.map(\.key))
        over = earlier.filter { !keys.contains($0.key) }
        for trouble in troubles {
            if let last = saidAt[trouble.key], now - last < interval {
                self.saidAt[trouble.key] = last
            } else {
                said.append(trouble)
                self.saidAt[trouble.key] = now
            }
        }
    }
}
