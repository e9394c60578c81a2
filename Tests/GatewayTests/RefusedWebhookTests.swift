import HTTPTypes
import HummingbirdTesting
import Signing
import TestDatabase
import Testing

@testable import Gateway

@Suite("Webhooks that cannot be taken", .timeLimit(.minutes(5)))
struct RefusedWebhookTests {
    @Test("a body over the limit is refused, one at the limit is read")
    func size() async throws {
        let gateway = try await GatewayFixture()
        let limit = 64 * 1024
        try await gateway.testing { client async throws in
            for path in ["status", "voice", "inbound"] {
                let large = SignedRequest.twilio(
                    "/webhooks/twilio/\(path)", ["A": String(repeating: "a", count: limit)])
                #expect(try await client.send(large).status == .contentTooLarge)
            }
            let whole = SignedRequest.twilio(
                "/webhooks/twilio/status", ["A": String(repeating: "a", count: limit - 2)])
            #expect(whole.body.count == limit)
            #expect(try await client.send(whole).status == .badRequest, "genuine and read, but no status")
            let mail = try SignedRequest.mail(
                "[" + String(repeating: " ", count: 1024 * 1024) + "]", key: gateway.mailKey)
            #expect(try await client.send(mail).status == .contentTooLarge)
        }
    }

    @Test(
        "a content type that no provider sends is refused",
        arguments: ["text/plain", "multipart/form-data", "", "text/xml"])
    func type(_ contentType: String) async throws {
        let gateway = try await GatewayFixture()
        try await gateway.testing { client async throws in
            let form = SignedRequest.inbound("STOP", id: "SM1").with(.contentType, contentType)
            #expect(try await client.send(form).status == .unsupportedMediaType)
            let mail = try SignedRequest.mail("[]", key: gateway.mailKey).with(
                .contentType, "application/x-www-form-urlencoded")
            #expect(try await client.send(mail).status == .unsupportedMediaType)
        }
        #expect(try await gateway.count("inbound_messages") == 0)
    }

    @Test("a genuine webhook that says nothing readable is a bad request")
    func unreadable() async throws {
        let gateway = try await GatewayFixture()
        try await gateway.testing { client async throws in
            let requests: [SignedRequest] = [
                .twilio("/webhooks/twilio/status?job=1", ["MessageSid": "SM123", "MessageStatus": "sent"]),
                .twilio(
                    "/webhooks/twilio/status?job=x&generation=1&token=t",
                    ["MessageSid": "SM123", "MessageStatus": "sent"]),
                .twilio("/webhooks/twilio/inbound", ["From": GatewayFixture.person]),
                try .mail("{}", key: gateway.mailKey), try .mail("[", key: gateway.mailKey),
            ]
            for request in requests { #expect(try await client.send(request).status == .badRequest) }
        }
    }

    @Test("when the database is down the provider is asked to send it again")
    func databaseDown() async throws {
        let key = try ECDSAPrivateKey.generate()
        // Port 1 of this host: nobody listens.
        let service = try GatewayFixture.service(
            database: "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2", mailKey: key)
        try await service.application().test(.router) { client async throws in
            let requests: [SignedRequest] = [
                .status(job: 1, "delivered"), .inbound("STOP", id: "SM123"),
                try .mail(#"[{"email":"a@example.com","event":"unsubscribe"}]"#, key: key),
            ]
            for request in requests {
                let response = try await client.send(request)
                #expect(response.status == .serviceUnavailable)
                #expect(response.headers[.retryAfter] != nil)
            }
            #expect(try await client.get("/readyz").status == .serviceUnavailable)
            #expect(try await client.get("/healthz").status == .ok)
            #expect(try await client.get("/").status == .serviceUnavailable)
            let metrics = try await client.get("/metrics")
            #expect(metrics.status == .ok)
            #expect(metrics.text.contains("outrider_database_up 0"))
        }
    }
}
