import Delivery
import JobQueue
import Testing

@Suite("The history of a job")
struct HistoryTests {
    private static let rows = [
        EventRow(generation: 1, kind: "intent", status: "taken", at: 10, step: 0, token: "t1"),
        EventRow(generation: 1, kind: "answer", status: "accepted", at: 20, step: 0, providerID: "SM1"),
        EventRow(
            generation: 1, kind: "receipt", status: "undelivered", at: 30, step: 0, code: "30003",
            failure: "unreachable"),
        EventRow(generation: 1, kind: "next", status: "decided", at: 40, step: 0, code: "escalate"),
        EventRow(generation: 2, kind: "intent", status: "taken", at: 50, step: 1, token: "t2"),
        EventRow(generation: 2, kind: "answer", status: "unknown", at: 60, step: 1),
        EventRow(generation: 2, kind: "next", status: "decided", at: 70, step: 1, code: "resend"),
        EventRow(generation: 3, kind: "intent", status: "taken", at: 80, step: 1, token: "t3"),
        EventRow(generation: 3, kind: "held", status: "held", at: 90, step: 1),
        EventRow(generation: 0, kind: "outcome", status: "ended", at: 100, code: "delivered"),
    ]

    @Test("is the same whatever the order of its rows")
    func anyOrder() {
        let history = JobHistory(Self.rows)
        var random = SystemRandomNumberGenerator()
        for _ in 1...200 {
            #expect(JobHistory(Self.rows.shuffled(using: &random)) == history)
        }
    }

    @Test("tells attempts, tokens, ids, resends, holds and the end")
    func content() {
        let history = JobHistory(Self.rows)
        #expect(history.attempts.map(\.generation) == [1, 2, 3] && history.attempts.map(\.step) == [0, 1, 1])
        #expect(history.attempts.map(\.isResend) == [false, false, true])
        #expect(history.attempts.map(\.isContinued) == [true, true, false])
        #expect(history.attempts.map(\.isHeld) == [false, false, true])
        #expect(history.tokens == [1: "t1", 2: "t2", 3: "t3"] && history.providerIDs == [1: "SM1"])
        #expect(history.attempts[0].begunAt == Instant(microseconds: 10) && history.isEnded)
    }

    @Test("a hold that a person released is no hold")
    func released() {
        let release = EventRow(generation: 3, kind: "released", status: "not_sent", at: 95)
        #expect(JobHistory(Self.rows + [release]).attempts.last?.isHeld == false)
    }
}
