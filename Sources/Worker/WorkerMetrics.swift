import Delivery
import Inbox
import JobQueue
import Metrics
import Providers

/// What the worker counts. Dimensions are fixed words, never ids.
enum WorkerMetrics {
    /// Makes every series, at 0: a rule on an increase would miss the first event of one that is born by it.
    static func begin() {
        taken(0)
        unreadable(0)
        rescued(lost: 0, looks: 0, workers: 0)
        records.increment(by: 0)
        for channel in Channel.allCases {
            for answer in JobEvent.Answer.Word.sent { attempts(channel, answer).increment(by: 0) }
        }
        for result in ["found", "not_found", "unavailable", "given_up"] { reconciliations(result).increment(by: 0) }
        for result in ["told", "nothing", "invalid", "failed", "limited", "timed_out", "left_out"] {
            lookups(result).increment(by: 0)
        }
        for table in CodeTable.allCases { codes(table.rawValue).increment(by: 0) }
        for how in ["one", "page", "mail", "mails", "given_up"] { polled(how, count: 0) }
        caughtUp([])
        for outcome in Firing.Outcome.allCases { firings(outcome).increment(by: 0) }
        for priority in 0...3 { _ = queueWait(priority) }
        for provider in ProviderName.allCases { _ = sendTime(provider) }
    }

    static func taken(_ count: Int) {
        Counter(label: "outrider.jobs.taken").increment(by: count)
    }

    /// Jobs that are held because this version cannot read them.
    static func unreadable(_ count: Int) {
        Counter(label: "outrider.jobs.unreadable").increment(by: count)
    }

    static func answered(_ channel: Channel, _ answer: SendReading) {
        attempts(channel, word(answer)).increment()
    }

    /// From the time at which a send was due until its intent.
    static func waited(_ duration: Duration, priority: Int) {
        queueWait(priority).recordNanoseconds(duration.nanoseconds)
    }

    /// How long a request that sends a message took.
    static func sent(_ provider: ProviderName, in duration: Duration) {
        sendTime(provider).recordNanoseconds(duration.nanoseconds)
    }

    static func reconciled(_ result: String) {
        reconciliations(result).increment()
    }

    /// A number before a message to it: `told` what it is, `nothing` where the package failed, `left_out` when nobody was asked.
    static func lookedUp(_ result: String) {
        lookups(result).increment()
    }

    static func rescued(lost: Int, looks: Int, workers: Int) {
        Counter(label: "outrider.workers.found_dead").increment(by: workers)
        Counter(label: "outrider.leases.rescued").increment(by: looks)
        Counter(label: "outrider.attempts.lost").increment(by: lost)
    }

    /// A code that `error_codes` does not have: its class was assumed.
    static func unknownCode(_ provider: String) {
        codes(provider).increment()
    }

    static func recordFailed() {
        records.increment()
    }

    /// A question about what became of messages: about `one`, or a `page` of many; about one `mail`, or many `mails`;
    /// `given_up` when the provider wanted to be left alone.
    static func polled(_ how: String, count: Int = 1) {
        Counter(label: "outrider.polls", dimensions: [("how", how)]).increment(by: count)
    }

    /// What people wrote, found in the provider's list: `new` when no webhook had brought it.
    static func caughtUp(_ fates: [Arrival.Fate]) {
        for fate in [Arrival.Fate.new, .repeated] {
            Counter(label: "outrider.catch_up.messages", dimensions: [("fate", fate.rawValue)])
                .increment(by: fates.count { $0 == fate })
        }
    }

    /// A schedule's time came.
    static func scheduleFired(_ outcome: Firing.Outcome) {
        firings(outcome).increment()
    }

    // MARK: Series

    private static func firings(_ outcome: Firing.Outcome) -> Counter {
        Counter(label: "outrider.schedules.firings", dimensions: [(JobEvent.Kind.outcome.rawValue, outcome.rawValue)])
    }

    private static func attempts(_ channel: Channel, _ answer: JobEvent.Answer.Word) -> Counter {
        Counter(
            label: "outrider.attempts",
            dimensions: [
                ("channel", channel.rawValue), ("provider", channel.provider.rawValue),
                (JobEvent.Kind.answer.rawValue, answer.rawValue),
            ])
    }

    private static func reconciliations(_ result: String) -> Counter {
        Counter(label: "outrider.reconciliations", dimensions: [("result", result)])
    }

    private static func lookups(_ result: String) -> Counter {
        Counter(label: "outrider.lookups", dimensions: [("result", result)])
    }

    private static func codes(_ provider: String) -> Counter {
        Counter(label: "outrider.codes.unknown", dimensions: [("provider", provider)])
    }

    private static var records: Counter { Counter(label: "outrider.records.failed") }

    private static func queueWait(_ priority: Int) -> Timer {
        Timer(label: "outrider.queue.wait", dimensions: [("priority", "\(priority)")])
    }

    private static func sendTime(_ provider: ProviderName) -> Timer {
        Timer(label: "outrider.send.duration", dimensions: [("provider", provider.rawValue)])
    }

    private static func word(_ answer: SendReading) -> JobEvent.Answer.Word {
        switch answer {
        case .accepted: .accepted
        case .refused: .refused
        case .notSent: .notSent
        case .unknown: .unknown
        }
    }
}

extension JobEvent.Answer.Word {
    /// What a request can end in. *Lost* and *skipped* are said without one.
    fileprivate static let sent: [JobEvent.Answer.Word] = [.accepted, .refused, .notSent, .unknown]
}

extension Duration {
    /// Saturated; a negative one is 0.
    fileprivate var nanoseconds: Int64 {
        let nanoseconds = self / .nanoseconds(1)
        return nanoseconds < 0 ? 0 : nanoseconds < 9e18 ? Int64(nanoseconds) : .max
    }
}
