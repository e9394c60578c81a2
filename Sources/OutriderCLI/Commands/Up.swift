import ArgumentParser
import Logging
import Sandbox

struct Up: OutriderCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run gateway and worker in one process; with --dev also a private PostgreSQL and the sandbox.",
        discussion: """
            Without --dev it needs the settings of `outrider work` and `outrider gateway`. With --dev it needs none: \
            it keeps a database in .outrider/, migrates it, and sends to simulated providers only.

            Examples:
              outrider up --dev
              OUTRIDER_DATABASE_URL=… outrider enqueue --channel sms \\
                --address +15000000001 --body hello

            \(ExitStatus.help)
            """)

    @Flag(help: "Bring a private PostgreSQL and simulated providers along.") var dev = false
    @Option(help: "With --dev: where the gateway listens.") var listen = ListenAddress(host: "127.0.0.1", port: 8080)
    @Option(help: "With --dev: where the sandbox listens.") var sandbox = ListenAddress(host: "127.0.0.1", port: 8081)
    @Option(help: "With --dev: the directory of the database.") var directory = ".outrider"

    func validate() throws {
        if listen.port == 0 || sandbox.port == 0 {
            throw ValidationError("--dev needs ports that are known beforehand, not 0.")
        }
    }

    func perform() async throws {
        guard dev else { return try await run(adding: [:], sandbox: nil) }
        let postgres = try DevelopmentPostgres(in: directory, page: "http://\(listen.host):\(listen.port)/")
        do {
            let stand = try DevelopmentStand(databaseURL: postgres.url, gateway: listen, sandbox: sandbox)
            try await run(adding: stand.environment, sandbox: stand.sandbox)
        } catch {
            postgres.stop()
            throw error
        }
        postgres.stop()
    }

    private func run(adding extra: [String: String], sandbox: SandboxConfiguration?) async throws {
        let (logs, database, gateway, webhooks, worker, providers) = try await Environment.settings(adding: extra) {
            reader in
            let logs = LogSettings(&reader)
            let database = DatabaseSettings(&reader)
            let gateway = GatewaySettings(&reader)
            let webhooks = WebhookSettings(&reader)
            let worker = WorkerSettings(&reader)
            let providers = ProviderSettings(&reader)
            return Settings.all(logs, database, gateway, webhooks, worker, providers)
        }
        if sandbox != nil { try await DevelopmentStand.prepare(database) }
        var parts = ServiceParts(database, logs: logs, named: "up")
        if let sandbox {
            let server = try SandboxServer(configuration: sandbox, logger: Logger(label: "outrider.sandbox"))
            parts.add(ListeningService(service: server, setting: "--sandbox"))
            Console.note("Operator page: \(gateway.publicURL)/   OUTRIDER_DATABASE_URL=\(database.url.exposed)")
        }
        try parts.addGateway(gateway, webhooks, setting: sandbox == nil ? "OUTRIDER_LISTEN" : "--listen")
        try parts.addWorker(worker, providers)
        try await parts.run(drain: worker.drain)
    }
}
