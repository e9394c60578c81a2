import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Signing
import Testing

@testable import Gateway

@Suite("The gateway as a service", .timeLimit(.minutes(2)))
struct ServiceTests {
    @Test("it says where it listens, and stops when told")
    func running() async throws {
        let (addresses, announce) = AsyncStream.makeStream(of: GatewayService.BoundAddress.self)
        let gateway = try await GatewayFixture(port: 0) { announce.yield($0) }
        try await withThrowingTaskGroup { group in
            group.addTask { try await gateway.service.run() }
            let address = try #require(await addresses.first { _ in true })
            #expect(address.host == "127.0.0.1")
            #expect(address.port > 0)
            group.cancelAll()
            try? await group.waitForAll()
        }
    }

    @Test("over a real connection, a body too large is refused and the connection closed")
    func live() async throws {
        let gateway = try await GatewayFixture(port: 0)
        let job = try await gateway.attempt()
        try await gateway.service.application().test(.live) { client async throws in
            let large = SignedRequest.twilio(
                "/webhooks/twilio/status", ["A": String(repeating: "a", count: 200 * 1024)])
            let refused = try await client.send(large)
            #expect(refused.status == .contentTooLarge)
            #expect(refused.headers[.connection] == "close")
        }
        try await gateway.service.application().test(.live) { client async throws in
            #expect(try await client.send(.status(job: job, "delivered")).status == .noContent)
            #expect(try await client.get("/readyz").status == .ok)
        }
        #expect(try await gateway.count("events", where: "kind = 'receipt'") == 1)
    }
}
