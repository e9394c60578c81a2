import Delivery
import JobQueue
import Logging
import Providers
import Synchronization
import Testing

@testable import Worker

@Suite("How a loop takes", .timeLimit(.minutes(1)))
struct TakeLoopTests {
    /// One loop over one lane, whose sends are answered at once, on a clock of the test's own.
    private struct Bench: Sendable {
        let clock: SteppedClock
        let store: QueueOfOneLane
        let throttles: SendThrottles
        let bulkheads: Bulkheads
        let rates = RateLedger()
        let campaigns = CampaignLedger()
        let leases = LeaseLedger()

        init(rows: Int, rate: Double?, campaignRate: Double? = nil, isDead: (Int) -> Bool = { _ in false }) {
            clock = SteppedClock()
            store = QueueOfOneLane(
                rows: rows, rate: rate, campaignRate: campaignRate, clock: clock, isDead: isDead)
            throttles = SendThrottles(clock: clock.work)
            bulkheads = Bulkheads(concurrency: 64, clock: clock.work)
        }

        /// One round of the loop. A round has a signal of its own, so that it can be seen whether it woke itself.
        func round(_ book: inout LaneBook) async -> Bool {
            let signal = Signal()
            let loop = TakeLoop(
                priorities: 2...3, store: store, bulkheads: bulkheads, rates: rates, campaigns: campaigns,
                throttles: throttles, rules: RuleBook(store: store, clock: clock.work), leases: leases,
                identity: WorkerIdentity(clock: clock.work), configuration: WorkerConfiguration(),
                gate: AskGate(perSecond: 10), signal: signal, clock: clock.work, logger: Logger(label: "test"),
                onWrite: { _ in })
            await loop.takeAll(&book, sweeping: false)
            signal.finish()
            for await _ in signal.stream { return true }
            return false
        }

        /// The loop is woken by itself, and four times a second, until so much time has passed or all is taken.
        func poll(_ book: inout LaneBook, for span: Duration) async {
            let end = clock.passed + span
            var polls = 0
            while clock.passed < end, store.waiting > 0 {
                let polledAt = clock.passed
                while await round(&book) {}
                polls += 1
                let next = polledAt + .milliseconds(200 + polls * 37 % 100)
                clock.pass(max(.milliseconds(1), next - clock.passed))
                while bulkheads.room(for: Sample.lane()) < 64 { await Task.yield() }
            }
        }

        func working(_ body: () async throws -> Void) async rethrows {
            async let running: Void = bulkheads.run(sending: { _ in }, asking: { _ in })
            while bulkheads.room(for: Sample.lane()) < 64 { await Task.yield() }
            try await body()
            bulkheads.finish()
            clock.pass(.seconds(10))
            await running
        }
    }

    /// Sends that are under way until the test ends them.
    private final class Underway: Sendable {
        private let state = Mutex<(sends: [CheckedContinuation<Void, Never>], isOver: Bool)>(([], false))

        var count: Int { state.withLock { $0.sends.count } }

        @Sendable func send(_: BegunSend) async {
            await withCheckedContinuation { send in
                let isOver = state.withLock { state in
                    if !state.isOver { state.sends.append(send) }
                    return state.isOver
                }
                if isOver { send.resume() }
            }
        }

        func endAll(forGood: Bool = false) {
            let sends = state.withLock { state in
                state.isOver = forGood
                defer { state.sends = [] }
                return state.sends
            }
            for send in sends { send.resume() }
        }
    }

    @Test("a lane takes little room only for what is urgent")
    func littleRoom() async {
        let (clock, underway) = (StandingClock(isOpen: false), Underway())
        let bulkheads = Bulkheads(concurrency: 2, clock: clock.work)
        func begin(_ count: Int, of all: Int) async {
            bulkheads.send(
                (1...all).map { Sample.job($0) }, of: Sample.lane(), lease: 1, startedAt: clock.work.now,
                readAt: clock.work.now, pacing: nil)
            while underway.count < count { await Task.yield() }
        }
        async let running: Void = bulkheads.run(sending: underway.send, asking: { _ in })
        await begin(1, of: 1)
        clock.pass(.milliseconds(100))  // So three are taken ahead.
        underway.endAll()
        while bulkheads.room(for: Sample.lane()) < 5 { await Task.yield() }
        await begin(2, of: 4)
        #expect(bulkheads.room(for: Sample.lane()) == 0)
        #expect(bulkheads.room(for: Sample.lane(priority: 1)) > 0)
        underway.endAll(forGood: true)
        bulkheads.finish()
        await running
    }

    @Test(
        "what a take begins is spread over the window: by the sender's rate, the campaign's, or the slower of both",
        arguments: [(nil, 10, 6), (100, 10, 6), (10, 100, 6), (100, nil, 10), (nil, nil, 10)])
    func spread(sender: Int?, campaign: Int?, begun: Int) async {
        let (clock, underway) = (StandingClock(isOpen: false), Underway())
        let bulkheads = Bulkheads(concurrency: 64, clock: clock.work)
        async let running: Void = bulkheads.run(sending: underway.send, asking: { _ in })
        // As if the take had begun half a window ago.
        let startedAt = clock.work.now - .milliseconds(460)
        func pacing(_ perWindow: Int?) -> Pacing? { perWindow.map { Pacing(perWindow: $0, milliseconds: 1000) } }
        bulkheads.send(
            (1...10).map { Sample.job($0) }, of: Sample.lane(), lease: 1, startedAt: startedAt, readAt: startedAt,
            pacing: pacing(sender), campaign: pacing(campaign))
        while underway.count < begun { await Task.yield() }
        for _ in 1...100 { await Task.yield() }
        #expect(underway.count == begun)
        clock.open()
        bulkheads.finish()
        while underway.count < 10 { await Task.yield() }
        underway.endAll(forGood: true)
        await running
    }

    @Test("a sender's rate is used, and what waits behind it is not read again and again", arguments: [10.0, 20, 100])
    func rate(_ rate: Double) async {
        let bench = Bench(rows: Int(rate) * 100, rate: rate)
        await bench.working {
            var book = LaneBook(priorities: 2...3)
            await bench.poll(&book, for: .seconds(30))
            let figures = bench.store.figures
            #expect(Double(figures.begun.count) >= 0.95 * rate * 30)
            #expect(figures.windows.count <= 31 && figures.begun.count <= figures.windows.count * Int(rate))
            // What is sent, and eight rows at each of five looks a second at most.
            #expect(figures.rows - figures.begun.count <= 30 * 5 * 8)
            #expect(figures.takes <= 30 * 7)
        }
    }

    @Test(
        "a campaign's rate is used inside the sender's and without one, and no window is over",
        arguments: [10.0, 25, 100], [nil, 10, 150])
    func campaignRate(_ rate: Double, sender: Double?) async {
        let bench = Bench(rows: Int(rate) * 100, rate: sender, campaignRate: rate)
        await bench.working {
            var book = LaneBook(priorities: 2...3)
            await bench.poll(&book, for: .seconds(30))
            let figures = bench.store.figures
            let perWindow = Dictionary(grouping: figures.begun, by: { $0.components.seconds }).mapValues(\.count)
            #expect(perWindow.values.allSatisfy { $0 <= Int(rate) })
            #expect(Double(figures.begun.count) >= 0.95 * min(rate, sender ?? rate) * 30)
            // What is sent, and eight rows at each of five looks a second at most.
            #expect(figures.rows - figures.begun.count <= 30 * 5 * 8)
            #expect(figures.takes <= 30 * 7)
        }
    }

    @Test("rows of a campaign that need no send are done with, whatever its rate")
    func deadOfCampaign() async {
        let bench = Bench(rows: 2_100, rate: nil, campaignRate: 10) { $0 <= 2_000 }
        await bench.working {
            var book = LaneBook(priorities: 2...3)
            await bench.poll(&book, for: .seconds(30))
            #expect(bench.store.figures.dead == 2_000 && bench.store.figures.begun.count == 100)
            #expect(bench.store.figures.begun.allSatisfy { $0 < .seconds(13) })
        }
    }

    @Test(
        "9,000 rows that need no send stand before 100 living ones at ten a second, and hold them up by less than a second"
    )
    func deadRows() async {
        let bench = Bench(rows: 9_100, rate: 10) { $0 <= 9_000 }
        await bench.working {
            var book = LaneBook(priorities: 2...3)
            await bench.poll(&book, for: .seconds(60))
            #expect(bench.store.figures.dead == 9_000 && bench.store.figures.begun.count == 100)
            #expect(bench.store.figures.begun.allSatisfy { $0 < .seconds(11) })
        }
    }

    @Test("rows that need no send are done with while the provider wants nothing, and no window is taken for it")
    func throttled() async {
        let bench = Bench(rows: 1_010, rate: 10) { $0 <= 1_000 }
        await bench.working {
            for _ in 1...3 {
                bench.throttles.answered(
                    Sample.job(1), by: 1, begunAt: bench.clock.work.now,
                    .notSent(reason: "429", retryAfter: .seconds(60), isRateLimited: true))
            }
            var book = LaneBook(priorities: 2...3)
            await bench.poll(&book, for: .seconds(10))
            let figures = bench.store.figures
            #expect(figures.dead == 1_000 && figures.begun.isEmpty && figures.windows.isEmpty)
            // Ten doubled takes that clear, and then one a second.
            #expect(figures.takes <= 30)
        }
    }

    @Test("a debt of several windows is paid off by winning them")
    func debt() async {
        let bench = Bench(rows: 1_000, rate: 10)
        await bench.working {
            var book = LaneBook(priorities: 2...3)
            await bench.poll(&book, for: .milliseconds(500))
            let before = bench.store.figures.begun.count
            bench.rates.owe(30, sender: 1)
            await bench.poll(&book, for: .seconds(8))
            #expect(before == 10 && (before + 40...before + 60).contains(bench.store.figures.begun.count))
        }
    }
}
