import Delivery
import Dispatching
import JobQueue
import Providers
import Testing

@Suite("Workers come and go", .timeLimit(.minutes(2)))
struct TakeoverTests {
    @Test("a dead worker's open intent is reconciled, not resent")
    func lostIntent() async throws {
        let harness = try await Harness()
        harness.provider.list(.found(providerID: "SMlost", receipts: []))
        let store = JobStore(pool: harness.pool)
        let job = try await harness.insert("channel, address, body", "'sms', '+48600000020', 'x'")
        try await store.register(worker: "dead", host: "h", processID: 1, version: "test")
        let sender = try #require(try await store.senders().first { $0.channel == .sms })
        let claim = try await store.claimSends(
            Lane(sender: sender.id, priority: 3), from: .start, limit: 10, worker: "dead", allowance: nil)
        #expect(claim.jobs.map(\.id) == [job])
        try await harness.query("update outrider.workers set heartbeat_at = now() - interval '1 hour' where id = 'dead'")
        try await harness.working {
            try await harness.eventually("the message is found at the provider") {
                try await harness.story(of: job).contains("answer/accepted")
            }
        }
        #expect(try await harness.story(of: job).contains("answer/lost"))
        #expect(harness.provider.sent.isEmpty)
        #expect(try await harness.query("select from outrider.leases").isEmpty)
    }

    @Test("after a graceful stop no lease, no worker and no job is left behind")
    func drain() async throws {
        let harness = try await Harness()
        try await harness.query(
            "insert into outrider.jobs (channel, address, body) select 'sms', '+4860000' || lpad(i::text, 4, '0'), 'x' from generate_series(1, 500) i")
        try await harness.working {
            try await harness.eventually("some are sent") { harness.provider.sent.count > 50 }
        }
        #expect(try await harness.query("select from outrider.leases").isEmpty)
        #expect(try await harness.query("select from outrider.workers").isEmpty)
        let stranded = try await harness.query(
            """
            select j.id from outrider.jobs j
             where not exists (select from outrider.due d where d.job_id = j.id)
               and not exists (select from outrider.events e where e.job_id = j.id and e.kind = 'outcome')
            """)
        #expect(stranded.isEmpty)
        let attempts = harness.provider.sent.map { "\($0.jobID)/\($0.generation)" }
        #expect(Set(attempts).count == attempts.count)
    }
}
