import CoreMetrics
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Inbox
import Logging
import ServiceLifecycle
import Signing
import TestDatabase
import Testing

@testable import Gateway

@Suite("The gateway as a service", .timeLimit(.minutes(5)))
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

    @Test("it says that it serves while it does, and signs off when it is told to stop")
    func pulse() async throws {
        let (addresses, announce) = AsyncStream.makeStream(of: GatewayService.BoundAddress.self)
        let gateway = try await GatewayFixture(port: 0) { announce.yield($0) }
        #expect(try await gateway.count("gateways") == 0)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let group = ServiceGroup(services: [gateway.service], logger: logger)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            _ = try #require(await addresses.first { _ in true })
            let end = ContinuousClock.now + .seconds(20)
            while try await gateway.count("gateways", where: "up_since <= beat_at") == 0 {
                try #require(ContinuousClock.now < end)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(try await gateway.count("gateways") == 0)
    }

    @Test("a heartbeat after a silence, or after something that could not be stored, begins anew, one in time goes on")
    func silence() async throws {
        let gateway = try await GatewayFixture()
        let pulse = GatewayPulse(pool: gateway.admin, id: "g")
        try await pulse.beat()
        try await gateway.query("update outrider.gateways set up_since = now() - interval '1 hour'")
        try await pulse.beat()
        #expect(try await gateway.count("gateways", where: "up_since < now() - interval '50 minutes'") == 1)
        try await gateway.query("update outrider.gateways set beat_at = now() - interval '31 seconds'")
        try await pulse.beat()
        #expect(try await gateway.count("gateways", where: "up_since > now() - interval '1 minute'") == 1)
        try await gateway.query("update outrider.gateways set up_since = now() - interval '1 hour'")
        try await pulse.beat(afterGap: true)
        #expect(try await gateway.count("gateways", where: "up_since > now() - interval '1 minute'") == 1)
        try await gateway.query("update outrider.gateways set beat_at = now() - interval '25 hours'")
        try await GatewayPulse(pool: gateway.admin, id: "h").beat()
        #expect(try await gateway.count("gateways") == 1)
    }

    @Test("a worker's metrics are served where they were asked for, and nothing else")
    func workerMetrics() async throws {
        let (addresses, announce) = AsyncStream.makeStream(of: GatewayService.BoundAddress.self)
        let registry = PrometheusRegistry()
        Counter(label: "outrider.test", factory: registry).increment()
        let service = MetricsService(host: "127.0.0.1", port: 0, metrics: registry, logger: Logger(label: "test")) {
            announce.yield($0)
        }
        try await withThrowingTaskGroup { group in
            group.addTask { try await service.run() }
            let address = try #require(await addresses.first { _ in true })
            let client = try LiveClient(port: address.port)
            #expect(await client.get("/healthz") == (200, "alive\n"))
            #expect(await client.get("/metrics").body.contains("outrider_test_total 1\n"))
            #expect(await client.get("/").status == 404)
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
