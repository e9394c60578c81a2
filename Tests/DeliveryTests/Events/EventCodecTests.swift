import Testing

@testable import Delivery

@Suite("The columns of an event")
struct EventCodecTests {
    @Test("say the same after writing and reading again", arguments: JobEvent.samples)
    func roundTrip(_ event: JobEvent) {
        #expect(JobEvent(event.columns) == event)
    }

    @Test("are those that stand in databases already", arguments: stored)
    func words(_ row: Stored) {
        #expect(row.event.columns == row.columns)
        #expect(JobEvent(row.columns) == row.event)
    }

    @Test("every kind of event has its samples, and every payload that decides something")
    func samples() {
        // A new case does not compile until `sampleNumber` knows it, and then this fails until it has a sample.
        let sampled = Set(JobEvent.samples.map(\.sampleNumber))
        #expect(sampled == Set(0..<JobEvent.sampleCount))
        let kinds = Set(JobEvent.samples.map(\.columns.kind))
        #expect(kinds.isSuperset(of: JobEvent.Kind.allCases.map(\.rawValue)))
        let facts = Set(JobEvent.samples.compactMap(\.fact))
        #expect(facts == Set(AttemptFact.all))
    }

    @Test("no two events that differ in kind or status share a key", arguments: [1, 2])
    func keys(_ generation: Int) {
        for one in JobEvent.samples {
            for other in JobEvent.samples {
                let isSame =
                    EventKey(jobID: 1, generation: generation, one) == EventKey(jobID: 1, generation: generation, other)
                let (left, right) = (one.columns, other.columns)
                #expect(isSame == (left.kind == right.kind && left.status == right.status))
            }
        }
    }

    @Test("that a newer release wrote are all kept, whatever is made of them", arguments: foreign)
    func kept(_ columns: EventColumns) {
        let event = RecordedEvent(jobID: 1, generation: 1, at: Instant(microseconds: 0), reading: columns)
        #expect(event.columns == columns)
    }

    @Test("with a word of a newer release still say what happened")
    func newWords() {
        func read(_ kind: String, _ status: String, code: String? = nil, failure: String? = nil) -> JobEvent {
            JobEvent(EventColumns(kind: kind, status: status, code: code, failure: failure))
        }
        #expect(read("answer", "refused", failure: "brand_new").fact == .refused(.unknown))
        #expect(read("receipt", "failed", failure: "brand_new").fact == .failed(.unknown))
        #expect(read("next", "decided", code: "brand_new") == .decided(nil, step: nil))
        #expect(read("outcome", "ended", code: "brand_new") == .ended(nil))
        #expect(read("answer", "skipped", code: "brand_new").fact == nil)
        #expect(read("reconciled", "listing 0") == .unrecognised(EventColumns(kind: "reconciled", status: "listing 0")))
    }

    struct Stored: Sendable, CustomTestStringConvertible {
        var event: JobEvent
        var columns: EventColumns

        var testDescription: String { "\(columns.kind) \(columns.status)" }
    }

    private static let stored: [Stored] = [
        .init(event: .intent(token: "t"), columns: .init(kind: "intent", status: "taken", token: "t")),
        .init(
            event: .answered(.accepted(providerID: "SM1", note: "queued")),
            columns: .init(kind: "answer", status: "accepted", providerID: "SM1", reason: "queued")),
        .init(
            event: .answered(.refused(code: "21610", .optedOut, reason: "HTTP 400", retryAfter: .seconds(7))),
            columns: .init(
                kind: "answer", status: "refused", code: "21610", failure: "opted_out", reason: "HTTP 400",
                detail: ["retry_after": 7])),
        .init(
            event: .answered(.notSent(reason: "busy", isRateLimited: true, retryAfter: .seconds(3))),
            columns: .init(
                kind: "answer", status: "not_sent", failure: "rate_limited", reason: "busy",
                detail: ["retry_after": 3])),
        .init(event: .answered(.unknown()), columns: .init(kind: "answer", status: "unknown")),
        .init(event: .answered(.lost()), columns: .init(kind: "answer", status: "lost")),
        .init(
            event: .answered(.skipped(.windowClosed)),
            columns: .init(kind: "answer", status: "skipped", code: "window_closed")),
        .init(
            event: .receipt(.init(status: "delivered", .reached(.delivered), providerID: "SM1")),
            columns: .init(kind: "receipt", status: "delivered", level: "delivered", providerID: "SM1")),
        .init(
            event: .receipt(.init(status: "undelivered 30003", .failed(.unreachable), code: "30003")),
            columns: .init(kind: "receipt", status: "undelivered 30003", code: "30003", failure: "unreachable")),
        .init(
            event: .decided(.escalate, step: 1, reason: "no receipt in time"),
            columns: .init(
                kind: "next", status: "decided", code: "escalate", reason: "no receipt in time",
                detail: ["next_step": 1])),
        .init(
            event: .deferred(number: 3, .quietHours, until: Instant(microseconds: 5)),
            columns: .init(
                kind: "deferred", status: "3", code: "quiet_hours", reason: "it is night where the person lives",
                detail: ["until": 5])),
        .init(event: .held(reason: "doubt"), columns: .init(kind: "held", status: "held", reason: "doubt")),
        .init(event: .released(asSent: true), columns: .init(kind: "released", status: "sent")),
        .init(event: .released(asSent: false), columns: .init(kind: "released", status: "not_sent")),
        .init(event: .reconciled(.listing(1)), columns: .init(kind: "reconciled", status: "listing 1")),
        .init(event: .reconciled(.unavailable(2)), columns: .init(kind: "reconciled", status: "unavailable 2")),
        .init(event: .reconciled(.unread(3)), columns: .init(kind: "reconciled", status: "unread 3")),
        .init(
            event: .reconciled(.resolved(.callback, providerID: "SM1")),
            columns: .init(kind: "reconciled", status: "resolved", code: "callback", providerID: "SM1")),
        .init(
            event: .reconciled(.lateDelivery(after: .escalate)),
            columns: .init(kind: "reconciled", status: "late delivery", code: "escalate")),
        .init(
            event: .reconciled(.duplicate(of: .resend)),
            columns: .init(kind: "reconciled", status: "duplicate", code: "resend")),
        .init(
            event: .reconciled(.ending(.asked, .optedOut)),
            columns: .init(kind: "reconciled", status: "asked to end", code: "opted_out")),
        .init(
            event: .reconciled(.ending(.ended, .canceled, reason: "r")),
            columns: .init(kind: "reconciled", status: "ended", code: "canceled", reason: "r")),
        .init(
            event: .reconciled(.ending(.tooLate, .notNeeded)),
            columns: .init(kind: "reconciled", status: "too late", code: "not_needed")),
        .init(
            event: .ended(.optedOut, reason: "said STOP"),
            columns: .init(kind: "outcome", status: "ended", code: "opted_out", reason: "said STOP")),
    ]

    private static let foreign: [EventColumns] =
        stored.flatMap { row in
            var (status, code, other) = (row.columns, row.columns, row.columns)
            status.status += " anew"
            code.code = "brand_new"
            (other.failure, other.level, other.token) = ("brand_new", "brand_new", "x")
            (other.detail["brand_new"], other.providerID, other.reason) = (1, "y", "z")
            return [status, code, other]
        } + [EventColumns(kind: "", status: ""), EventColumns(kind: "acknowledged", status: "by ann")]
}
