import JobQueue
import Logging
import Synchronization
import Testing

@testable import Worker

@Suite("The first look for dead workers", .timeLimit(.minutes(1)))
struct FirstLookTests {
    /// Lets an upkeep live for a time, and says when it looked for the dead and how long they had to be silent.
    private func looks(in life: Duration, outages: Int = 0) async throws -> [[Duration]] {
        let clock = SteppedClock()
        let store = QueueOfOneLane(outages: outages, clock: clock)
        let upkeep = Upkeep(
            store: store, identity: WorkerIdentity(clock: clock.work), leases: LeaseLedger(), classes: ErrorClasses(),
            configuration: WorkerConfiguration(callbackBaseURL: nil), version: "test", clock: clock.work,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, onWrite: { _ in })
        let isBegun = Mutex(false)
        let living = Task {
            let wasThere = try await upkeep.begin()
            isBegun.withLock { $0 = true }
            await upkeep.run(databaseWasThere: wasThere)
        }
        while !isBegun.withLock({ $0 }) {
            if outages > 0 { clock.pass(.seconds(1)) }
            await Task.yield()
        }
        let begin = clock.passed
        repeat {
            for _ in 0..<200 { await Task.yield() }
            if clock.passed - begin < life { clock.pass(.seconds(1)) }
        } while clock.passed - begin < life
        for _ in 0..<200 { await Task.yield() }
        living.cancel()
        try await living.value
        return store.figures.rescues.map { [$0.at - begin, $0.deadAfter] }
    }

    @Test("a worker that lives for 2 s looks once, for those that have been silent for a minute")
    func shortLife() async throws {
        #expect(try await looks(in: .seconds(2)) == [[.zero, .seconds(60)]])
    }

    @Test("one that lives on looks again with each heartbeat, by the usual bound")
    func longLife() async throws {
        let looks = try await looks(in: .seconds(8))
        #expect(looks.first == [.zero, .seconds(60)])
        #expect(looks.dropFirst().map(\.[1]) == [.seconds(30)])
    }

    @Test("one that waited for its database lets the others speak first")
    func outage() async throws {
        #expect(try await looks(in: .seconds(2), outages: 1) == [])
    }
}
