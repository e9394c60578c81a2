import Delivery
import JobQueue
import Testing
import Worker

/// What waits for one provider waits there, and holds up nothing of another one.
@Suite("A provider that does not answer", .timeLimit(.minutes(5)))
struct BulkheadTests {
    @Test("mail that hangs keeps no slot from texts, be they urgent or not")
    func hangingMail() async throws {
        let harness = try await Harness { $0.concurrency = 8 }
        harness.provider.hang(.email)
        try await harness.query(
            """
            insert into outrider.jobs (channel, address, subject, body, category)
            select 'email', 'ann' || n || '@example.com', 'x', 'x', 'alert' from generate_series(1, 200) n
            """)
        try await harness.working {
            defer { harness.provider.hang(nil) }
            // Its slots and its reserve are all taken.
            try await harness.eventually("mail takes all it may") { harness.provider.sent.count == 10 }
            try await harness.query(
                """
                insert into outrider.jobs (channel, address, body, category)
                select 'sms', '+4876000' || lpad(n::text, 4, '0'), 'x', c
                  from generate_series(1, 20) n, unnest(array['otp', 'transactional', 'marketing']) c
                """)
            // Texts to one person wait for each other within a category alone, so all of them go out.
            try await harness.eventually("every text is sent") {
                harness.provider.sent.count { $0.channel == .sms } == 60
            }
            #expect(harness.provider.sent.count { $0.channel == .email } == 10)
            harness.provider.hang(nil)
            try await harness.eventually("then the mail goes on") {
                harness.provider.sent.count { $0.channel == .email } == 200
            }
        }
    }

    @Test("texts that hang leave the reserve to one-time passwords")
    func reserve() async throws {
        let harness = try await Harness { $0.concurrency = 8 }
        harness.provider.hang(.sms)
        try await harness.query(
            """
            insert into outrider.jobs (channel, address, body, category)
            select 'sms', '+4877000' || lpad(n::text, 4, '0'), 'x', 'marketing' from generate_series(1, 100) n
            """)
        try await harness.working {
            defer { harness.provider.hang(nil) }
            try await harness.eventually("offers take all they may") { harness.provider.sent.count == 8 }
            let code = try await harness.insert("channel, address, body, category", "'sms', '+48780000001', 'x', 'otp'")
            try await harness.eventually("the one-time password leaves") {
                harness.provider.sent.contains { $0.jobID == code }
            }
            #expect(harness.provider.sent.count == 9)
            harness.provider.hang(nil)
            try await harness.eventually("then the offers go on") { harness.provider.sent.count == 101 }
        }
    }
}
