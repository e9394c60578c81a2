import ArgumentParser
import Postgres

struct Work: OutriderCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a worker: claim due jobs, send, record, climb.",
        discussion: """
            Start as many as you like, on as many hosts; PostgreSQL is all they share. SIGTERM ends a worker within \
            OUTRIDER_DRAIN_SECONDS (30); the jobs of one that was killed are taken over by the others within a minute.

            Needs OUTRIDER_DATABASE_URL (a login with the role outrider_worker), OUTRIDER_PUBLIC_URL, and the accounts \
            in TWILIO_… and SENDGRID_API_KEY. With OUTRIDER_METRICS_LISTEN it serves /metrics and /healthz there.

            Example: outrider work

            \(ExitStatus.help)
            """)

    func perform() async throws {
        let (logs, database, worker, providers) = try await Environment.settings { reader in
            let logs = LogSettings(&reader)
            let database = DatabaseSettings(&reader)
            let worker = WorkerSettings(&reader)
            let providers = ProviderSettings(&reader)
            return Settings.all(logs, database, worker, providers)
        }
        var parts = ServiceParts(database, logs: logs, named: "work", plans: .pinned)
        if let listen = worker.metricsListen { parts.addMetrics(listen) }
        try parts.addWorker(worker, providers)
        try await parts.run(drain: worker.drain)
    }
}
