import Delivery
import Testing

@Suite("The history of a job")
struct JobHistoryTests {
    private static func event(_ generation: Int, at: Int64, step: Int? = nil, _ event: JobEvent) -> RecordedEvent {
        RecordedEvent(jobID: 1, generation: generation, step: step, at: Instant(microseconds: at), event)
    }

    private static let events = [
        event(1, at: 10, step: 0, .intent(token: "t1")),
        event(1, at: 20, step: 0, .answered(.accepted(providerID: "SM1"))),
        event(1, at: 30, step: 0, .receipt(.init(status: "undelivered", .failed(.unreachable), code: "30003"))),
        event(1, at: 40, step: 0, .decided(.escalate, step: 1)),
        event(2, at: 50, step: 1, .intent(token: "t2")),
        event(2, at: 60, step: 1, .answered(.unknown())),
        event(2, at: 61, step: 1, .reconciled(.listing(1))),
        event(2, at: 65, step: 1, .reconciled(.listing(2))),
        event(2, at: 70, step: 1, .decided(.resend, step: 1)),
        event(3, at: 80, step: 1, .intent(token: "t3")),
        event(3, at: 90, step: 1, .held()),
        event(0, at: 100, .ended(.delivered)),
    ]

    @Test("is the same whatever the order of its events, and however often each is told")
    func anyOrder() {
        let history = JobHistory(Self.events)
        var random = SystemRandomNumberGenerator()
        for _ in 1...200 {
            #expect(JobHistory(Self.events.shuffled(using: &random)) == history)
        }
        #expect(JobHistory(Self.events + Self.events) == history)
    }

    @Test("tells attempts, tokens, ids, listings, doubts, resends, holds and the end")
    func content() {
        let history = JobHistory(Self.events)
        #expect(history.attempts.map(\.generation) == [1, 2, 3] && history.attempts.map(\.step) == [0, 1, 1])
        #expect(history.attempts.map(\.isResend) == [false, false, true])
        #expect(history.attempts.map(\.isContinued) == [true, true, false])
        #expect(history.attempts.map(\.isHeld) == [false, false, true])
        #expect(history.attempts.map(\.listings) == [0, 2, 0] && history.attempts[1].listedAt?.microseconds == 65)
        #expect(history.doubted == [2] && history.answered == [1])
        #expect(history.tokens == [1: "t1", 2: "t2", 3: "t3"] && history.providerIDs == [1: "SM1"])
        #expect(history.attempts[0].begunAt == Instant(microseconds: 10) && history.isEnded)
    }

    @Test("a hold that a person released is no hold, and a doubt that was resolved is no doubt")
    func over() {
        let release = Self.event(3, at: 95, .released(asSent: false))
        #expect(JobHistory(Self.events + [release]).attempts.last?.isHeld == false)
        #expect(JobHistory([release] + Self.events).attempts.last?.isHeld == false)
        let resolved = Self.event(2, at: 66, .reconciled(.resolved(.callback)))
        #expect(JobHistory(Self.events + [resolved]).doubted.isEmpty)
    }

    @Test("the answer's id of a message counts before a receipt's, and of those the first")
    func ids() {
        let receipts = [("SM7", 30), ("SM8", 20)].map { id, at in
            Self.event(1, at: Int64(at), .receipt(.init(status: id, .progress, providerID: id)))
        }
        #expect(JobHistory(receipts).providerIDs == [1: "SM8"])
        let answer = Self.event(1, at: 40, .answered(.accepted(providerID: "SM1")))
        #expect(JobHistory(receipts + [answer]).providerIDs == [1: "SM1"])
    }

    @Test("a deferral begins no attempt, and its number is remembered")
    func deferred() {
        let deferred = (1...3).map { Self.event(1, at: Int64($0), .deferred(number: $0, .quietHours, until: nil)) }
        #expect(JobHistory(deferred).attempts.isEmpty && JobHistory(deferred).deferrals == [1: 3])
        let begun = JobHistory(deferred + [Self.event(1, at: 50, step: 0, .intent(token: "t"))])
        #expect(begun.attempts.map(\.begunAt.microseconds) == [50])
    }

    @Test("what a newer release wrote changes nothing, except that it happened where its kind is known")
    func newer() {
        let unknown = ["answer", "next", "acknowledged"].map { kind in
            RecordedEvent(
                jobID: 1, generation: 2, step: 9, at: Instant(microseconds: 1),
                reading: EventColumns(kind: kind, status: "brand new"))
        }
        #expect(JobHistory(Self.events + unknown) == JobHistory(Self.events))
        let reroute = RecordedEvent(
            jobID: 1, generation: 3, at: Instant(microseconds: 99),
            reading: EventColumns(kind: "next", status: "decided", code: "brand new"))
        #expect(JobHistory(Self.events + [reroute]).attempts[2].isContinued)
    }
}
