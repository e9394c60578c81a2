import HTTPTypes
import HummingbirdTesting
import Postgres
import Signing
import TestDatabase
import Testing

@testable import Gateway

@Suite("Status webhooks", .timeLimit(.minutes(5)))
struct StatusWebhookTests {
    @Test("a genuine receipt is committed, with its level, and its job is looked at")
    func stored() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt()
        try await gateway.testing { client async throws in
            #expect(try await client.send(.status(job: job, "delivered")).status == .noContent)
        }
        let event = try #require(
            try await gateway.query("select * from outrider.events where kind = 'receipt'").first)
        #expect(try event.string("level") == "delivered")
        #expect(try event.string("channel") == "sms")
        #expect(try event.string("provider_id") == GatewayFixture.messageID)
        #expect(try event.optionalString("class") == nil)
        #expect(try await gateway.count("due", where: "reason = 'decide' and lane = 1 and generation = 1") == 1)
    }

    @Test("news that cannot change anything is stored and adds no due row")
    func progress() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt()
        try await gateway.testing { client async throws in
            _ = try await client.send(.status(job: job, "queued"))
            _ = try await client.send(.status(job: job, "sent"))
        }
        #expect(try await gateway.count("events", where: "kind = 'receipt'") == 2)
        #expect(try await gateway.count("due") == 0)
    }

    @Test(
        "a failure has the class of its code, or a safe one when nobody knows the code",
        arguments: [("30003", "unreachable"), ("30006", "landline"), ("39999", "unreachable")])
    func classes(_ code: String, _ failure: String) async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt()
        try await gateway.testing { client async throws in
            _ = try await client.send(.status(job: job, "undelivered", errorCode: code))
        }
        let event = try #require(
            try await gateway.query("select code, class from outrider.events where kind = 'receipt'").first)
        #expect(try event.string("code") == code)
        #expect(try event.string("class") == failure)
        #expect(try await gateway.count("due") == 1)
        #expect(try await gateway.suppressed() == [])
    }

    @Test("a receipt that says opted out closes every phone channel of the person")
    func optedOut() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt()
        try await gateway.testing { client async throws in
            _ = try await client.send(.status(job: job, "failed", errorCode: "21610"))
        }
        #expect(try await gateway.suppressed() == ["sms", "voice", "whatsapp"])
    }

    @Test("a fault of our account that a receipt tells of pauses the sender, as one that an answer tells of does")
    func configurationFault() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt()
        try await gateway.testing { client async throws in
            #expect(try await client.send(.status(job: job, "failed", errorCode: "30002")).status == .noContent)
        }
        let isPaused = "paused_until > clock_timestamp() + interval '20 seconds' and paused_reason like '%30002%'"
        #expect(try await gateway.count("senders", where: isPaused) == 1)
        #expect(try await gateway.suppressed() == [])

        // A replay is no news: an operator who lets the sender go on is not overruled.
        try await gateway.query("update outrider.senders set paused_until = null, paused_reason = null")
        try await gateway.testing { client async throws in
            #expect(try await client.send(.status(job: job, "failed", errorCode: "30002")).status == .noContent)
        }
        #expect(try await gateway.count("senders", where: "paused_until is not null") == 0)
    }

    @Test("a registration that one country lacks stops the sender when ten people in a row met it, not before")
    func unregistered() async throws {
        let gateway = try await GatewayFixture()
        var jobs: [Int] = []
        for _ in 0..<20 { jobs.append(try await gateway.attempt()) }
        try await gateway.testing { [jobs] client async throws in
            for job in jobs[..<9] { _ = try await client.send(.status(job: job, "failed", errorCode: "30034")) }
            #expect(try await gateway.count("senders", where: "paused_until is not null") == 0)
            // Something got through: it is not the sender. That something is on its way proves nothing.
            _ = try await client.send(.status(job: jobs[9], "delivered"))
            for job in jobs[10..<19] {
                _ = try await client.send(.status(job: job, "sent"))
                _ = try await client.send(.status(job: job, "undelivered", errorCode: "30034"))
            }
            #expect(try await gateway.count("senders", where: "paused_until is not null") == 0)
            _ = try await client.send(.status(job: jobs[19], "sent"))
            _ = try await client.send(.status(job: jobs[19], "failed", errorCode: "30034"))
            #expect(try await gateway.count("senders", where: "paused_until is not null") == 1)
        }
    }

    @Test("a refusal of this sender for this recipient never stops the sender")
    func wrongSender() async throws {
        let gateway = try await GatewayFixture()
        var jobs: [Int] = []
        for _ in 0..<12 { jobs.append(try await gateway.attempt()) }
        try await gateway.testing { [jobs] client async throws in
            for job in jobs { _ = try await client.send(.status(job: job, "failed", errorCode: "21703")) }
        }
        #expect(try await gateway.count("senders", where: "paused_until is not null") == 0)
        #expect(try await gateway.count("events", where: "class = 'wrong_sender'") == 12)
    }

    @Test("a no on WhatsApp's own list closes WhatsApp alone, and START lifts it")
    func channelOptOut() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt(channel: "whatsapp")
        let form: FormParameters = [
            "MessageSid": GatewayFixture.messageID, "MessageStatus": "undelivered", "ErrorCode": "63033",
            "To": "whatsapp:" + GatewayFixture.person,
        ]
        try await gateway.testing { client async throws in
            _ = try await client.send(
                .twilio("/webhooks/twilio/status?job=\(job)&generation=1&token=\(GatewayFixture.token)", form))
            #expect(try await gateway.suppressed() == ["whatsapp"])
            _ = try await client.send(.inbound("START", id: "SM001"))
            #expect(try await gateway.suppressed() == [])
        }
    }

    @Test("the same receipt again changes nothing")
    func replay() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt()
        try await gateway.testing { client async throws in
            let request = SignedRequest.status(job: job, "failed", errorCode: "21610")
            #expect(try await client.sendInTime(request).status == .noContent)
            let before = try await gateway.everything()
            for _ in 0..<5 { #expect(try await client.sendInTime(request).status == .noContent) }
            #expect(try await gateway.everything() == before)
        }
    }

    @Test("a call's word is stored as voice, and answered with an empty document")
    func voice() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt(channel: "voice")
        try await gateway.testing { client async throws in
            let response = try await client.send(
                .twilio(
                    "/webhooks/twilio/voice?job=\(job)&generation=1&token=\(GatewayFixture.token)",
                    ["CallSid": "CA00000000000000000000000000000001", "CallStatus": "busy"]))
            #expect(response.status == .ok)
            #expect(response.headers[.contentType]?.hasPrefix("text/xml") == true)
            #expect(response.text.hasSuffix("<Response/>"))
        }
        #expect(try await gateway.count("events", where: "kind = 'receipt' and class = 'no_answer'") == 1)
    }

    @Test("a receipt for no attempt of ours is counted, and nothing is stored")
    func unknown() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt()
        let before = try await gateway.everything()
        try await gateway.testing { client async throws in
            let other = "00000000-0000-4000-8000-000000000000"
            let requests: [SignedRequest] = [
                .status(job: job + 1, "delivered"), .status(job: job, "delivered", generation: 2),
                .status(job: job, "delivered", attemptToken: other),
                .status(job: job, "delivered", attemptToken: "not-a-uuid"),
            ]
            for request in requests { #expect(try await client.send(request).status == .noContent) }
        }
        #expect(try await gateway.everything() == before)
        #expect(gateway.registry.text().contains(#"outrider_arrivals_total{fate="unknown",source="status"} 4"#))
    }

    @Test("two hundred receipts at once are all there when the last is answered")
    func concurrent() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt()
        try await gateway.query(
            """
            insert into outrider.events (job_id, generation, kind, status, step, channel, sender_id, token, worker)
            select $1, n, 'intent', 'taken', 0, 'sms', 1, $2::uuid, 'w' from generate_series(2, 200) n
            """, [.int(job), .uuid(GatewayFixture.token)])
        try await gateway.testing { client async throws in
            try await withThrowingTaskGroup { group in
                for generation in 1...200 {
                    group.addTask {
                        try await client.send(.status(job: job, "delivered", generation: generation)).status
                    }
                }
                for try await status in group { #expect(status == .noContent) }
            }
            #expect(try await gateway.count("events", where: "kind = 'receipt'") == 200)
            #expect(try await gateway.count("due") == 200)
        }
        let commits = try await gateway.query(
            "select count(distinct xmin::text) as n from outrider.events where kind = 'receipt'")
        #expect(try commits[0].int("n") < 100, "requests that come together share a commit")
    }
}
