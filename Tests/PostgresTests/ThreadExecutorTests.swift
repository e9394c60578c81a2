import Glibc
import Testing
import Threads

@Suite("Thread executor", .timeLimit(.minutes(5)))
struct ThreadExecutorTests {
    /// An actor on a thread of its own, stopped by the test or by its end.
    actor Pinned {
        let executor: ThreadExecutor
        private var calls = 0

        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

        init() throws(ThreadStartError) { executor = try ThreadExecutor(name: "pinned") }

        deinit { executor.stop() }

        func thread() -> pthread_t { pthread_self() }
        func call() { calls += 1 }
        func count() -> Int { calls }
        nonisolated func countAssumingIsolation() -> Int { assumeIsolated { $0.calls } }
        func countFromInside() -> Int { countAssumingIsolation() }
    }

    @Test("an actor stays on one thread, which no other actor shares")
    func oneThread() async throws {
        let (first, second) = (try Pinned(), try Pinned())
        let thread = await first.thread()
        for _ in 0..<10 { #expect(await first.thread() == thread) }
        #expect(await second.thread() != thread)
    }

    @Test("no call is lost or run twice, whoever makes it")
    func everyCall() async throws {
        let pinned = try Pinned()
        await withDiscardingTaskGroup { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<500 { await pinned.call() } } }
        }
        #expect(await pinned.count() == 4_000)
    }

    @Test("isolation may be assumed on the thread")
    func isolation() async throws {
        let pinned = try Pinned()
        await pinned.call()
        #expect(await pinned.countFromInside() == 1)
    }

    @Test("assuming isolation elsewhere traps")
    func elsewhere() async {
        await #expect(processExitsWith: .failure) {
            let pinned = try Pinned()
            _ = pinned.countAssumingIsolation()
        }
    }

    @Test("calls after stop still run, so nobody waits for ever")
    func lateCalls() async throws {
        let pinned = try Pinned()
        await pinned.call()
        pinned.executor.stop()
        for _ in 0..<100 { await pinned.call() }
        #expect(await pinned.count() == 101)
    }

    @Test("a wake given before the wait is not lost")
    func earlyWake() throws {
        let signal = try WakeSignal()
        signal.set()
        signal.set()
        signal.wait()
        var entry = pollfd(fd: signal.descriptor, events: Int16(POLLIN), revents: 0)
        #expect(unsafe poll(&entry, 1, 0) == 0)
    }
}
