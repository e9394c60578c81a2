import Postgres
import Sandbox
import Schema
import Signing

/// What `outrider up --dev` stands on instead of a database and providers of your own: settings for all of it, made fresh.
struct DevelopmentStand {
    let sandbox: SandboxConfiguration
    /// The settings that gateway and worker read.
    let environment: [String: String]

    /// - Parameters:
    ///   - databaseURL: of a superuser.
    ///   - gateway: where the gateway will listen.
    init(databaseURL: String, gateway: ListenAddress, sandbox address: ListenAddress) throws {
        let key = try ECDSAPrivateKey.generate()
        let url = "http://\(gateway.host):\(gateway.port)"
        sandbox = SandboxConfiguration(
            host: address.host, port: address.port, sendGridSigningKey: key,
            inboundURL: "\(url)/webhooks/twilio/inbound#rc=5&rp=all",
            sendGridEventsURL: "\(url)/webhooks/sendgrid/events")
        let settings = SandboxCredentials.environment(
            sandbox, port: address.port, sendGridPublicKey: try key.publicKeyDERBase64)
        environment = Dictionary(settings.map { ($0.name, $0.value) }) { first, _ in first }.merging([
            "OUTRIDER_DATABASE_URL": databaseURL, "OUTRIDER_OPERATOR_DATABASE_URL": databaseURL,
            "OUTRIDER_PUBLIC_URL": url, "OUTRIDER_LINK_KEY": "key-of-development-alone",
            "OUTRIDER_LISTEN": "\(gateway.host):\(gateway.port)",
        ]) { _, new in new }
    }

    /// Migrates the database, gives it senders, and lets it send to every country: its providers are simulated.
    static func prepare(_ database: DatabaseSettings) async throws {
        let pool = PostgresPool(database.configuration(named: "outrider up", poolSize: 1))
        do {
            _ = try await Migrations(Schema.migrations).apply(through: pool)
            try await DevelopmentSenders.insertIfNone(in: pool)
            try await pool.execute(.setAnywhere)
        } catch {
            await pool.close()
            throw error
        }
        await pool.close()
    }
}

/// One sender per channel for a development database that has none.
enum DevelopmentSenders {
    static func insertIfNone(in pool: PostgresPool) async throws(PostgresError) {
        try await pool.execute(.insertDevelopmentSenders)
    }
}
