import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Signing
import TestDatabase

@testable import Gateway

/// Webhooks as the providers send them.
struct SignedRequest {
    var path: String
    var headers: HTTPFields
    var body: [UInt8]

    /// A Twilio form, signed with `token` for the configured public URL.
    static func twilio(_ path: String, _ form: FormParameters, token: String = GatewayFixture.primary) -> SignedRequest
    {
        let signature = TwilioSignature.sign(
            url: GatewayFixture.publicURL + path, parameters: form.pairs, authToken: token)
        return SignedRequest(
            path: path,
            headers: [.contentType: "application/x-www-form-urlencoded; charset=utf-8", .twilioSignature: signature],
            body: Array(form.encoded().utf8))
    }

    static func status(
        job: Int, _ status: String, errorCode: String? = nil, generation: Int = 1,
        attemptToken: String = GatewayFixture.token, messageID: String = GatewayFixture.messageID,
        token: String = GatewayFixture.primary
    ) -> SignedRequest {
        var form: FormParameters = ["MessageSid": messageID, "MessageStatus": status, "To": GatewayFixture.person]
        if let errorCode { form.append("ErrorCode", errorCode) }
        return twilio(
            "/webhooks/twilio/status?job=\(job)&generation=\(generation)&token=\(attemptToken)", form, token: token)
    }

    static func inbound(_ text: String, id: String, from: String = GatewayFixture.person) -> SignedRequest {
        twilio(
            "/webhooks/twilio/inbound",
            ["MessageSid": id, "From": from, "To": GatewayFixture.sender, "Body": text])
    }

    static func mail(_ body: String, key: ECDSAPrivateKey, age: Int = 0) throws -> SignedRequest {
        let bytes = Array(body.utf8)
        let timestamp = String(Int(Date.now.timeIntervalSince1970) - age)
        let signature = try SendGridSignature.sign(timestamp: timestamp, body: bytes, privateKey: key)
        return SignedRequest(
            path: "/webhooks/sendgrid/events",
            headers: [
                .contentType: "application/json", .sendGridSignature: signature, .sendGridTimestamp: timestamp,
            ], body: bytes)
    }

    func with(_ name: HTTPField.Name, _ value: String?) -> SignedRequest {
        var request = self
        request.headers[name] = value
        return request
    }
}

extension TestClientProtocol {
    func send(_ request: SignedRequest) async throws -> TestResponse {
        try await execute(
            uri: request.path, method: .post, headers: request.headers, body: ByteBuffer(bytes: request.body))
    }

    /// The answer once the database has had time, asked for again as a provider does.
    func sendInTime(_ request: SignedRequest) async throws -> TestResponse {
        try await inTime { try await send(request) }
    }

    func get(_ path: String, _ headers: HTTPFields = [:]) async throws -> TestResponse {
        try await execute(uri: path, method: .get, headers: headers)
    }

    /// The answer once the database has had time: on a loaded machine it may take longer than a page waits for it.
    func getInTime(_ path: String, _ headers: HTTPFields = [:]) async throws -> TestResponse {
        try await inTime { try await get(path, headers) }
    }

    /// Asks again while the service is unavailable or leaves figures out that were late; after a minute and a half what came last is the answer.
    private func inTime(_ ask: () async throws -> TestResponse) async throws -> TestResponse {
        let deadline = ContinuousClock.now + .seconds(90)
        var response = try await ask()
        while response.status == .serviceUnavailable || response.text.contains("Not counted in time"),
            ContinuousClock.now < deadline
        {
            response = try await ask()
        }
        return response
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }
}
