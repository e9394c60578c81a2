import HTTPTypes
import HummingbirdTesting
import Postgres
import TestDatabase
import Testing

@testable import Gateway

@Suite("Mail events", .timeLimit(.minutes(5)))
struct MailWebhookTests {
    @Test("a batch gives receipts to its jobs, suppresses who must not be written to, and changes nothing twice")
    func batch() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt(channel: "email", address: "ann@example.com")
        let ours =
            #""outrider_job":"\#(job)","outrider_generation":"1","outrider_token":"\#(GatewayFixture.token)""#
        let body = """
            [{"email":"ann@example.com","event":"delivered","sg_message_id":"abc.filter","sg_event_id":"1",\(ours)},
             {"email":"Bob@Example.com","event":"bounce","type":"bounce","status":"5.1.1","sg_event_id":"2"},
             {"email":"cid@example.com","event":"bounce","type":"blocked","sg_event_id":"3"},
             {"email":"dee@example.com","event":"unsubscribe","sg_event_id":"4"},
             {"email":"eve@example.com","event":"spamreport","sg_event_id":"5"},
             {"something":"else"}]
            """
        try await gateway.testing { client async throws in
            let request = try SignedRequest.mail(body, key: gateway.mailKey)
            #expect(try await client.send(request).status == .noContent)
            let before = try await gateway.everything()
            #expect(try await client.send(request).status == .noContent)
            #expect(try await gateway.everything() == before)
        }
        #expect(try await gateway.count("events", where: "kind = 'receipt' and level = 'delivered'") == 1)
        #expect(try await gateway.count("due", where: "job_id = \(job)") == 1)
        for address in ["bob@example.com", "dee@example.com", "eve@example.com"] {
            #expect(try await gateway.suppressed(address) == ["email"])
        }
        #expect(try await gateway.count("suppressions") == 3)
    }

    @Test("an event from before an operator allowed the address again changes nothing, however often it is repeated")
    func lifted() async throws {
        let gateway = try await GatewayFixture()
        @Sendable func event(_ seconds: String) -> String {
            #"[{"email":"ann@example.com","timestamp":\#(seconds),"event":"bounce","type":"bounce"}]"#
        }
        try await gateway.testing { client async throws in
            let old = try SignedRequest.mail(event("1700000000"), key: gateway.mailKey)
            #expect(try await client.send(old).status == .noContent)
            #expect(try await gateway.suppressed("ann@example.com") == ["email"])
            try await gateway.admin.run(script: "select outrider.lift_suppression('ann@example.com')")
            for _ in 1...2 { #expect(try await client.send(old).status == .noContent) }
            #expect(try await gateway.suppressed("ann@example.com") == [])
            // Of after it, or of no known time.
            for seconds in ["4000000000", "null", "1e30"] {
                let new = try SignedRequest.mail(event(seconds), key: gateway.mailKey)
                #expect(try await client.send(new).status == .noContent)
                #expect(try await gateway.suppressed("ann@example.com") == ["email"], "\(seconds)")
                try await gateway.admin.run(script: "select outrider.lift_suppression('ann@example.com')")
            }
        }
    }

    @Test("a batch larger than one commit is stored whole")
    func large() async throws {
        let gateway = try await GatewayFixture()
        let events = (0..<2_500).map { #"{"email":"p\#($0)@example.com","event":"unsubscribe"}"# }
        try await gateway.testing { client async throws in
            let request = try SignedRequest.mail("[" + events.joined(separator: ",") + "]", key: gateway.mailKey)
            #expect(try await client.send(request).status == .noContent)
        }
        #expect(try await gateway.count("suppressions") == 2_500)
    }
}
