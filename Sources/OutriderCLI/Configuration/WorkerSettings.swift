import Delivery
import Inbox
import Worker

/// How much a worker does at once, and how patiently.
struct WorkerSettings: Sendable {
    /// Requests to providers at once, 1–1000.
    let concurrency: Int
    /// How long work in flight may take after SIGTERM before it is cut off.
    let drain: Duration
    /// How long a send whose fate is unknown waits before the provider is asked.
    let reconcileDelay: Duration
    /// Between the two times it is asked.
    let reconcileSpacing: Duration
    /// How often what people wrote is looked up where no gateway serves, and whether one does where there should be one.
    let catchUpInterval: Duration
    /// Questions a second to providers about what became of messages.
    let pollsPerSecond: Int
    /// For callback URLs; without it receipts are polled.
    let publicURL: String?
    /// Where `outrider work` serves `/metrics` and `/healthz`; nil serves nothing.
    let metricsListen: ListenAddress?
    let links: LinkSettings
    let seal: SealSettings

    init?(_ reader: inout SettingsReader) {
        let concurrency = reader.value("OUTRIDER_WORKER_CONCURRENCY", .integer(1...1_000), default: 64)
        let drain = reader.value("OUTRIDER_DRAIN_SECONDS", .integer(1...600), default: 30)
        let delay = reader.value("OUTRIDER_RECONCILE_DELAY_SECONDS", .integer(1...3_600), default: 15)
        let spacing = reader.value("OUTRIDER_RECONCILE_SPACING_SECONDS", .integer(1...3_600), default: 75)
        let catchUp = reader.value("OUTRIDER_CATCH_UP_SECONDS", .integer(5...3_600), default: 30)
        let polls = reader.value("OUTRIDER_POLLS_PER_SECOND", .integer(1...1_000), default: 20)
        let publicURL = PublicAddress.optional(&reader)
        links = LinkSettings(&reader)
        seal = SealSettings(&reader)
        metricsListen = reader.optional("OUTRIDER_METRICS_LISTEN", .listenAddress)
        guard let concurrency, let drain, let delay, let spacing, let catchUp, let polls else { return nil }
        self.concurrency = concurrency
        self.drain = .seconds(drain)
        reconcileDelay = .seconds(delay)
        reconcileSpacing = .seconds(spacing)
        catchUpInterval = .seconds(catchUp)
        pollsPerSecond = polls
        self.publicURL = publicURL
    }

    var catchUp: CatchUpConfiguration {
        CatchUpConfiguration(interval: catchUpInterval, hastenedPerSecond: pollsPerSecond)
    }

    /// - Parameter channels: those whose provider there is an account for.
    func configuration(for channels: Set<Channel>) -> WorkerConfiguration {
        var timing = Timing(
            firstListing: reconcileDelay, listingSpacing: reconcileSpacing,
            firstPoll: publicURL == nil ? .seconds(2) : nil)
        timing.pollsMail = channels.contains(.email)
        return WorkerConfiguration(
            concurrency: concurrency, timing: timing, channels: channels, callbackBaseURL: publicURL,
            links: links.made, opener: ContentOpener(seal.seal), pollsPerSecond: pollsPerSecond)
    }
}
