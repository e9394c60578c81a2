import Delivery
import Foundation
import HTTPServing
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Postgres
import Providers
import Signing
import TestDatabase
import Testing

@testable import Gateway

/// A migrated database, a gateway that logs in with no more rights than `outrider_gateway` has, and what the providers
/// hold to sign with.
struct GatewayFixture: GatewayTables {
    static let publicURL = "https://hooks.example.com"
    static let primary = "primary-token"
    static let secondary = "secondary-token"
    static let linkKey = "key-of-links-key-of-links"
    static let messageID = "SM00000000000000000000000000000001"

    let admin: PostgresPool
    let service: GatewayService
    let registry = PrometheusRegistry()
    let mailKey: ECDSAPrivateKey

    /// - Parameter canAct: whether there is a second login, with the role `outrider_operator`.
    init(
        operatorAccess: GatewayConfiguration.OperatorAccess? = nil,
        people: [GatewayConfiguration.OperatorAccess] = [], canAct: Bool = false, isOpen: Bool = true, port: Int = 8080,
        limits: ServerLimits = ServerLimits(), names: AddressNames = AddressNames(),
        onRunning: @escaping @Sendable (GatewayService.BoundAddress) async -> Void = { _ in }
    ) async throws {
        let url = try await PostgresServer.migratedDatabase()
        admin = PostgresPool(PostgresConfiguration(url: url, poolSize: 2))
        let login = "gateway_\(UInt64.random(in: 0...UInt64.max))"
        try await admin.run(
            script: """
                create role \(login) login password 'gateway' in role outrider_gateway;
                create role page_\(login) login password 'gateway' in role outrider_operator;
                insert into outrider.senders (name, channel, address) values ('text', 'sms', '\(Self.sender)');
                """)
        var parts = try #require(URLComponents(string: url))
        (parts.user, parts.password) = (login, "gateway")
        let database = try #require(parts.string)
        parts.user = "page_\(login)"
        let operators = canAct ? parts.string : nil
        mailKey = try ECDSAPrivateKey.generate()
        service = try Self.service(
            database: database, operators: operators, mailKey: mailKey, operatorAccess: operatorAccess, people: people,
            isOpen: isOpen, registry: registry, port: port, limits: limits, names: names, onRunning: onRunning)
    }

    static func service(
        database: String, operators: String? = nil, mailKey: ECDSAPrivateKey,
        operatorAccess: GatewayConfiguration.OperatorAccess? = nil,
        people: [GatewayConfiguration.OperatorAccess] = [], isOpen: Bool = true,
        registry: PrometheusRegistry = PrometheusRegistry(), port: Int = 8080,
        limits: ServerLimits = ServerLimits(), names: AddressNames = AddressNames(),
        onRunning: @escaping @Sendable (GatewayService.BoundAddress) async -> Void = { _ in }
    ) throws -> GatewayService {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return try GatewayService(
            configuration: GatewayConfiguration(
                port: port, publicURL: publicURL, twilioAuthTokens: [primary, secondary],
                sendGridPublicKey: try mailKey.publicKeyDERBase64, operatorAccess: operatorAccess, people: people,
                isOpenWithoutPassword: isOpen, links: UnsubscribeLinks(secrets: [linkKey]), names: names,
                limits: limits),
            database: PostgresPool(PostgresConfiguration(url: database, poolSize: 4)),
            operators: operators.map { PostgresPool(PostgresConfiguration(url: $0, poolSize: 4)) }, metrics: registry,
            logger: logger, onRunning: onRunning)
    }

    func testing(_ body: @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        try await service.application().test(.router) { client in try await body(client) }
    }
}
