import Dispatching
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Postgres
import Signing
import TestDatabase
import Testing

@testable import Gateway

/// A migrated database, a gateway that logs in with no more rights than `outrider_gateway` has, and what the providers
/// hold to sign with.
struct GatewayFixture {
    static let publicURL = "https://hooks.example.com"
    static let primary = "primary-token"
    static let secondary = "secondary-token"
    static let person = "+15005550101"
    static let sender = "+15005550006"
    static let token = "6f1c2f1e-93a1-4a52-9f5c-0d8a2f4f7a10"
    static let messageID = "SM00000000000000000000000000000001"

    let admin: PostgresPool
    let service: GatewayService
    let registry = PrometheusRegistry()
    let mailKey: ECDSAPrivateKey

    init(
        operatorAccess: GatewayConfiguration.OperatorAccess? = nil, port: Int = 8080,
        onRunning: @escaping @Sendable (GatewayService.BoundAddress) async -> Void = { _ in }
    ) async throws {
        let url = try await PostgresServer.migratedDatabase()
        admin = PostgresPool(PostgresConfiguration(url: url, poolSize: 2))
        let login = "gateway_\(UInt64.random(in: 0...UInt64.max))"
        try await admin.run(
            script: """
                create role \(login) login password 'gateway' in role outrider_gateway;
                insert into outrider.senders (name, channel, address) values ('text', 'sms', '\(Self.sender)');
                """)
        var parts = try #require(URLComponents(string: url))
        (parts.user, parts.password) = (login, "gateway")
        mailKey = try ECDSAPrivateKey.generate()
        service = try Self.service(
            database: try #require(parts.string), mailKey: mailKey, operatorAccess: operatorAccess, registry: registry,
            port: port, onRunning: onRunning)
    }

    static func service(
        database: String, mailKey: ECDSAPrivateKey, operatorAccess: GatewayConfiguration.OperatorAccess? = nil,
        registry: PrometheusRegistry = PrometheusRegistry(), port: Int = 8080,
        onRunning: @escaping @Sendable (GatewayService.BoundAddress) async -> Void = { _ in }
    ) throws -> GatewayService {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return try GatewayService(
            configuration: GatewayConfiguration(
                port: port, publicURL: publicURL, twilioAuthTokens: [primary, secondary],
                sendGridPublicKey: try mailKey.publicKeyDERBase64, operatorAccess: operatorAccess),
            database: PostgresPool(PostgresConfiguration(url: database, poolSize: 4)), metrics: registry,
            logger: logger, onRunning: onRunning)
    }

    func testing(_ body: @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        try await service.application().test(.router) { client in try await body(client) }
    }

    // MARK: Rows

    /// A job whose first attempt has been begun with `token`.
    func attempt(channel: String = "sms", address: String = person) async throws -> Int {
        let rows = try await query(
            """
            with job as (
                insert into outrider.jobs (channel, address, body, subject, category)
                values ($1, $2, 'hello', 'hello', 'alert') returning id)
            select id from job
            """, [.text(channel), .text(address)])
        let id = try #require(rows.first).int("id")
        try await query(
            """
            insert into outrider.events (job_id, generation, kind, status, step, channel, sender_id, token, worker)
            values ($1, 1, 'intent', 'taken', 0, $2, 1, $3::uuid, 'w')
            """, [.int(id), .text(channel), .uuid(Self.token)])
        try await query("delete from outrider.due", [])
        return id
    }

    @discardableResult
    func query(_ sql: String, _ parameters: [Parameter] = []) async throws -> [Row] {
        try await admin.fetch(Statement(name: "test_\(sql.hashValue)", sql: sql), parameters)
    }

    func count(_ table: String, where condition: String = "true") async throws -> Int {
        try #require(try await query("select count(*) as n from outrider.\(table) where \(condition)").first).int("n")
    }

    /// All that a webhook may write, in one text: equal before and after means nothing has changed.
    func everything() async throws -> String {
        let tables = ["events", "due", "suppressions", "inbound_messages", "whatsapp_windows"]
        let selects = tables.map { "select '\($0)' as name, t::text as row from outrider.\($0) t" }
        let rows = try await query(
            "select string_agg(name || row, E'\\n' order by name, row) as text from (\(selects.joined(separator: " union all "))) a"
        )
        return try rows[0].optionalString("text") ?? ""
    }

    /// As if everything so far had been written longer ago.
    func wroteEarlier(_ interval: String) async throws {
        try await query(
            "update outrider.inbound_messages set received_at = received_at - $1::interval", [.text(interval)])
    }

    /// The channels on which an address must not be contacted now.
    func suppressed(_ address: String = person) async throws -> [String] {
        try await query(
            "select channel from outrider.suppressions where address = $1 and lifted_at is null order by channel",
            [.text(address)]
        ).map { try $0.string("channel") }
    }
}
