import Delivery
import JobQueue
import Logging
import Testing

@testable import Worker

@Suite("Records, and when they are written", .timeLimit(.minutes(1)))
struct RecorderTests {
    /// A recorder whose commits take `commit`. Whoever sleeps is woken at once, and the clock is as far.
    private struct Bench {
        let clock = StandingClock(isOpen: true)
        let store: QueueOfOneLane
        let recorder: Recorder

        init(commit: Duration) {
            store = QueueOfOneLane(commit: commit, clock: clock)
            recorder = Recorder(
                store: store, identity: WorkerIdentity(clock: clock.work), leases: LeaseLedger(), clock: clock.work,
                logger: Logger(label: "test"), onWrite: { _ in })
        }

        /// How long the record waits, and how many are written with it.
        func wait(for record: Record) async -> (records: Int, waited: Duration) {
            let (commits, addedAt) = (store.figures.commits.count, clock.passed)
            await recorder.add(record, lease: 1)
            while store.figures.commits.count == commits { await Task.yield() }
            let commit = store.figures.commits[commits]
            return (commit.records, commit.at - addedAt)
        }
    }

    /// A record of a job of `priority` that goes on after `pause`.
    private static func record(priority: Int, after pause: Duration) -> Record {
        let event = RecordedEvent(
            jobID: 1, generation: 1, at: Sample.now, .answered(.notSent(reason: "test")))
        let dueRow = NewDueRow(
            jobID: 1, at: Sample.now.advanced(by: pause), reason: .decide, step: 0, generation: 1, ladderID: nil,
            channel: .sms, priority: priority)
        return Record(events: [event], dueRow: dueRow)
    }

    private static func working(commit: Duration, _ body: (Bench) async -> Void) async {
        let bench = Bench(commit: commit)
        async let running: Void = bench.recorder.run()
        await body(bench)
        bench.recorder.finish()
        await running
    }

    @Test("a record waits three times as long as a commit takes lately, within 5 and 40 ms")
    func gathers() async {
        let record = Self.record(priority: 3, after: .zero)
        for (commit, span) in [(1, 5), (10, 30), (100, 40)] {
            await Self.working(commit: .milliseconds(commit)) { bench in
                #expect(await bench.wait(for: record).waited == .milliseconds(5))
                while bench.clock.passed < .milliseconds(5 + commit) { await Task.yield() }
                #expect(await bench.wait(for: record).waited == .milliseconds(span))
            }
        }
    }

    @Test("a record that an urgent message goes on by waits for no others; one that only waits longer does")
    func pressing() async {
        await Self.working(commit: .milliseconds(100)) { bench in
            _ = await bench.wait(for: Self.record(priority: 3, after: .zero))
            while bench.clock.passed < .milliseconds(105) { await Task.yield() }
            #expect(await bench.wait(for: Self.record(priority: 1, after: .seconds(1))).waited <= .milliseconds(5))
            while bench.clock.passed < .milliseconds(205) { await Task.yield() }
            #expect(await bench.wait(for: Self.record(priority: 1, after: .seconds(20))).waited == .milliseconds(40))
        }
    }

    @Test("all that is there is written, in groups, though no more comes that would wake it")
    func groups() async {
        let bench = Bench(commit: .zero)
        for _ in 1...300 { await bench.recorder.add(Self.record(priority: 3, after: .zero), lease: 1) }
        async let running: Void = bench.recorder.run()
        while bench.store.figures.commits.map(\.records).reduce(0, +) < 300 { await Task.yield() }
        bench.recorder.finish()
        await running
        #expect(bench.store.figures.commits.map(\.records) == [128, 128, 44])
    }
}
