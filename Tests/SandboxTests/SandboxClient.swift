import Delivery
import HTTPTransport
import Signing
import Testing

@testable import Sandbox

/// A client of a live sandbox.
struct SandboxClient: Sendable {
    let base: String
    let configuration: SandboxConfiguration
    let transport: HTTPTransport

    func message(_ to: String, callback: String) async throws -> ServerReply {
        let form: FormParameters = [
            "To": to, "From": "+15005550006", "Body": "Hello", "StatusCallback": callback,
        ]
        return try await perform(
            OutgoingRequest(
                method: .post, url: base + "/2010-04-01/Accounts/\(configuration.accountSid)/Messages.json",
                headers: [("Content-Type", "application/x-www-form-urlencoded")], body: Array(form.encoded().utf8),
                credentials: .basic(user: configuration.apiKeySid, password: configuration.apiKeySecret)))
    }

    func fault(_ kind: String) async throws {
        let json = JSON.object([.init(name: "kind", value: .string(kind)), .init(name: "count", value: 1)])
        let reply = try await perform(
            OutgoingRequest(method: .post, url: base + "/sandbox/faults", body: Array(json.text.utf8)))
        #expect(reply.status == 201)
    }

    func get(_ path: String) async throws -> JSON {
        let reply = try await perform(OutgoingRequest(method: .get, url: base + path))
        return try #require(JSON(parsing: reply.body))
    }

    private func perform(_ request: OutgoingRequest) async throws -> ServerReply {
        switch await transport.perform(request) {
        case .answered(let response): return response
        case .notSent(let reason): throw reason
        case .unknown(let reason): throw reason
        }
    }
}
