import Delivery
import Foundation
import Insight
import JobQueue
import Postgres
import Sandbox
import Schema

/// Where a campaign is rehearsed: settings of its own, none of this process's, which lead nowhere but to this host.
struct RehearsalStand: Sendable {
    let sandbox: SandboxConfiguration
    let logs: LogSettings
    let database: DatabaseSettings
    let gateway: GatewaySettings
    let webhooks: WebhookSettings
    let worker: WorkerSettings
    let providers: ProviderSettings

    /// - Parameter databaseURL: of a superuser of a private database.
    init(databaseURL: String, scale: RehearsalScale, seed: UInt64) async throws {
        let ports = try FreePorts.take(2)
        let stand = try DevelopmentStand(
            databaseURL: databaseURL, gateway: ListenAddress(host: "127.0.0.1", port: ports[0]),
            sandbox: ListenAddress(host: "127.0.0.1", port: ports[1]))
        var sandbox = stand.sandbox
        (sandbox.timeScale, sandbox.seed) = (scale.waits, seed)
        var environment = stand.environment
        environment["OUTRIDER_OPERATOR_DATABASE_URL"] = nil
        environment["OUTRIDER_LOG_LEVEL"] = "critical"
        try await self.init(environment: environment, sandbox: sandbox)
    }

    /// - Parameter environment: all that is read: nothing of this process's environment is added.
    /// - Throws: `Failure` when a setting leads beyond this host.
    init(environment: [String: String], sandbox: SandboxConfiguration) async throws {
        var reader = try await SettingsReader(environment: environment)
        let (logs, database) = (LogSettings(&reader), DatabaseSettings(&reader))
        let (gateway, webhooks) = (GatewaySettings(&reader), WebhookSettings(&reader))
        let (worker, providers) = (WorkerSettings(&reader), ProviderSettings(&reader))
        try reader.finish()
        guard let logs, let database, let gateway, let worker else {
            throw SettingsError(problems: reader.problems, unknown: reader.unknown)
        }
        (self.sandbox, self.logs, self.database, self.gateway) = (sandbox, logs, database, gateway)
        (self.webhooks, self.worker, self.providers) = (webhooks, worker, providers)
        try refuseOtherHosts()
    }

    private func refuseOtherHosts() throws(Failure) {
        let addresses = [
            ("TWILIO_API_BASE_URL", providers.twilio.map { $0.baseURL ?? "" }),
            ("TWILIO_LOOKUPS_BASE_URL", providers.twilio?.lookupsURL),
            ("SENDGRID_API_BASE_URL", providers.sendGrid.map { $0.baseURL ?? "" }),
            ("OUTRIDER_PUBLIC_URL", gateway.publicURL),
        ]
        for (name, address) in addresses {
            guard let address, !PublicAddress.isLoopback(address) else { continue }
            throw Failure(
                "a rehearsal sends to this host only: \(name) must lead to 127.0.0.1 and \(address.isEmpty ? "is not set" : "does not")",
                .configuration)
        }
    }

    /// Makes the schema, and puts the campaign and its people into it.
    /// - Returns: how many people are in it.
    func prepare(
        _ rows: RehearsalRows, _ cast: RehearsalCast, campaign: CampaignName, scale: RehearsalScale
    ) async throws -> Int {
        let pool = PostgresPool(database.configuration(named: "outrider rehearse", poolSize: 2))
        do {
            _ = try await Migrations(Schema.migrations).apply(through: pool)
            try await pool.execute(.rehearsalContact)
            try await rows.insert(into: pool)
            let added = try await load(cast, campaign, tenant: rows.tenant, category: rows.category, pool)
            let waits = Channel.allCases.map { scale.wait(RehearsalRows.wait(of: $0), on: $0) }
            try await pool.execute(
                .rehearsalWaits, [.textArray(Channel.allCases.map(\.rawValue)), .intArray(waits)])
            await pool.close()
            return added
        } catch {
            await pool.close()
            throw error
        }
    }

    /// By the same statements as `outrider campaign load` with a file.
    private func load(
        _ cast: RehearsalCast, _ campaign: CampaignName, tenant: String?, category: String, _ pool: PostgresPool
    ) async throws -> Int {
        let store = AudienceStore(pool)
        let key = try await store.begin(campaign.name, file: "rehearsal", tenant: tenant)
        var added = 0
        for batch in cast.batches { added += try await store.add(batch, to: key).added }
        try await store.end(key)
        try await pool.execute(
            .rehearsalPeople,
            [
                .text(tenant), .text(category), .textArray(cast.optOuts.map(\.address)),
                .textArray(cast.optOuts.map(\.channel)), .textArray(cast.consents.map(\.address)),
                .textArray(cast.consents.map(\.channel)), .textArray(cast.writers),
            ])
        return added
    }
}

/// What libraries read of this process's environment by themselves.
enum Surroundings {
    /// From here on they read nothing of it: no proxy takes what is meant for this host, and no variable of PostgreSQL's leads to
    /// another server. The real database has been left by now.
    static func forget() {
        for name in Environment.variables.keys where name.hasPrefix("PG") || name.lowercased().hasSuffix("_proxy") {
            unsafe unsetenv(name)
        }
    }
}

/// Ports of this host on which nobody listens, below those that the system and the private PostgreSQL draw.
enum FreePorts {
    static func take(_ count: Int) throws(Failure) -> [Int] {
        // State 0A is LISTEN.
        let taken = ["/proc/net/tcp", "/proc/net/tcp6"].compactMap { try? String(contentsOfFile: $0, encoding: .utf8) }
            .joined().split(separator: "\n").filter { $0.contains(" 0A ") }
        let free = (10_000...19_999).shuffled().lazy.filter { port in
            let hex = String(port, radix: 16, uppercase: true)
            return !taken.contains { $0.contains(":\(String(repeating: "0", count: 4 - hex.count))\(hex) ") }
        }
        let ports = Array(free.prefix(count))
        guard ports.count == count else { throw Failure("there is no free port on this host", .unavailable) }
        return ports
    }
}
