import Providers
import Synchronization
import Testing

@testable import Worker

@Suite("Slots, and what waits for them", .timeLimit(.minutes(1)))
struct WorkQueueTests {
    /// A queue whose items are under way until the test ends them.
    private final class Bench: Sendable {
        private struct State {
            var begun: [String] = []
            var underway: [String: CheckedContinuation<Void, Never>] = [:]
            var endsAtOnce = false
        }

        private final class Bell: Sendable {
            let signal = Signal()
            let rings = Mutex(0)
        }

        let clock = StandingClock(isOpen: false)
        let queue: WorkQueue<String>
        private let state = Mutex(State())
        private let bell: Bell

        init(slots: Int, reserve: Int) {
            let bell = Bell()
            queue = WorkQueue(slots: slots, reserve: reserve, ahead: .milliseconds(150), clock: clock.work)
            self.bell = bell
            Task { for await _ in bell.signal.stream { bell.rings.withLock { $0 += 1 } } }
        }

        deinit { bell.signal.finish() }

        var begun: [String] { state.withLock { $0.begun } }
        /// How often room was announced.
        var rooms: Int { bell.rings.withLock { $0 } }

        func want(isUrgent: Bool = false) { queue.want(bell.signal, isUrgent: isUrgent) }

        @Sendable func perform(_ item: String) async {
            await withCheckedContinuation { done in
                let isOver = state.withLock { state in
                    state.begun.append(item)
                    if !state.endsAtOnce { state.underway[item] = done }
                    return state.endsAtOnce
                }
                if isOver { done.resume() }
            }
        }

        /// Ends an item that took `span`.
        func end(_ item: String, after span: Duration = .seconds(100)) {
            clock.pass(span)
            state.withLock { $0.underway.removeValue(forKey: item) }?.resume()
        }

        /// Ends everything, now and later.
        func endAll() {
            let underway = state.withLock { state in
                state.endsAtOnce = true
                defer { state.underway = [:] }
                return Array(state.underway.values)
            }
            for done in underway { done.resume() }
        }

        func until(_ condition: () -> Bool) async {
            while !condition() { await Task.yield() }
        }

        func until(begun count: Int) async { await until { self.begun.count == count } }
    }

    private func working(
        slots: Int = 2, reserve: Int = 1, _ body: (Bench) async throws -> Void
    ) async rethrows {
        let bench = Bench(slots: slots, reserve: reserve)
        async let running: Void = bench.queue.run(bench.perform)
        await bench.until { bench.queue.room(isUrgent: true) == slots + reserve }
        try await body(bench)
        bench.queue.finish()
        bench.endAll()
        await running
    }

    @Test("what is urgent begins before what waited longer")
    func urgentFirst() async {
        await working(slots: 1, reserve: 0) { bench in
            bench.queue.add(["a", "b", "c"], isUrgent: false)
            bench.queue.add(["u"], isUrgent: true)
            for (item, count) in [("a", 2), ("u", 3), ("b", 4)] {
                await bench.until { bench.begun.last == item }
                bench.end(item)
                await bench.until(begun: count)
            }
            #expect(bench.begun == ["a", "u", "b", "c"])
        }
    }

    @Test("the reserve is for what is urgent alone, which uses it before the slots of all")
    func reserve() async {
        await working { bench in
            bench.queue.add(["u"], isUrgent: true)
            await bench.until(begun: 1)
            #expect(bench.queue.room(isUrgent: false) == 2)
            bench.end("u")
            await bench.until { bench.queue.room(isUrgent: true) == 3 }
            bench.queue.add(["a", "b", "c"], isUrgent: false)
            await bench.until(begun: 3)
            #expect(Set(bench.begun) == ["u", "a", "b"])
            #expect(bench.queue.room(isUrgent: false) == 0 && bench.queue.room(isUrgent: true) == 1)
            bench.queue.add(["v"], isUrgent: true)
            await bench.until(begun: 4)
            #expect(bench.begun.last == "v")
            bench.end("v")
            await bench.until { bench.queue.room(isUrgent: true) == 1 }
            #expect(bench.begun.count == 4)  // The reserve is idle, and c still waits.
        }
    }

    @Test("room is the idle slots, less what waits for them")
    func room() async {
        await working { bench in
            #expect(bench.queue.room(isUrgent: false) == 2 && bench.queue.room(isUrgent: true) == 3)
            bench.queue.add(["a"], isUrgent: false)
            #expect(bench.queue.room(isUrgent: false) == 1 && bench.queue.room(isUrgent: true) == 2)
            bench.queue.add(["b", "c", "d"], isUrgent: false)
            #expect(bench.queue.room(isUrgent: false) == 0 && bench.queue.room(isUrgent: true) == 1)
        }
    }

    @Test(
        "a little more is taken on than can begin now: what the slots begin in 150 ms, by how long an item takes",
        arguments: [(Duration.seconds(1), 2), (.milliseconds(100), 5), (.microseconds(1), 202)])
    func lookahead(span: Duration, room: Int) async {
        await working { bench in
            bench.queue.add(["a"], isUrgent: false)
            await bench.until(begun: 1)
            bench.end("a", after: span)
            await bench.until { bench.queue.room(isUrgent: false) == room }
        }
    }

    @Test("while more waits than half of what is taken ahead, no little room is worth asking the database for")
    func worthwhile() async {
        await working { bench in
            bench.queue.add(["a"], isUrgent: false)
            await bench.until(begun: 1)
            bench.end("a", after: .milliseconds(100))  // So three are taken ahead.
            await bench.until { bench.queue.room(isUrgent: false) == 5 }
            #expect(bench.queue.worthwhileRoom() == 5)
            bench.queue.add(["b", "c", "d", "e"], isUrgent: false)
            await bench.until(begun: 3)
            #expect(bench.queue.room(isUrgent: false) == 1 && bench.queue.worthwhileRoom() == 0)
            bench.end("b", after: .zero)
            await bench.until(begun: 4)
            #expect(bench.queue.room(isUrgent: false) == 2 && bench.queue.worthwhileRoom() == 2)
        }
    }

    @Test("room is announced when somebody wanted it, and once")
    func wanted() async {
        await working { bench in
            bench.queue.add(["a", "b"], isUrgent: false)
            await bench.until(begun: 2)
            bench.end("a")
            await bench.until { bench.queue.room(isUrgent: false) == 1 }
            #expect(bench.rooms == 0)
            bench.queue.add(["c"], isUrgent: false)
            await bench.until(begun: 3)
            bench.want()
            bench.end("b")
            await bench.until { bench.rooms == 1 }
            bench.end("c")
            await bench.until { bench.queue.room(isUrgent: false) == 2 }
            #expect(bench.rooms == 1)
        }
    }

    @Test("room that is there by the time somebody wants it is announced at once")
    func wantedLate() async {
        await working { bench in
            bench.queue.add(["a", "b"], isUrgent: false)
            await bench.until(begun: 2)
            bench.end("a")
            bench.end("b")
            await bench.until { bench.queue.room(isUrgent: false) == 2 }
            bench.want()
            await bench.until { bench.rooms == 1 }
        }
    }

    @Test("where there is no room nobody is woken for it, however short the queue")
    func wantedInVain() async throws {
        await working(slots: 1, reserve: 0) { bench in
            bench.queue.add(["a"], isUrgent: false)
            await bench.until(begun: 1)
            bench.want()
            bench.queue.add(["b"], isUrgent: false)
            bench.end("a")
            await bench.until(begun: 2)
            bench.want()
            #expect(bench.rooms == 0)
            bench.end("b")
            await bench.until { bench.rooms == 1 }
        }
    }

    @Test("an urgent loop hears of an idle slot of the reserve, however many others wait")
    func wantedUrgently() async {
        await working { bench in
            bench.queue.add(["u"], isUrgent: true)
            await bench.until(begun: 1)
            bench.queue.add(["a", "b", "c", "d", "e"], isUrgent: false)
            await bench.until(begun: 3)
            bench.want(isUrgent: true)
            bench.end("u")
            await bench.until { bench.rooms == 1 }
            #expect(bench.begun.count == 3)
        }
    }

    @Test("a queue that is finished works on all that waits, and then its slots end")
    func finish() async {
        let bench = Bench(slots: 2, reserve: 1)
        async let running: Void = bench.queue.run(bench.perform)
        bench.queue.add(["a", "b", "c", "d", "e"], isUrgent: false)
        bench.queue.add(["u", "v"], isUrgent: true)
        bench.queue.finish()
        bench.endAll()
        await running
        #expect(bench.begun.sorted() == ["a", "b", "c", "d", "e", "u", "v"])
    }

    @Test("a queue that is finished while its slots are idle ends at once")
    func finishIdle() async {
        await working { bench in #expect(bench.begun.isEmpty) }
    }

    @Test(
        "the transport takes as many requests at once as all queues of all providers begin",
        arguments: [1, 4, 16, 64, 1000])
    func requestsAtOnce(concurrency: Int) {
        let slots = ProviderSlots(concurrency: concurrency)
        let ofOne = slots.sends + slots.urgentSends + slots.questions + slots.urgentQuestions
        #expect(WorkerConfiguration.requestsAtOnce(concurrency: concurrency) >= ProviderName.allCases.count * ofOne)
        #expect(slots.sends == concurrency && slots.urgentSends > 0 && slots.urgentQuestions > 0)
    }
}
