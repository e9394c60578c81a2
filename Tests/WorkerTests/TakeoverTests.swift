import Delivery
import JobQueue
import Postgres
import Providers
import Testing
import Worker

@Suite("Workers come and go", .timeLimit(.minutes(5)))
struct TakeoverTests {
    @Test("a dead worker's open intent is reconciled, not resent")
    func lostIntent() async throws {
        let harness = try await Harness()
        harness.provider.list(.found(providerID: "SMlost", receipts: []))
        let job = try await harness.insert("channel, address, body", "'sms', '+48600000020', 'x'")
        #expect(try await harness.beginAll(as: "dead") == [job])
        try await harness.query(
            "update outrider.workers set heartbeat_at = now() - interval '1 hour' where id = 'dead'")
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
            "insert into outrider.jobs (channel, address, body) select 'sms', '+4860000' || lpad(i::text, 4, '0'), 'x' from generate_series(1, 500) i"
        )
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

@Suite("What should be due can be rebuilt", .timeLimit(.minutes(5)))
struct RebuildTests {
    @Test("a job whose due row vanished is found, and gets through after a rebuild")
    func rebuild() async throws {
        let harness = try await Harness()
        let fresh = try await harness.insert("channel, address, body", "'sms', '+48600000030', 'x'")
        let climbing = try await harness.insert(
            "kind, ladder, phone, email, body, category",
            "'notify', 'standard', '+48600000031', 'f@example.com', 'x', 'transactional'")
        try await harness.query(
            """
            insert into outrider.events (job_id, generation, kind, status, step, ladder_id, channel, class, detail) values
                ($1, 1, 'intent', 'taken', 0, outrider.current_ladder('standard'), 'sms', null, null),
                ($1, 1, 'answer', 'refused', 0, outrider.current_ladder('standard'), 'sms', 'landline', null),
                ($1, 1, 'next', 'decided', 0, outrider.current_ladder('standard'), 'sms', null, '{"next_step": 1}')
            """, [.int(climbing)])
        try await harness.query("delete from outrider.due")
        let stranded = try await harness.query("select * from outrider.stranded_jobs() as id")
        #expect(try stranded.map { try $0.int("id") } == [fresh, climbing])
        try await harness.query("select outrider.rebuild_due()")
        try await harness.working {
            try await harness.eventually("both are sent") { harness.provider.sent.count == 2 }
        }
        #expect(Set(harness.provider.sent.map(\.channel)) == [.sms, .voice])
        #expect(try await harness.query("select * from outrider.stranded_jobs() as id").isEmpty)
    }
}

@Suite("Senders change", .timeLimit(.minutes(5)))
struct SenderChangeTests {
    @Test("what waits for a disabled sender goes out by another one")
    func disabled() async throws {
        let harness = try await Harness()
        let job = try await harness.insert("channel, address, body", "'sms', '+48600000040', 'x'")
        try await harness.query("update outrider.senders set enabled = false where name = 'text'")
        try await harness.query(
            "insert into outrider.senders (name, channel, address) values ('other', 'sms', '+15005550007')")
        try await harness.working {
            try await harness.eventually("it is sent") { harness.provider.sent.count == 1 }
        }
        let senders = try await harness.query(
            """
            select s.name from outrider.events e join outrider.senders s on s.id = e.sender_id
             where e.job_id = $1 and e.kind = 'intent'
            """, [.int(job)])
        #expect(try senders.map { try $0.string("name") } == ["other"])
    }

    @Test("a job that no sender serves is held, and sent once there is one and a person lets it go")
    func held() async throws {
        let harness = try await Harness()
        try await harness.query("delete from outrider.senders where name = 'text'")
        let job = try await harness.insert("channel, address, body", "'sms', '+48600000041', 'x'")
        try await harness.working {
            try await harness.eventually("it is held") { try await harness.story(of: job).contains("held/held") }
            try await harness.query(
                "insert into outrider.senders (name, channel, address) values ('late', 'sms', '+15005550007')")
            try await harness.query("select outrider.release_held(\(job), false, 'there is a sender now')")
            try await harness.eventually("it is sent") { harness.provider.sent.count == 1 }
        }
    }
}
