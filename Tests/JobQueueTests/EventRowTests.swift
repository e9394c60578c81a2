import Delivery
import Testing

@testable import JobQueue

@Suite("The history that a take carries")
struct EventRowTests {
    private let intent = #"[1, "intent", "taken", 1764117555123456, 0, null, null, null, null, "t1", null]"#

    @Test("each column has its place, and a later release may put more behind them")
    func columns() throws {
        let receipt = """
            [2, "receipt", "undelivered 30003", 1764117555123457, 1, "30003", "unreachable", "sent", "SM1", null,
             {"retry_after": 7, "note": "new", "share": 0.5}, "more"]
            """
        let events = try EventRow.events("[\(intent),\n \(receipt)]", of: 42)
        #expect(
            events == [
                RecordedEvent(
                    jobID: 42, generation: 1, step: 0, at: Instant(microseconds: 1_764_117_555_123_456),
                    reading: EventColumns(kind: "intent", status: "taken", token: "t1")),
                RecordedEvent(
                    jobID: 42, generation: 2, step: 1, at: Instant(microseconds: 1_764_117_555_123_457),
                    reading: EventColumns(
                        kind: "receipt", status: "undelivered 30003", code: "30003", failure: "unreachable",
                        level: "sent", providerID: "SM1", detail: ["retry_after": 7])),
            ])
    }

    @Test(
        "what is no list of rows is unreadable, and not an empty history",
        arguments: [
            "", "null", "{}", "[1]", "[[]]", #"[{"g":1}]"#,
            #"[[1, "intent", "taken", 1, 0, null, null, null, null, "t"]]"#,
            #"[["1", "intent", "taken", 1, 0, null, null, null, null, null, null]]"#,
            #"[[1, null, "taken", 1, 0, null, null, null, null, null, null]]"#,
            #"[[1, "intent", "taken", 1.5, 0, null, null, null, null, null, null]]"#,
        ])
    func unreadable(_ text: String) {
        #expect(throws: StoreError.self) { try EventRow.events(text, of: 1) }
    }
}
