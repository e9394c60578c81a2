import ArgumentParser

struct GatewayCommand: OutriderCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Serve webhooks, health, metrics and the operator page.",
        discussion: """
            Listens on OUTRIDER_LISTEN (127.0.0.1:8080); put TLS in front of it. Providers must reach it at \
            OUTRIDER_PUBLIC_URL, which is also what their signatures are checked against. The operator \
            page and the metrics need OUTRIDER_OPERATOR_USER and OUTRIDER_OPERATOR_PASSWORD, unless both addresses are loopback.

            Needs OUTRIDER_DATABASE_URL (a login with the role outrider_gateway), OUTRIDER_PUBLIC_URL, TWILIO_AUTH_TOKEN \
            and SENDGRID_WEBHOOK_PUBLIC_KEY.

            Example: OUTRIDER_LISTEN=127.0.0.1:8080 outrider gateway

            \(ExitStatus.help)
            """)

    func perform() async throws {
        let (logs, database, gateway, webhooks) = try await Environment.settings { reader in
            let logs = LogSettings(&reader)
            let database = DatabaseSettings(&reader)
            let gateway = GatewaySettings(&reader)
            let webhooks = WebhookSettings(&reader)
            return Settings.all(logs, database, gateway, webhooks)
        }
        var parts = ServiceParts(database, logs: logs, named: "gateway")
        try parts.addGateway(gateway, webhooks)
        try await parts.run(drain: .seconds(30))
    }
}
