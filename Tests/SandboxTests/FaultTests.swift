import Delivery
import Foundation
import HTTPTypes
import Signing
import Testing

@testable import Sandbox

@Suite("Faults strike as documented")
struct FaultTests {
    @Test(
        "a fault before acceptance leaves no trace, one after it leaves a message",
        arguments: [
            ("429", 429, 0), ("500_before_accept", 500, 0), ("500_after_accept", 500, 1), ("garbage", 201, 1),
        ] as [(String, Int, Int)])
    func replies(kind: String, status: Int, accepted: Int) async throws {
        try await Rehearsal.run { sandbox in
            let fault: JSON = [
                "kind": .string(kind), "match": ["path": "/Messages", "to": "+1500000"], "count": 1,
            ]
            #expect(try await sandbox.control(.post, "faults", fault).status == 201)
            #expect(try await sandbox.callPhone("+15000001234").status == 201)
            #expect(try await sandbox.message("+48600100200").status == 201)
            let struck = try await sandbox.message("+15000001234")
            #expect(struck.status == status)
            if kind == "garbage" { #expect(struck.json == .null) }
            let ledger = try await sandbox.control(.get, "ledger")
            #expect(ledger.json["entries"]?.array?.count == 2 + accepted)
            #expect(try await sandbox.message("+15000001234").status == 201)
        }
    }

    @Test("a removed fault strikes no more, and a wrong one is refused with what is allowed")
    func removed() async throws {
        try await Rehearsal.run { sandbox in
            #expect(try await sandbox.control(.post, "faults", ["kind": "429"]).status == 201)
            #expect(try await sandbox.message("+15000001234").status == 429)
            #expect(try await sandbox.control(.delete, "faults").status == 204)
            #expect(try await sandbox.message("+15000001234").status == 201)
            let wrong = try await sandbox.control(.post, "faults", ["kind": "gremlins"])
            #expect(wrong.status == 400)
            #expect(wrong.json["error"]?.string?.contains("reset_after_accept") == true)
            #expect(try await sandbox.control(.post, "faults", ["kind": "429", "probability": 2]).status == 400)
        }
    }

    private func statuses(with fault: JSON) async throws -> [String?] {
        try await Rehearsal.run { sandbox in
            #expect(try await sandbox.control(.post, "faults", fault).status == 201)
            _ = try await sandbox.message("+15000001234")
            return await sandbox.live().map { $0.form["MessageStatus"] }
        }
    }

    @Test("callbacks are tripled, lost or out of order when a fault says so")
    func callbacks() async throws {
        let tripled = try await statuses(with: ["kind": "duplicate_callbacks"])
        #expect(tripled.count == 9)
        #expect(Set(tripled) == ["sending", "sent", "delivered"])
        #expect(try await statuses(with: ["kind": "lose_callbacks"]).isEmpty)
        #expect(try await statuses(with: ["kind": "lose_callbacks", "fraction": 0]).count == 3)
        let reordered = try await statuses(with: ["kind": "reorder_callbacks"])
        #expect(reordered.count == 3)
        #expect(Set(reordered) == ["sending", "sent", "delivered"])
        #expect(reordered != ["sending", "sent", "delivered"])
    }

    @Test("an early callback is made before the reply")
    func early() async throws {
        try await Rehearsal.run { sandbox in
            _ = try await sandbox.control(.post, "faults", ["kind": "early_callbacks"])
            _ = try await sandbox.message("+15000001234")
            let posted = await sandbox.poster.requests
            #expect(posted.count == 1)
            #expect(await sandbox.live().map { $0.form["MessageStatus"] } == ["sent", "delivered"])
        }
    }

    @Test("chance is the seed's: the same seed strikes the same requests, another does not")
    func seeded() async throws {
        func strikes(seed: UInt64) async throws -> [Int] {
            try await Rehearsal.run(SandboxConfiguration(seed: seed)) { sandbox in
                _ = try await sandbox.control(.post, "faults", ["kind": "429", "probability": .double(0.5)])
                var statuses: [Int] = []
                for _ in 0..<40 { statuses.append(try await sandbox.message("+15000001234").status) }
                return statuses
            }
        }
        let first = try await strikes(seed: 1)
        #expect(Set(first) == [201, 429])
        #expect(try await strikes(seed: 1) == first)
        #expect(try await strikes(seed: 2) != first)
    }

    @Test("mail events are doubled, lost, turned round or early too")
    func mailEvents() async throws {
        func events(with kind: String) async throws -> (early: Int, later: [String?]) {
            try await Rehearsal.run(MailTests.withEvents) { sandbox in
                _ = try await sandbox.control(.post, "faults", ["kind": .string(kind)])
                #expect(try await sandbox.mail(to: "delivered@example.org").status == 202)
                let early = await sandbox.poster.requests.count
                let later = await sandbox.live().flatMap { JSON(parsing: $0.request.body)?.array ?? [] }
                return (early, later.map { $0["event"]?.string })
            }
        }
        #expect(
            try await events(with: "duplicate_callbacks").later == [
                "processed", "processed", "processed", "delivered", "delivered", "delivered",
            ])
        #expect(try await events(with: "lose_callbacks").later.isEmpty)
        let early = try await events(with: "early_callbacks")
        #expect(early.early == 1)
        #expect(early.later == ["delivered"])
    }
}
