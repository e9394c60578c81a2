import HTTPServing
import Logging
import NIOCore
import TestDatabase
import Testing

@testable import Gateway

@Suite("What a listener takes at most", .timeLimit(.minutes(2)))
struct ListenerLimitTests {
    /// Runs a gateway with these limits, and hands its port on.
    private func serving(
        _ limits: ServerLimits, _ body: (GatewayFixture, Int) async throws -> Void
    ) async throws {
        let (addresses, announce) = AsyncStream.makeStream(of: GatewayService.BoundAddress.self)
        let gateway = try await GatewayFixture(port: 0, limits: limits) { announce.yield($0) }
        try await withThrowingTaskGroup { group in
            group.addTask { try await gateway.service.run() }
            let address = try #require(await addresses.first { _ in true })
            try await body(gateway, address.port)
            group.cancelAll()
            try? await group.waitForAll()
        }
    }

    /// A head that is signed by somebody, perhaps.
    private func head(_ source: WebhookSource, length: Int, isSigned: Bool = true) -> String {
        let twilio = "X-Twilio-Signature: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n"
        let type = source == .mail ? "application/json" : "application/x-www-form-urlencoded"
        return "POST \(source.path) HTTP/1.1\r\nHost: h\r\nContent-Type: \(type)\r\nContent-Length: \(length)\r\n"
            + (isSigned ? twilio : "") + "\r\n"
    }

    private func count(_ reason: String, _ gateway: GatewayFixture) -> Int {
        let name = #"outrider_connections_closed_total{listener="gateway",reason="\#(reason)"} "#
        let line = gateway.registry.text().split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap { Int($0.dropFirst(name.count)) } ?? -1
    }

    @Test("connections that drip their bodies lock nobody out: those that wait longest make way")
    func drip() async throws {
        try await serving(ServerLimits(connections: 40)) { gateway, port in
            var dripping: [RawConnection] = []
            for _ in 0..<120 {
                let connection = try await RawConnection(port: port)
                await connection.send(head(.status, length: 1_000) + "A")
                dripping.append(connection)
            }
            #expect(try await LiveClient(port: port).get("/healthz") == (200, "alive\n"))
            #expect(count("room", gateway) >= 80)
            // Their own end learns a moment later that they are closed.
            let end = ContinuousClock.now + .seconds(20)
            while dripping.count(where: \.isOpen) > 41 {
                try #require(ContinuousClock.now < end)
                #expect(try await LiveClient(port: port).get("/healthz") == (200, "alive\n"))
            }
        }
    }

    @Test("connections that had an answer and rest make way for a newcomer too")
    func resting() async throws {
        try await serving(ServerLimits(connections: 20)) { _, port in
            var resting: [RawConnection] = []
            for _ in 0..<60 {
                let connection = try await RawConnection(port: port)
                await connection.send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(await connection.wait(for: "alive"))
                resting.append(connection)
            }
            withExtendedLifetime(resting) {}
        }
    }

    @Test("a body that does not come in time, a head that does not, and silence end the connection")
    func late() async throws {
        var limits = ServerLimits()
        (limits.firstHead, limits.body) = (.milliseconds(100), .milliseconds(100))
        try await serving(limits) { gateway, port in
            for beginning in ["", "POST /webh", head(.status, length: 1_000) + "A"] {
                let connection = try await RawConnection(port: port)
                if !beginning.isEmpty { await connection.send(beginning) }
                #expect(await connection.untilClosed() == "")
            }
            #expect(count("late", gateway) == 3)
        }
    }

    @Test("between requests a connection may rest, and not for ever")
    func idle() async throws {
        var limits = ServerLimits()
        limits.idle = .milliseconds(300)
        try await serving(limits) { _, port in
            let connection = try await RawConnection(port: port)
            await connection.send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\nGET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(await connection.untilClosed().components("alive") == 2)
        }
    }

    @Test(
        "a body without a plausible signature is not read: the answer comes before it",
        arguments: WebhookSource.allCases)
    func unsigned(_ source: WebhookSource) async throws {
        try await serving(ServerLimits()) { gateway, port in
            let connection = try await RawConnection(port: port)
            await connection.send(head(source, length: source.bodyLimit, isSigned: false))
            let answer = await connection.untilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 403 "))
            #expect(answer.lowercased().contains("connection: close"))
            let counted = gateway.registry.text().contains(
                #"outrider_webhooks_total{result="unsigned",source="\#(source.rawValue)"} 1"#)
            #expect(counted)
        }
    }

    @Test("all bodies together hold a bounded number of bytes")
    func bytes() async throws {
        try await serving(ServerLimits(bodyBytes: 256 * 1024)) { gateway, port in
            var holding: [RawConnection] = []
            for _ in 0..<20 {
                let connection = try await RawConnection(port: port)
                await connection.send(head(.status, length: 60_000) + String(repeating: "a", count: 32 * 1024))
                holding.append(connection)
            }
            let end = ContinuousClock.now + .seconds(20)
            while count("room", gateway) < 12 || holding.count(where: \.isOpen) > 8 {
                try #require(ContinuousClock.now < end)
                #expect(try await LiveClient(port: port).get("/healthz") == (200, "alive\n"))
            }
        }
    }

    @Test("a 413 says close and closes: what follows is not served")
    func tooLarge() async throws {
        try await serving(ServerLimits()) { _, port in
            let connection = try await RawConnection(port: port)
            let body = String(repeating: "a", count: 100_000)
            await connection.send(head(.status, length: body.count) + body + "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
            let answer = await connection.untilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(!answer.contains("alive"))
        }
    }

    @Test("idle connections do not keep a scrape from a worker's metrics")
    func workerMetrics() async throws {
        let (addresses, announce) = AsyncStream.makeStream(of: GatewayService.BoundAddress.self)
        let service = MetricsService(
            host: "127.0.0.1", port: 0, metrics: PrometheusRegistry(), logger: Logger(label: "test")
        ) { announce.yield($0) }
        try await withThrowingTaskGroup { group in
            group.addTask { try await service.run() }
            let address = try #require(await addresses.first { _ in true })
            var idle: [RawConnection] = []
            for _ in 0..<100 { idle.append(try await RawConnection(port: address.port)) }
            for _ in 0..<10 { #expect(try await LiveClient(port: address.port).get("/metrics").status == 200) }
            withExtendedLifetime(idle) {}
            group.cancelAll()
            try? await group.waitForAll()
        }
    }
}

extension String {
    /// How often `part` is in it.
    fileprivate func components(_ part: String) -> Int {
        split(separator: part, omittingEmptySubsequences: false).count - 1
    }
}
