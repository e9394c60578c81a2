import ArgumentParser
import Logging
import Sandbox
import ServiceLifecycle
import Signing
import UnixSignals

struct SandboxCommand: OutriderCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Run a simulated Twilio and SendGrid.",
        discussion: """
            Speaks their real APIs to any client, drives each message's later life with signed webhooks, and lets the \
            recipient's address decide its fate; nothing reaches a real phone. Once it serves, it prints the settings \
            with which worker and gateway use it, as NAME=value lines. See ops/sandbox/README.md.

            Example:
              outrider sandbox --listen 127.0.0.1:8081 \\
                --webhooks http://127.0.0.1:8080 > sandbox.env

            \(ExitStatus.help)
            """)

    @Option(help: "Where to listen; port 0 takes a free one. Credentials cross it in clear text: keep it on loopback.")
    var listen = ListenAddress(host: "127.0.0.1", port: 8081)

    @Option(help: "The gateway that gets inbound messages and SendGrid's events.")
    var webhooks: WebAddress?

    @Option(help: "Decides timings and codes; fates never depend on it.") var seed: UInt64 = 1

    @Option(help: "All durations of the simulated life are divided by this.") var timeScale = 1.0

    @Option(help: "A file that gets each accepted request as one line of JSON, synced before the reply.") var ledger:
        String?

    func validate() throws {
        guard timeScale.isFinite, timeScale > 0 else { throw ValidationError("--time-scale must be above 0.") }
    }

    func perform() async throws {
        let (logs, credentials) = try await Environment.settings { reader in
            let logs = LogSettings(&reader)
            let credentials = SandboxCredentials(&reader)
            return Settings.all(logs, credentials)
        }
        LineLogHandler.install(logs)
        let logger = Logger(label: "outrider.sandbox")
        let key = try ECDSAPrivateKey.generate()
        let publicKey = try key.publicKeyDERBase64
        var configuration = configuration(credentials)
        configuration.sendGridSigningKey = key
        let server = try SandboxServer(configuration: configuration, logger: logger) { [configuration] port in
            let settings = SandboxCredentials.environment(configuration, port: port, sendGridPublicKey: publicKey)
            do throws(Failure) {
                try Console.data(settings.map { "\($0.name)=\($0.value)" }.joined(separator: "\n"))
            } catch {
                logger.warning("The settings that lead to the sandbox are not printed", metadata: ["error": "\(error)"])
            }
        }
        try await ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [ListeningService(service: server, setting: "--listen")],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        ).run()
    }

    private func configuration(_ credentials: SandboxCredentials) -> SandboxConfiguration {
        var configuration = credentials.configuration
        configuration.host = listen.host
        configuration.port = listen.port
        configuration.seed = seed
        configuration.timeScale = timeScale
        configuration.ledgerPath = ledger
        if let webhooks {
            configuration.inboundURL = "\(webhooks.text)/webhooks/twilio/inbound#rc=5&rp=all"
            configuration.sendGridEventsURL = "\(webhooks.text)/webhooks/sendgrid/events"
        }
        return configuration
    }
}
