import Delivery
import Foundation
import Insight
import JobQueue
import Postgres
import Schema
import TestDatabase
import Testing

/// A database that was restored, copied or moved may ask for what was sent already.
@Suite("Where a database is", .timeLimit(.minutes(5)))
struct DisplacementTests {
    /// A database with a sender and two jobs.
    private static func source() async throws -> String {
        let url = try await PostgresServer.migratedDatabase()
        try await Stand.with(url) { stand async throws in
            try await stand.run(
                """
                insert into outrider.senders (name, channel, address) values ('s1', 'sms', '+15550000001');
                insert into outrider.jobs (channel, address, body, category) values
                    ('sms', '+15550000011', 'Hello, Ann', 'otp'), ('sms', '+15550000012', 'Hello, Bob', 'marketing')
                """)
        }
        return url
    }

    private static let words: [Copy: String] = [
        .plain: "another_database", .custom: "another_database", .directory: "another_database",
        .rowsAlone: "restored_rows", .rowsAsReplica: "restored_rows", .inPlace: "restored_rows",
        .template: "another_database",
    ]

    @Test("nothing is taken from a copy until an operator adopts it, and then everything", arguments: Copy.allCases)
    func copies(copy: Copy) async throws {
        try await Stand.with(try await copy.make(of: try await Self.source())) { stand async throws in
            #expect(try await stand.value("outrider.displacement()") == Self.words[copy])
            try await Self.expectNothingBegins(stand)
            #expect(
                try await stand.value("outrider.adopt('a test')")
                    == "adopted: workers go on; 0 sends are looked up first")
            #expect(try await stand.value("outrider.displacement()") == nil)
            #expect(try await Self.begin(stand) == 2)
            #expect(try await stand.value("outrider.adopt('again')") == "adopted already: nothing changed")
            #expect(try await stand.number("select count(*) from outrider.adoptions where login = session_user") == 1)
        }
    }

    @Test(
        "another server, an earlier log and a doubt stop a fleet; a promotion alone lets it go on",
        arguments: [
            ("system_identifier = '1'", "another_server"), ("timeline = 1000", "timeline_behind"),
            ("timeline = 0", "promoted"), ("doubt = 'forgetful'", "forgetful"),
        ])
    func servers(change: String, word: String) async throws {
        try await Stand.with(try await Self.source()) { stand async throws in
            try await stand.run("update outrider.installation set \(change)")
            #expect(try await stand.value("outrider.displacement()") == word)
            try await Self.expectNothingBegins(stand)
            #expect(try await HomeStore(pool: stand.worker).notePromotion() == (word == "promoted"))
            if word == "promoted" { #expect(try await Self.begin(stand) == 2) }
        }
    }

    @Test("a doubt of a worker stays until an operator adopts, and hides no other reason")
    func doubt() async throws {
        let source = try await Self.source()
        try await Stand.with(source) { stand async throws in
            let home = HomeStore(pool: stand.worker)
            #expect(try await home.doubt(.forgetful))
            #expect(try await !home.doubt(.unknownMessages))
            #expect(try await stand.value("outrider.displacement()") == "forgetful")
            try await stand.run("select outrider.adopt('the old one is gone')")
            #expect(try await Self.begin(stand) == 2)
        }
        try await Stand.with(try await Copy.inPlace.make(of: source)) { stand async throws in
            #expect(try await !HomeStore(pool: stand.worker).doubt(.forgetful))
            #expect(try await stand.value("outrider.displacement()") == "restored_rows")
        }
    }

    @Test("what a provider lists and a restored database does not know is looked up instead of sent")
    func witness() async throws {
        try await Stand.with(try await Copy.custom.make(of: try await Self.source())) { stand async throws in
            let home = HomeStore(pool: stand.worker)
            #expect(try await home.claimWitness() != nil)
            #expect(try await home.claimWitness() == nil, "one worker reads the lists, not all of them")
            let now = Instant(microseconds: Int64(Date.now.timeIntervalSince1970 * 1e6))
            let listed = { (id: String, address: String, sender: String, words: String) in
                HomeStore.Listed(
                    providerID: id, channel: .sms, sender: sender, service: nil, address: address, words: words,
                    takenAt: now)
            }
            try await home.keep([
                listed("SM1", "+15550000011", "+15550000001", "Hello,  Ann"),
                listed("SM2", "+15550000011", "+15550000001", "Another text"),
                listed("SM3", "+15550000012", "+15559999999", "Hello, Bob"),
            ])
            try await home.endWitness(isWhole: true, fault: nil)
            let report = try await Adoption(stand.admin).report()
            #expect(report.displacement == "another_database")
            #expect(
                report.lines.map { "\($0.what) \($0.category ?? "") \($0.count)" } == [
                    "look up: a provider lists a message like it otp 1",
                    "messages that the providers list and this database does not know  2", "send marketing 1",
                    "send otp 0",
                ])
            #expect(try await Adoption(stand.admin).adopt(because: "a test").hasSuffix("1 sends are looked up first"))
            #expect(
                try await stand.value(
                    "select string_agg(job_id || ' ' || reason, ', ' order by job_id) from outrider.due")
                    == "1 reconcile, 2 dispatch")
            #expect(
                try await stand.value("select status from outrider.events where job_id = 1 and kind = 'answer'")
                    == "lost")
            #expect(try await stand.number("select jsonb_array_length(report) from outrider.adoptions") == 4)
        }
    }

    @Test("an adoption goes on with ids after the highest that there is")
    func ids() async throws {
        try await Stand.with(try await Self.source()) { stand async throws in
            // As logical replication leaves it: rows, and a sequence at its beginning.
            try await stand.run("select setval('outrider.jobs_id_seq', 1, false)")
            try await stand.run("update outrider.installation set doubt = 'forgetful'")
            try await stand.run("select outrider.adopt('replicated')")
            #expect(try await stand.number("select nextval('outrider.jobs_id_seq')") == 3)
        }
    }

    @Test("an operator may adopt; nobody else may")
    func operators() async throws {
        try await Stand.with { stand async throws in
            try await stand.run("update outrider.installation set doubt = 'forgetful'")
            for role in ["outrider_app", "outrider_worker", "outrider_gateway"] {
                let pool = Stand.pool(stand.url, role, .custom)
                await #expect(throws: PostgresError.self) { try await pool.run(script: "select outrider.adopt('x')") }
                await pool.close()
            }
            let pool = Stand.pool(stand.url, "outrider_operator", .custom)
            try await pool.run(script: "select outrider.adopt('x')")
            await pool.close()
        }
    }

    // MARK: Parts

    /// Neither a look offers a lane, nor does the fence begin what was taken by a look before.
    private static func expectNothingBegins(_ stand: Stand) async throws {
        let lanes = try await JobStore(pool: stand.worker).look([
            LaneSegment(lane: .decide(0), after: .start, until: .end)
        ]).lanes
        #expect(lanes.count == 2 && lanes.allSatisfy { !$0.isOpen })
        #expect(try await begin(stand) == 0)
        #expect(try await stand.number("select count(*) from outrider.events") == 0)
        #expect(try await stand.number("select count(*) from outrider.due") == 2)
    }

    /// Takes every lane, open or not, and begins all its sends.
    private static func begin(_ stand: Stand) async throws -> Int {
        let store = JobStore(pool: stand.worker)
        var begun = 0
        for lane in try await store.look([LaneSegment(lane: .decide(0), after: .start, until: .end)]).lanes {
            begun += try await store.take(TakeOrder(lane: lane, floor: .start, limit: 10, worker: "w1")) { take in
                var verdict = Verdict()
                for row in take.rows {
                    guard case .job(let job) = row.state else { continue }
                    verdict.sends.append(Verdict.Send(job, patience: nil))
                    verdict.done.append(row.due)
                }
                return verdict
            }.sends.count
        }
        return begun
    }
}
