import Delivery
import Foundation
import HTTPTransport
import HTTPTypes
import Hummingbird
import Logging
import ServiceLifecycle
import Signing
import Testing

@testable import Sandbox

@Suite("Over real connections", .timeLimit(.minutes(5)))
struct LiveTests {
    /// Serves `service` until `body` is over, then shuts it down gracefully.
    private func serving<Value: Sendable>(
        _ services: [any Service], _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let group = ServiceGroup(services: services, logger: logger)
        return try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            let value = try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return value
        }
    }

    /// A web server that passes on each request it gets.
    private func receiver() -> (
        application: Application<RouterResponder<BasicRequestContext>>, ports: AsyncStream<Int>, hits: AsyncStream<Hit>
    ) {
        let (ports, portFound) = AsyncStream.makeStream(of: Int.self)
        let (hits, hit) = AsyncStream.makeStream(of: Hit.self)
        let router = Router()
        router.post("hook") { request, _ in
            let body = try await request.body.collect(upTo: 1 << 20)
            let signature = HTTPField.Name("X-Twilio-Signature").flatMap { request.headers[$0] } ?? ""
            hit.yield(Hit(target: request.uri.string, signature: signature, body: Array(body.readableBytesView)))
            return HTTPResponse.Status.noContent
        }
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { portFound.yield($0.localAddress?.port ?? 0) }, logger: logger)
        return (application, ports, hits)
    }

    struct Hit: Sendable {
        var target: String
        var signature: String
        var body: [UInt8]
    }

    @Test("signed callbacks arrive in order, and a cut reply is no reply")
    func life() async throws {
        let (application, receiverPorts, hits) = receiver()
        let (ports, portFound) = AsyncStream.makeStream(of: Int.self)
        let configuration = SandboxConfiguration(timeScale: 100)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = try SandboxServer(configuration: configuration, logger: logger) { portFound.yield($0) }
        #expect(try ECDSAPublicKey(derBase64: server.sendGridPublicKey).verify(signatureDER: [], message: []) == false)
        try await serving([application, server]) {
            let receiverPort = try #require(await receiverPorts.first { _ in true })
            let port = try #require(await ports.first { _ in true })
            let client = SandboxClient(
                base: "http://127.0.0.1:\(port)", configuration: configuration, transport: try HTTPTransport())
            let hook = "http://127.0.0.1:\(receiverPort)/hook?job=1"
            let sent = try await client.message("+15000001234", callback: hook + "#rc=5&rp=all")
            #expect(sent.status == 201)
            var statuses: [String?] = []
            for await hit in hits {
                let form = try FormParameters(parsing: hit.body)
                statuses.append(form["MessageStatus"])
                #expect(
                    TwilioSignature.validates(
                        header: hit.signature, url: hook, form: form.pairs, authTokens: [configuration.authToken]))
                if statuses.count == 3 { break }
            }
            #expect(statuses == ["sending", "sent", "delivered"])
            for kind in ["reset_before_accept", "reset_after_accept", "half_reply"] {
                try await client.fault(kind)
                await #expect(throws: UnknownSend.self) { try await client.message("+15000001234", callback: hook) }
            }
            let accepted = try await client.get("/sandbox/ledger")["accepted"]
            #expect(accepted == 3)
            await client.transport.close()
        }
    }

    @Test("a port that is taken is an error, not a silence")
    func portTaken() async throws {
        let (application, receiverPorts, _) = receiver()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let quiet = logger
        try await serving([application]) {
            let port = try #require(await receiverPorts.first { _ in true })
            let server = try SandboxServer(configuration: SandboxConfiguration(port: port), logger: quiet)
            await #expect(throws: (any Error).self) { try await server.run() }
        }
    }
}
