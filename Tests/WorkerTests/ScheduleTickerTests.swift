import Delivery
import JobQueue
import Logging
import Postgres
import Synchronization
import Testing

@testable import Worker

/// Schedules that are due, some of which spoil whatever they are in.
private final class ScriptedFires: FireStore {
    enum Kind {
        case good, refused, unreadable
    }

    private struct State {
        var due: [Int: Kind]
        var fired: [Int] = []
        var putOff: [Int: String] = [:]
    }

    private let state: Mutex<State>

    init(_ due: [Int: Kind]) { state = Mutex(State(due: due)) }

    var fired: [Int] { state.withLock(\.fired) }
    var putOff: [Int: String] { state.withLock(\.putOff) }
    var due: [Int] { state.withLock { $0.due.keys.sorted() } }

    func advance(
        atMost count: Int, _ decide: @Sendable ([DueSchedule]) -> [ScheduleAdvance]
    ) async throws(StoreError) -> [Firing] {
        let batch = state.withLock { state in state.due.sorted { $0.key < $1.key }.prefix(count) }
        guard let everyMinute = try? CronExpression("* * * * *") else { return [] }
        let present = Instant(microseconds: 60_000_000)
        let advances = decide(
            batch.map { id, kind in
                DueSchedule(
                    id: id, schedule: kind == .unreadable ? nil : Schedule(id: id, cron: everyMinute), zone: .utc,
                    decidedUntil: Instant(microseconds: 0), present: present)
            })
        guard !batch.contains(where: { $0.value == .refused }) else {
            throw .database(.server(SQLState("55P03"), message: "lock timeout", constraint: nil))
        }
        return state.withLock { state in
            for advance in advances { state.due[advance.id] = nil }
            state.fired += advances.map(\.id)
            return advances.map { Firing(schedule: $0.id, nominal: present, outcome: .fired) }
        }
    }

    func putOff(_ schedule: Int, by pause: Duration, because problem: String) async throws(StoreError) {
        state.withLock { state in
            state.due[schedule] = nil
            state.putOff[schedule] = problem
        }
    }
}

@Suite("The schedule ticker", .timeLimit(.minutes(1)))
struct ScheduleTickerTests {
    /// Runs until the ticker waits for its next look.
    private func tick(_ store: ScriptedFires) async {
        let (waits, waiting) = AsyncStream.makeStream(of: Void.self)
        let clock = WorkClock(
            now: { .now },
            sleep: { _ in
                waiting.yield()
                try await Task.sleep(for: .seconds(3_600))  // Until it is cancelled.
            }, random: { .max })
        let ticker = ScheduleTicker(
            store, clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let run = Task { await ticker.run() }
        for await _ in waits { break }
        run.cancel()
        await run.value
    }

    @Test("all that are due are looked at in one go, however many there are")
    func many() async {
        let store = ScriptedFires(Dictionary(uniqueKeysWithValues: (1...95).map { ($0, .good) }))
        await tick(store)
        #expect(store.fired == Array(1...95))
        #expect(store.putOff.isEmpty)
    }

    @Test("what the database refuses of one keeps no other from firing: it is put off with the reason")
    func refused() async {
        var due = Dictionary(uniqueKeysWithValues: (1...50).map { ($0, ScriptedFires.Kind.good) })
        (due[1], due[7], due[30]) = (.refused, .refused, .refused)
        let store = ScriptedFires(due)
        await tick(store)
        #expect(Set(store.fired) == Set(1...50).subtracting([1, 7, 30]))
        #expect(store.fired.count == 47)
        #expect(store.putOff.keys.sorted() == [1, 7, 30])
        #expect(store.putOff.values.allSatisfy { $0.contains("lock timeout") })
    }

    @Test("one that this version cannot read is put off, and the others fire")
    func unreadable() async {
        let store = ScriptedFires([1: .unreadable, 2: .good, 3: .good])
        await tick(store)
        #expect(store.fired == [2, 3])
        #expect(store.putOff == [1: "this version cannot read its expression"])
        #expect(store.due.isEmpty)
    }
}
