import HTTPTypes
import HummingbirdTesting
import Signing
import TestDatabase
import Testing

@testable import Gateway

@Suite("Who is believed", .timeLimit(.minutes(5)))
struct SignatureRuleTests {
    @Test("unsigned, forged and tampered webhooks are refused and leave no row")
    func refused() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt()
        let before = try await gateway.everything()
        let genuine = SignedRequest.status(job: job, "delivered")
        var tamperedBody = genuine
        tamperedBody.body += Array("&Extra=1".utf8)
        var tamperedQuery = genuine
        tamperedQuery.path += "0"
        var otherPath = genuine
        otherPath.path = genuine.path.replacing("/status", with: "/voice")
        let requests = [
            genuine.with(.twilioSignature, nil), genuine.with(.twilioSignature, ""),
            genuine.with(.twilioSignature, "bm90IHRoZSBzaWduYXR1cmU="), tamperedBody, tamperedQuery, otherPath,
            .status(job: job, "delivered", token: "another-token"), .status(job: job, "delivered", token: ""),
        ]
        try await gateway.testing { client async throws in
            for request in requests { #expect(try await client.send(request).status == .forbidden) }
        }
        #expect(try await gateway.everything() == before)
    }

    @Test("both auth tokens are believed while one replaces the other")
    func rotation() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt()
        try await gateway.testing { client async throws in
            #expect(try await client.send(.status(job: job, "sent")).status == .noContent)
            let second = SignedRequest.status(job: job, "delivered", token: GatewayFixture.secondary)
            #expect(try await client.send(second).status == .noContent)
        }
        #expect(try await gateway.count("events", where: "kind = 'receipt'") == 2)
    }

    @Test("the configured public URL counts, whatever Host says")
    func host() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt()
        let forwarded = try #require(HTTPField.Name("X-Forwarded-Host"))
        try await gateway.testing { client async throws in
            let request = SignedRequest.status(job: job, "delivered").with(forwarded, "evil.example")
            #expect(try await client.send(request).status == .noContent)
            var forged = request
            let path = request.path
            forged.headers[.twilioSignature] = TwilioSignature.sign(
                url: "https://evil.example" + path, parameters: try FormParameters(parsing: request.body).pairs,
                authToken: GatewayFixture.primary)
            #expect(try await client.send(forged).status == .forbidden)
        }
    }

    @Test("a JSON body is believed by its hash in the signed URL")
    func json() async throws {
        let gateway = try await GatewayFixture()
        let job = try await gateway.attempt()
        let body = Array(#"{"MessageSid":"\#(GatewayFixture.messageID)","MessageStatus":"delivered"}"#.utf8)
        let path =
            "/webhooks/twilio/status?job=\(job)&generation=1&token=\(GatewayFixture.token)"
            + "&bodySHA256=\(sha256(body).hexEncoded)"
        let request = SignedRequest(
            path: path,
            headers: [
                .contentType: "application/json",
                .twilioSignature: TwilioSignature.sign(
                    url: GatewayFixture.publicURL + path, authToken: GatewayFixture.primary),
            ], body: body)
        try await gateway.testing { client async throws in
            var tampered = request
            tampered.body = Array(#"{"MessageSid":"\#(GatewayFixture.messageID)","MessageStatus":"failed"}"#.utf8)
            #expect(try await client.send(tampered).status == .forbidden)
            #expect(try await client.send(request).status == .noContent)
        }
        #expect(try await gateway.count("events", where: "kind = 'receipt' and level = 'delivered'") == 1)
    }

    @Test("a batch of mail events is believed only with SendGrid's signature of exactly these bytes")
    func mail() async throws {
        let gateway = try await GatewayFixture()
        let other = try ECDSAPrivateKey.generate()
        let body = #"[{"email":"a@example.com","event":"spamreport","sg_event_id":"e1"}]"#
        let genuine = try SignedRequest.mail(body, key: gateway.mailKey)
        var tampered = genuine
        tampered.body += Array("\r\n".utf8)
        let refused = [
            tampered, try SignedRequest.mail(body, key: other), genuine.with(.sendGridSignature, nil),
            genuine.with(.sendGridTimestamp, genuine.headers[.sendGridTimestamp].map { "\((Int($0) ?? 0) - 1)" }),
            genuine.with(.sendGridTimestamp, nil),
            // SendGrid repeats a batch for a day; what comes later is somebody's copy.
            try SignedRequest.mail(body, key: gateway.mailKey, age: 25 * 3_600 + 60),
        ]
        try await gateway.testing { client async throws in
            for request in refused { #expect(try await client.send(request).status == .forbidden) }
            #expect(try await gateway.count("suppressions") == 0)
            #expect(try await client.send(genuine).status == .noContent)
            // One for each category that the wish is about.
            #expect(try await gateway.count("suppressions") == 3)
            let repeated = try SignedRequest.mail(body, key: gateway.mailKey, age: 24 * 3_600)
            #expect(try await client.send(repeated).status == .noContent)
        }
    }
}
