import Delivery
import Foundation
import Inbox
import Insight
import Postgres
import TestDatabase
import Testing

@Suite("The receipt store", .timeLimit(.minutes(5)))
struct ReceiptStoreTests {
    @Test("a row the database refuses does not take the others with it")
    func isolation() async throws {
        let inbox = try await InboxFixture()
        let job = try await inbox.attempt()
        // All three are there before the first commit begins.
        let store = ReceiptStore(inbox.admin, limits: .init(gathering: .milliseconds(200)))
        // An index row holds less than 2,704 bytes, and random text cannot be packed.
        let tooLong = (0..<1_000).map { _ in String(UInt64.random(in: 0...UInt64.max), radix: 36) }.joined()
        let fates = await withTaskGroup { group in
            for status in ["sent", tooLong, "delivered"] {
                let arrival = receipt(job, status)
                group.addTask { try? await store.store([arrival]) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(fates.count { $0 == [.new] } == 2)
        #expect(fates.count { $0 == nil } == 1)
        #expect(try await inbox.count("events", where: "kind = 'receipt'") == 2)
    }

    @Test("one statement tells new, repeated and unknown apart, in the order given")
    func fates() async throws {
        let inbox = try await InboxFixture()
        let job = try await inbox.attempt()
        let store = ReceiptStore(inbox.admin)
        let fates = try await store.store([
            receipt(job, "sent"), receipt(job + 1, "sent"), receipt(job, "sent"),
            .inbound(.init(providerID: "SM1", channel: .sms, from: "+15005550101", to: "+15005550006")),
            receipt(job, "delivered"),
            .inbound(.init(providerID: "SM1", channel: .sms, from: "+15005550101", to: "+15005550006")),
        ])
        #expect(fates == [.new, .unknown, .repeated, .new, .new, .repeated])
    }

    @Test("a failure is stored with the wait its code asks for, as a retry must keep it")
    func retryAfter() async throws {
        let inbox = try await InboxFixture()
        let job = try await inbox.attempt()
        let failure = ReceiptArrival(
            jobID: job, generation: 1, token: InboxFixture.token, status: "undelivered 63018", provider: "twilio",
            code: "63018", defaultClass: .unknown, needsDecision: true)
        try await ReceiptStore(inbox.admin).store([.receipt(failure), receipt(job, "sent")])
        let isKept = "kind = 'receipt' and class = 'rate_limited' and detail ->> 'retry_after' = '60'"
        #expect(try await inbox.count("events", where: isKept) == 1)
        #expect(try await inbox.count("events", where: "kind = 'receipt' and detail is null") == 1)
    }

    @Test("a number that a webhook calls a landline is remembered for texts and WhatsApp, and other failures are not")
    func landline() async throws {
        let inbox = try await InboxFixture()
        for (code, kept) in [("30003", 0), ("30006", 2)] {
            let failure = ReceiptArrival(
                jobID: try await inbox.attempt(), generation: 1, token: InboxFixture.token,
                status: "undelivered \(code)", provider: "twilio", code: code, defaultClass: .unknown,
                needsDecision: true)
            for _ in 1...2 { try await ReceiptStore(inbox.admin).store([.receipt(failure)]) }
            #expect(try await inbox.count("dead_addresses", where: "channel in ('sms', 'whatsapp')") == kept)
        }
        #expect(
            try await inbox.count(
                "dead_addresses",
                where: "class = 'landline' and code = '30006' and until > now() + interval '179 days'") == 2)
    }

    @Test("a number that a message reached is not remembered as dead on that channel any more, and on the others it is")
    func revived() async throws {
        let inbox = try await InboxFixture()
        let store = ReceiptStore(inbox.admin)
        let dead = ReceiptArrival(
            jobID: try await inbox.attempt(), generation: 1, token: InboxFixture.token, status: "undelivered 30006",
            provider: "twilio", code: "30006", defaultClass: .unknown, needsDecision: true)
        try await store.store([.receipt(dead)])
        let job = try await inbox.attempt()
        try await store.store([told(job, .sent)])
        #expect(try await inbox.count("dead_addresses") == 2)
        try await store.store([told(job, .delivered)])
        #expect(try await inbox.count("dead_addresses", where: "channel = 'sms'") == 0)
        #expect(try await inbox.count("dead_addresses", where: "channel = 'whatsapp'") == 1)
    }

    @Test("a receipt of an attempt that was repeated is a duplicate, a delivery after the next step began came late")
    func tooLate() async throws {
        let inbox = try await InboxFixture()
        let store = ReceiptStore(inbox.admin)
        for (followedBy, answer, finding) in [
            ("resend", "unknown", "duplicate"), ("retry", "not_sent", "duplicate"), ("retry", "accepted", nil),
            ("escalate", "accepted", "late delivery"),
        ] as [(String, String, String?)] {
            let job = try await inbox.attempt()
            try await inbox.admin.run(
                script: """
                    insert into outrider.events (job_id, generation, kind, status, step, channel, code) values
                        (\(job), 1, 'answer', '\(answer)', 0, 'sms', null), (\(job), 1, 'next', 'decided', 0, 'sms', '\(followedBy)')
                    """)
            // The next attempt has not begun: nothing was sent twice, nothing in vain.
            try await store.store([told(job, .sent)])
            let findings = "kind = 'reconciled' and job_id = \(job)"
            #expect(try await inbox.count("events", where: findings) == 0)
            try await inbox.admin.run(
                script:
                    "insert into outrider.events (job_id, generation, kind, status, step, channel) values (\(job), 2, 'intent', 'taken', 1, 'voice')"
            )
            try await store.store([told(job, .delivered)])
            try await store.store([told(job, .delivered), told(job, .read)])
            #expect(try await inbox.count("events", where: findings) == (finding == nil ? 0 : 1), "\(followedBy)")
            if let finding {
                #expect(
                    try await inbox.count(
                        "events", where: findings + " and status = '\(finding)' and code = '\(followedBy)'")
                        == 1)
            }
        }
        let doubts = try await Overview(inbox.admin).summary().doubts
        #expect(doubts.duplicates == 2 && doubts.wastedEscalations == 1)
        #expect(doubts.unknown.map { "\($0.answer) \($0.channel) \($0.count)" } == ["unknown sms 1"])
    }

    @Test("when one person's STOP and START share a commit, STOP counts, as webhooks come in any order")
    func lastWord() async throws {
        let inbox = try await InboxFixture()
        let store = ReceiptStore(inbox.admin)
        let word = { (id: String, keyword: String) in
            Arrival.inbound(
                .init(
                    providerID: id, channel: .sms, from: InboxFixture.person, to: InboxFixture.sender,
                    keyword: .init(message: keyword)))
        }
        try await store.store([word("SM1", "START"), word("SM2", "STOP")])
        #expect(try await inbox.suppressed() == ["sms", "voice", "whatsapp"])
        let other = try await InboxFixture()
        try await ReceiptStore(other.admin).store([word("SM3", "STOP"), word("SM4", "START"), word("SM4", "START")])
        #expect(try await other.suppressed() == ["sms", "voice", "whatsapp"])
    }

    @Test("an earlier START that is stored beside a newer STOP does not lift what the STOP relies on")
    func wordsAtOnce() async throws {
        let inbox = try await InboxFixture()
        let store = { @Sendable (id: String, keyword: OptOutKeyword, minutesAgo: Int64?) in
            let now = Int64(Date().timeIntervalSince1970 * 1_000_000)
            let message = InboundArrival(
                providerID: id, channel: .sms, from: InboxFixture.person, to: InboxFixture.sender, keyword: keyword,
                sentAt: minutesAgo.map { Instant(microseconds: now - $0 * 60_000_000) })
            let store = ReceiptStore(inbox.admin, limits: .init(deadline: .seconds(30)))
            return try await store.store([.inbound(message)])
        }
        _ = try await store("SM1", .stop, 60)
        // The newer STOP's transaction waits for our lock before it commits.
        try await inbox.admin.run(
            script: """
                create function wait_to_commit() returns trigger language plpgsql as
                    'begin perform pg_advisory_xact_lock_shared(77); return null; end';
                create trigger wait_to_commit after insert on outrider.inbound_messages
                    for each row when (new.provider_id = 'SM2') execute function wait_to_commit();
                """)
        let blocker = PostgresPool(PostgresConfiguration(url: inbox.admin.configuration.url, poolSize: 1))
        let stored = try await blocker.transaction { transaction in
            try await transaction.run(script: "select pg_advisory_xact_lock(77)")
            let stop = Task { try await store("SM2", .stop, nil) }
            try await transaction.wait(until: "1 = (\(Self.waiting))")
            let start = Task { try await store("SM3", .start, 10) }
            try await transaction.wait(
                until:
                    "2 = (\(Self.waiting)) or exists (select from outrider.inbound_messages where provider_id = 'SM3')")
            return (stop, start)
        }
        #expect(try await [stored.0.value, stored.1.value] == [[.new], [.new]])
        #expect(try await inbox.suppressed() == ["sms", "voice", "whatsapp"])
    }

    private static let waiting = """
        select count(distinct l.pid) from pg_locks l join pg_stat_activity a using (pid)
         where not l.granted and a.datname = current_database()
        """

    @Test("arrivals beyond the bound are refused at once")
    func full() async throws {
        let inbox = try await InboxFixture()
        let store = ReceiptStore(inbox.admin, limits: .init(waiting: 2))
        await #expect(throws: ReceiptStoreError.full) {
            try await store.store([receipt(1, "a"), receipt(1, "b"), receipt(1, "c")])
        }
    }

    @Test("a stalled database fails every caller within twice the deadline")
    func stalled() async throws {
        let inbox = try await InboxFixture()
        let job = try await inbox.attempt()
        let store = ReceiptStore(inbox.admin, limits: .init(deadline: .milliseconds(300)))
        let blocker = PostgresPool(PostgresConfiguration(url: inbox.admin.configuration.url, poolSize: 1))
        try await blocker.transaction { transaction in
            try await transaction.run(script: "lock table outrider.events in exclusive mode")
            let start = ContinuousClock.now
            await #expect(throws: ReceiptStoreError.self) { try await store.store([receipt(job, "sent")]) }
            #expect(.now - start < .seconds(3))
        }
        let patient = ReceiptStore(inbox.admin)
        #expect(try await patient.store([receipt(job, "sent")]) == [.new])
    }

    private func told(_ job: Int, _ level: SuccessLevel) -> Arrival {
        .receipt(
            ReceiptArrival(
                jobID: job, generation: 1, token: InboxFixture.token, status: level.rawValue, provider: "twilio",
                level: level, needsDecision: level >= .delivered))
    }

    private func receipt(_ job: Int, _ status: String) -> Arrival {
        .receipt(
            ReceiptArrival(
                jobID: job, generation: 1, token: InboxFixture.token, status: status, provider: "twilio",
                needsDecision: false))
    }
}

extension PostgresTransaction {
    /// Asks again until the condition holds; throws when it does not within a minute and a half.
    fileprivate func wait(until condition: String) async throws {
        let deadline = ContinuousClock.now + .seconds(90)
        let question = Statement(name: "wait_\(condition.hashValue)", sql: "select \(condition) as holds")
        while try await fetch(question).first?.bool("holds") != true {
            try #require(ContinuousClock.now < deadline, "\(condition)")
            // Within a transaction pg_stat_activity shows the sessions of its first look.
            try await run(script: "select pg_stat_clear_snapshot()")
        }
    }
}
