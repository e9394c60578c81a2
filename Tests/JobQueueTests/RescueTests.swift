import Delivery
import Testing

@testable import JobQueue

@Suite("Rescuing the work of dead workers")
struct RescueTests {
    @Test("a dead worker's open intent is lost and reconciled, an answered one is decided, a timer comes back")
    func dead() async throws {
        try await TestQueue.with { queue in
            try await hold(queue, by: "dead")
            try await kill("dead", queue)
            let rescue = try await rescue(queue)
            #expect(rescue == Rescue(deadWorkers: 1, looks: 3, lost: 1))
            #expect(
                try await queue.dueRows("job_id, reason, at > now() + interval '20 seconds'")
                    == ["1 reconcile t ask_phone/2", "2 decide f decide/2", "3 receipt f ask_phone/2"])
            #expect(try await queue.events(of: 1) == ["1 intent taken", "1 answer lost"])
            #expect(try await queue.events(of: 2) == ["1 intent taken", "1 answer accepted"])
            #expect(try await queue.count("outrider.leases") == 0)
        }
    }

    @Test("a worker that is alive keeps what it holds")
    func alive() async throws {
        try await TestQueue.with { queue in
            try await hold(queue, by: "w2")
            #expect(try await rescue(queue) == Rescue(deadWorkers: 0, looks: 0, lost: 0))
            #expect(try await queue.count("outrider.leases") == 2)
            #expect(try await queue.store.heartbeat(worker: "w2", state: "running"))
        }
    }

    @Test("a worker that died before the database's clock was set back is taken over as any other")
    func clockSetBack() async throws {
        try await TestQueue.with { queue in
            try await hold(queue, by: "dead")
            let dead = "UPDATE outrider.workers SET heartbeat_at = heartbeat_at"
            try await queue.run("\(dead) + interval '1 hour' WHERE id = 'dead'")
            // It may be alive: its next heartbeat is due within seconds.
            #expect(try await rescue(queue).deadWorkers == 0)
            try await queue.run("\(dead) - interval '31 seconds' WHERE id = 'dead'")
            #expect(try await rescue(queue) == Rescue(deadWorkers: 1, looks: 3, lost: 1))
        }
    }

    @Test("a worker's own batch that it does not know of is handed on after 15 seconds, not before")
    func unknownLease() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            let lease = try #require(try await queue.take().begun.leaseID)
            #expect(try await rescue(queue).looks == 0)
            try await queue.run("UPDATE outrider.leases SET claimed_at = claimed_at - interval '16 seconds'")
            #expect(try await rescue(queue, holding: [lease]).looks == 0)
            #expect(try await rescue(queue) == Rescue(deadWorkers: 0, looks: 1, lost: 1))
        }
    }

    @Test("a batch that nobody began is given back as not sent, once, and only by the worker whose it is")
    func withdrawn() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs()
            let taken = try await queue.take()
            let lease = try #require(taken.begun.leaseID)
            let worker = try #require(try await queue.texts("SELECT worker AS v FROM outrider.leases").first ?? nil)
            #expect(try await queue.store.leases(of: worker) == [lease])
            #expect(try await queue.store.leases(of: "other") == [])
            #expect(try await queue.store.withdraw([lease], worker: "other") == 0)
            #expect(try await queue.store.withdraw([lease], worker: worker) == 1)
            #expect(try await queue.store.withdraw([lease], worker: worker) == 0)
            let job = try #require(taken.ids.first)
            #expect(try await queue.events(of: job) == ["1 intent taken", "1 answer not_sent"])
            #expect(try await queue.dueRows("reason, at <= clock_timestamp()") == ["decide t decide/2"])
            for table in ["leases", "open_sends"] { #expect(try await queue.count("outrider.\(table)") == 0) }
        }
    }

    @Test("two rescuers at once add everything once")
    func concurrent() async throws {
        try await TestQueue.with { queue in
            try await queue.addJobs(300)
            try await queue.store.register(worker: "dead", host: "test", processID: 2, version: "test")
            for _ in 1...6 { _ = try await queue.take(50, worker: "dead") }
            try await kill("dead", queue)
            async let one = rescue(queue, as: "w1")
            async let other = rescue(queue, as: "w3")
            let lost = try await one.lost + other.lost
            #expect(lost == 300)
            #expect(try await queue.count("outrider.due") == 300)
            #expect(try await queue.count("outrider.events WHERE status = 'lost'") == 300)
        }
    }

    @Test("a worker taken for dead learns it by its heartbeat, and its late answer is one more fact")
    func late() async throws {
        try await TestQueue.with { queue in
            try await hold(queue, by: "slow")
            try await kill("slow", queue)
            _ = try await rescue(queue)
            #expect(try await !queue.store.heartbeat(worker: "slow", state: "running"))
            let answer = event(.answered(.accepted(providerID: nil)))
            try await queue.store.record([Record(events: [answer])], worker: "slow", doneLeases: [1])
            #expect(try await queue.events(of: 1) == ["1 intent taken", "1 answer lost", "1 answer accepted"])
            #expect(try await queue.looks().map(\.id).sorted() == [2, 3])
        }
    }

    /// Job 1 has an open intent, job 2 an answered one, job 3 a receipt timer, all in leases of `worker`.
    private func hold(_ queue: TestQueue, by worker: String) async throws {
        try await queue.store.register(worker: worker, host: "test", processID: 2, version: "test")
        try await queue.addJobs(2)
        _ = try await queue.take(worker: worker)
        let answer = event(.answered(.accepted(providerID: nil)), 2)
        try await queue.store.record([Record(events: [answer])], worker: worker, doneLeases: [])
        try await queue.addJobs()
        try await queue.run("UPDATE outrider.due SET lane = 6, reason = 'receipt' WHERE job_id = 3")
        _ = try await queue.looks(worker: worker)
    }

    private func kill(_ worker: String, _ queue: TestQueue) async throws {
        try await queue.run(
            "UPDATE outrider.workers SET heartbeat_at = now() - interval '1 hour' WHERE id = '\(worker)'")
    }

    private func rescue(
        _ queue: TestQueue, as worker: String = "w1", holding leases: [Int] = []
    ) async throws -> Rescue {
        try await queue.store.rescue(
            worker: worker, holding: leases, deadAfter: .seconds(30), reconcileAfter: .seconds(30))
    }
}
