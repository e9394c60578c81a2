import JobQueue
import Postgres
import Testing

@Suite("The watermark of a lane")
struct WatermarkTests {
    private func key(_ at: Int) -> DueKey { DueKey(atMicroseconds: at, jobID: 1) }

    @Test("a claimed key is the floor once every transaction of its time has ended, and not before")
    func confirmed() {
        var mark = Watermark()
        mark.claimed(key(10), nextTransaction: 100)
        mark.confirm(oldestTransaction: 99)
        #expect(mark.floor == .start)
        mark.confirm(oldestTransaction: 100)
        #expect(mark.floor == key(10))
    }

    @Test("the floor never falls")
    func monotone() {
        var mark = Watermark()
        mark.claimed(key(10), nextTransaction: 100)
        mark.claimed(key(5), nextTransaction: 101)
        mark.confirm(oldestTransaction: 200)
        #expect(mark.floor == key(10))
        mark.claimed(key(7), nextTransaction: 201)
        mark.confirm(oldestTransaction: 300)
        #expect(mark.floor == key(10))
    }

    @Test("the floor rises even when every transaction outlives a hundred takes")
    func longTransactions() {
        var mark = Watermark()
        for claim in 1...2_000 {
            mark.confirm(oldestTransaction: UInt64(max(0, claim - 300)))
            mark.claimed(key(claim), nextTransaction: UInt64(claim))
        }
        #expect(mark.floor > key(1_000))
    }

    @Test("a sweep starts before the floor, but never before time")
    func sweep() {
        var mark = Watermark()
        #expect(mark.swept(back: 1_000) == .start)
        mark.claimed(key(5_000), nextTransaction: 1)
        mark.confirm(oldestTransaction: 1)
        #expect(mark.swept(back: 1_000) == DueKey(atMicroseconds: 4_000, jobID: 0))
    }

    @Test("a row whose transaction commits late, below the last key taken, is still found")
    func lateCommit() async throws {
        try await TestQueue.with { queue in
            var mark = Watermark()
            let found = try await queue.admin.transaction { late in
                try await late.run(
                    script:
                        "INSERT INTO outrider.jobs (channel, address, body, category) VALUES ('sms', '+15559999999', 'late', 'transactional')"
                )
                try await queue.addJobs(3)
                let early = try await step(queue, &mark)
                #expect(early == [2, 3, 4])
                _ = try await step(queue, &mark)
                #expect(mark.floor == .start)  // The late transaction still runs.
                return early
            }
            #expect(found.count == 3)
            #expect(try await step(queue, &mark) == [1])
            // Transactions of the tests beside this one hold the floor back, too.
            let end = ContinuousClock.now + .seconds(120)
            while mark.floor == .start, ContinuousClock.now < end {
                #expect(try await step(queue, &mark) == [])
            }
            #expect(mark.floor > .start)
            try await queue.addJobs(body: "Hello again")
            #expect(try await step(queue, &mark) == [5])
        }
    }

    @Test("rows of a take that was rolled back are found by a sweep")
    func rolledBack() async throws {
        try await TestQueue.with { queue in
            var mark = Watermark()
            try await queue.addJobs(2)
            try await queue.run("UPDATE outrider.due SET at = at - make_interval(secs => 10 - job_id)")
            try? await queue.admin.transaction { claimer in
                try await claimer.run(script: "DELETE FROM outrider.due WHERE job_id = 1")
                #expect(try await step(queue, &mark) == [2])
                throw RolledBack()
            }
            // Its lock held the row while the other was claimed; now it lies below the floor.
            mark.confirm(oldestTransaction: .max)
            #expect(try await queue.take(from: mark.floor).jobs.isEmpty)
            #expect(try await queue.take(from: mark.swept(back: 60_000_000)).ids == [1])
        }
    }

    private struct RolledBack: Error {}

    private func step(_ queue: TestQueue, _ mark: inout Watermark) async throws -> [Int] {
        let taken = try await queue.take(from: mark.floor)
        mark.confirm(oldestTransaction: taken.take.oldestTransaction)
        if let key = taken.lastKey { mark.claimed(key, nextTransaction: taken.take.nextTransaction) }
        return taken.ids
    }
}
