import Delivery
import Inbox
import Metrics
import Providers

/// What the worker counts. Dimensions are fixed words, never ids.
enum WorkerMetrics {
    static func taken(_ count: Int) {
        Counter(label: "outrider.jobs.taken").increment(by: count)
    }

    /// Jobs that are held because this version cannot read them.
    static func unreadable(_ count: Int) {
        Counter(label: "outrider.jobs.unreadable").increment(by: count)
    }

    static func answered(_ channel: Channel, _ answer: Answer) {
        Counter(
            label: "outrider.attempts",
            dimensions: [
                ("channel", channel.rawValue), ("provider", channel.provider.rawValue),
                (JobEvent.Kind.answer.rawValue, word(answer).rawValue),
            ]
        ).increment()
    }

    static func reconciled(_ result: String) {
        Counter(label: "outrider.reconciliations", dimensions: [("result", result)]).increment()
    }

    static func rescued(lost: Int, looks: Int) {
        Counter(label: "outrider.leases.rescued").increment(by: looks)
        Counter(label: "outrider.attempts.lost").increment(by: lost)
    }

    /// A code that `error_codes` does not have: its class was assumed.
    static func unknownCode(_ provider: String) {
        Counter(label: "outrider.codes.unknown", dimensions: [("provider", provider)]).increment()
    }

    static func recordFailed() {
        Counter(label: "outrider.records.failed").increment()
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

    private static func word(_ answer: Answer) -> JobEvent.Answer.Word {
        switch answer {
        case .accepted: .accepted
        case .refused: .refused
        case .notSent: .notSent
        case .unknown: .unknown
        }
    }
}
