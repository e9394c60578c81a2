import Delivery
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Signing

@testable import Sandbox

/// A sandbox without a network: its routes are called directly, and its life is lived through as fast as it can be.
struct Rehearsal: Sendable {
    static let sender = "+15005550006"
    let configuration: SandboxConfiguration
    let world: SandboxWorld
    let poster: RecordingPoster
    let client: any TestClientProtocol

    var account: String { "/2010-04-01/Accounts/\(configuration.accountSid)" }

    /// Runs `body` with a fresh sandbox.
    static func run<Value: Sendable>(
        _ configuration: SandboxConfiguration = SandboxConfiguration(),
        _ body: @Sendable (Rehearsal) async throws -> Value
    ) async throws -> Value {
        let key = try ECDSAPrivateKey.generate()
        let poster = RecordingPoster()
        let parts = try SandboxParts(
            configuration: configuration, signingKey: key, publicKey: try key.publicKeyDERBase64, poster: poster)
        let world = parts.world
        return try await Application(router: parts.router).test(.router) { client in
            try await body(
                Rehearsal(configuration: configuration, world: world, poster: poster, client: client))
        }
    }

    /// Calls a Twilio endpoint with the account's own credentials.
    func twilio(
        _ method: HTTPRequest.Method = .post, _ path: String, _ fields: [(String, String)] = [], password: String? = nil
    ) async throws -> Reply {
        let credentials = "\(configuration.accountSid):\(password ?? configuration.authToken)"
        let headers: HTTPFields = [
            .authorization: "Basic " + Array(credentials.utf8).base64Encoded,
            .contentType: "application/x-www-form-urlencoded",
        ]
        let body = FormParameters(fields.map { (name: $0.0, value: $0.1) }).encoded()
        return try await call(method, path, headers: headers, body: body)
    }

    /// Sends a message; `fields` replace or add to the usual ones.
    func message(_ to: String, _ fields: [String: String] = [:]) async throws -> Reply {
        let isWhatsApp = to.hasPrefix("whatsapp:")
        var all = ["To": to, "From": isWhatsApp ? "whatsapp:" + Self.sender : Self.sender, "Body": "Hello"]
        all["StatusCallback"] = "https://app.example/status?job=1#rc=5&rp=all"
        all.merge(fields) { $1 }
        return try await twilio(
            .post, account + "/Messages.json", all.filter { !$0.value.isEmpty }.map { ($0.key, $0.value) })
    }

    func callPhone(_ to: String, _ fields: [(String, String)] = []) async throws -> Reply {
        let events = ["initiated", "ringing", "answered", "completed"].map { ("StatusCallbackEvent", $0) }
        let usual = [
            ("To", to), ("From", Self.sender), ("StatusCallback", "https://app.example/call"),
            (
                "Twiml",
                "<Response><Gather action=\"https://app.example/key?a=1&amp;b=2\"><Say>1?</Say></Gather></Response>"
            ),
        ]
        return try await twilio(.post, account + "/Calls.json", usual + events + fields)
    }

    func mail(_ json: JSON, key: String? = nil) async throws -> Reply {
        try await call(
            .post, "/v3/mail/send",
            headers: [
                .authorization: "Bearer " + (key ?? configuration.sendGridAPIKey), .contentType: "application/json",
            ], body: json.text)
    }

    func mail(to address: String) async throws -> Reply {
        try await mail([
            "personalizations": [["to": [["email": .string(address)]], "custom_args": ["job": "7"]]],
            "from": ["email": "alerts@example.org"], "subject": "S", "content": [["type": "text/plain", "value": "T"]],
        ])
    }

    func control(_ method: HTTPRequest.Method, _ path: String, _ json: JSON? = nil) async throws -> Reply {
        try await call(method, "/sandbox/" + path, headers: [.contentType: "application/json"], body: json?.text ?? "")
    }

    func call(_ method: HTTPRequest.Method, _ path: String, headers: HTTPFields, body: String) async throws -> Reply {
        try await client.execute(uri: path, method: method, headers: headers, body: ByteBuffer(string: body)) {
            Reply(
                status: $0.status.code, headers: $0.headers,
                json: JSON(parsing: Array($0.body.readableBytesView)) ?? .null, body: Array($0.body.readableBytesView))
        }
    }

    /// Lives through everything that is ever going to happen; every callback is answered with `status`.
    func live(answering status: Int = 204) async -> [Callback] {
        var made: [Callback] = []
        while made.count < 1000 {
            let due = await world.takeDue(.now + .seconds(1_000_000), limit: 64)
            guard !due.isEmpty else { return made }
            for callback in due {
                made.append(callback)
                await world.finished(callback, .answered(status: status, body: []))
            }
        }
        return made
    }
}

struct Reply: Sendable {
    var status: Int
    var headers: HTTPFields
    var json: JSON
    var body: [UInt8]

    var code: Int? { json["code"]?.integer }
    var sid: String { json["sid"]?.string ?? "" }
}

/// Keeps what is posted to it.
actor RecordingPoster: CallbackPoster {
    private(set) var requests: [CallbackRequest] = []

    nonisolated func post(_ request: CallbackRequest) async -> CallbackReply {
        await keep(request)
        return .answered(status: 204, body: [])
    }

    private func keep(_ request: CallbackRequest) { requests.append(request) }
}

extension Callback {
    var form: FormParameters { (try? FormParameters(parsing: request.body)) ?? [:] }

    var signature: String { request.headers.first { $0.name == "X-Twilio-Signature" }?.value ?? "" }

    /// Whether the official rules accept the signature under `token`.
    func isSigned(with token: String) -> Bool {
        TwilioSignature.validates(header: signature, url: request.url, form: form.pairs, authTokens: [token])
    }
}
