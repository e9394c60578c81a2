import Delivery
import JobQueue
import Logging
import Postgres
import Providers
import Synchronization
import TestDatabase
import Testing

@testable import Worker

/// What a worker does about the identity of its database.
@Suite("Whether this is the fleet's database", .timeLimit(.minutes(5)))
struct HomeWatchTests {
    /// Lists that answer what they are told to.
    private final class ScriptedSent: SentSource {
        private let answer: Mutex<SentReading>
        let asked = Mutex(0)
        let lists: [SentList]

        init(_ answer: SentReading, lists: [SentList] = [.messages]) {
            self.answer = Mutex(answer)
            self.lists = lists
        }

        func sent(_ list: SentList, since: Instant, page: String?) async -> SentReading {
            asked.withLock { $0 += 1 }
            return answer.withLock { $0 }
        }

        static func one(at instant: Instant) -> SentReading {
            let message = SentMessage(
                providerID: "SM1", channel: .sms, sender: "+15550000001", service: nil, address: "+15550000011",
                words: "Hello", takenAt: instant)
            return .page([message], next: nil, isCut: false)
        }
    }

    private struct Place {
        let admin: PostgresPool
        let worker: PostgresPool

        func value(_ expression: String) async throws -> String? {
            try await admin.fetch(
                Statement(name: "value \(expression.hashValue)", sql: "select (\(expression))::text as v"))[0]
                .optionalString("v")
        }

        func displacement() async throws -> String? { try await value("outrider.displacement()") }

        func present() async throws -> Instant {
            Instant(
                microseconds: Int64(Int(try await value("(extract(epoch from now()) * 1000000)::bigint") ?? "") ?? 0))
        }

        func watch(_ source: ScriptedSent) -> HomeWatch {
            HomeWatch(
                store: HomeStore(pool: worker), source: source,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
    }

    private static func with(_ body: (Place) async throws -> Void) async throws {
        let url = try await PostgresServer.migratedDatabase()
        let place = Place(
            admin: PostgresPool(PostgresConfiguration(url: url, poolSize: 1)),
            worker: PostgresPool(PostgresConfiguration(url: url + "?options=-crole%3Doutrider_worker", poolSize: 1)))
        try await place.admin.run(
            script: "insert into outrider.senders (name, channel, address) values ('s1', 'sms', '+15550000001')")
        do { try await body(place) } catch {
            await place.admin.close()
            await place.worker.close()
            throw error
        }
        await place.admin.close()
        await place.worker.close()
    }

    @Test(
        "after a promotion a fleet goes on when nothing is missing, asks when something is, and waits while nobody can say",
        arguments: [
            (true, 0, "goes on"), (true, 1, "unknown_messages"), (true, nil, "goes on"), (nil, 0, "goes on"),
            (nil, 1, "unknown_messages"), (nil, nil, "promoted"), (false, 0, "forgetful"),
        ] as [(Bool?, Int?, String)])
    func promotion(remembers: Bool?, unknown: Int?, end: String) async throws {
        try await Self.with { place async throws in
            let source: ScriptedSent
            switch unknown {
            case nil: source = ScriptedSent(.unavailable(reason: "http_500"))
            case 0: source = ScriptedSent(.page([], next: nil, isCut: false))
            default: source = ScriptedSent(ScriptedSent.one(at: try await place.present()))
            }
            let watch = place.watch(source)
            var memory = HomeWatch.Memory()
            if remembers != nil {
                for _ in 0..<3 { try await watch.look(&memory) }
            }
            if remembers == false {
                try await place.admin.run(script: "update outrider.watches set beat = beat - 1")
            }
            try await place.admin.run(script: "update outrider.installation set timeline = 0")
            for _ in 0..<3 { try await watch.look(&memory) }
            #expect(try await place.displacement() == (end == "goes on" ? nil : end))
            #expect(source.asked.withLock { $0 } == 1)
        }
    }

    @Test("a worker that remembers more than its database holds stops the fleet")
    func forgetful() async throws {
        try await Self.with { place async throws in
            let watch = place.watch(ScriptedSent(.page([], next: nil, isCut: false)))
            var memory = HomeWatch.Memory()
            for _ in 0..<3 { try await watch.look(&memory) }
            #expect(try await place.displacement() == nil)
            // As after a snapshot of the disk was put back under a running fleet.
            try await place.admin.run(script: "update outrider.watches set beat = 2")
            try await watch.look(&memory)
            #expect(try await place.displacement() == "forgetful")
        }
    }

    @Test("messages that a send without an answer may be of, of other senders and of before count for nothing")
    func known() async throws {
        try await Self.with { place async throws in
            let now = try await place.present()
            try await place.admin.run(
                script: """
                    insert into outrider.jobs (channel, address, body) values ('sms', '+15550000011', 'Hello');
                    insert into outrider.events (job_id, generation, kind, status, channel) values (1, 1, 'intent', 'taken', 'sms');
                    insert into outrider.open_sends (likeness, key, tenant, job_id, generation) values (1, 1, 'default', 1, 1);
                    insert into outrider.events (job_id, generation, kind, status, provider_id) values (1, 2, 'answer', 'accepted', 'SM7');
                    update outrider.installation set timeline = 0
                    """)
            let message = { (id: String, address: String, sender: String, at: Instant) in
                SentMessage(
                    providerID: id, channel: .sms, sender: sender, service: nil, address: address, words: "Hello",
                    takenAt: at)
            }
            let source = ScriptedSent(
                .page(
                    [
                        message("SM1", "+15550000011", "+15550000001", now),
                        message("SM7", "+15550000012", "+15550000001", now),
                        message("SM2", "+15550000012", "+15559999999", now),
                        message("SM3", "+15550000012", "+15550000001", now.advanced(by: .seconds(-3_600))),
                    ], next: "more", isCut: false))
            let watch = place.watch(source)
            var memory = HomeWatch.Memory()
            for _ in 0..<2 { try await watch.look(&memory) }
            #expect(try await place.displacement() == nil)
            #expect(source.asked.withLock { $0 } == 1, "a page that reaches back far enough is the last")
        }
    }

    @Test("a copy's messages are listed once, and kept for the operator who adopts it")
    func copy() async throws {
        try await Self.with { place async throws in
            try await place.admin.run(script: "update outrider.installation set system_identifier = '1'")
            let source = ScriptedSent(ScriptedSent.one(at: try await place.present()))
            let watch = place.watch(source)
            var memory = HomeWatch.Memory()
            for _ in 0..<3 { try await watch.look(&memory) }
            #expect(source.asked.withLock { $0 } == 1)
            #expect(try await place.value("select count(*) from outrider.witnessed_messages") == "1")
            #expect(try await place.displacement() == "another_server")
            try await place.admin.run(script: "select outrider.adopt('a test')")
            try await watch.look(&memory)
            #expect(try await place.displacement() == nil)
        }
    }
}
