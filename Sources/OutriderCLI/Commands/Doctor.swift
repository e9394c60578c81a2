import ArgumentParser
import HTTPTransport
import Postgres
import Providers

struct Doctor: OutriderCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check database, roles, schema, clock, settings, providers and public URL, and say what to do.",
        discussion: """
            Reads only; sends nothing. Run it with the settings of the process in question.

            Example: outrider doctor --of gateway

            \(ExitStatus.help)
            """)

    enum Part: String, ExpressibleByArgument, CaseIterable {
        case work
        case gateway
        case up
    }

    @Option(help: "Whose settings are checked; up needs those of both.") var of = Part.up
    @Flag(help: "Print the findings as JSON.") var json = false

    func perform() async throws {
        var reader = try await SettingsReader(environment: Environment.variables)
        let database = DatabaseSettings(&reader)
        let providers = of == .gateway ? nil : ProviderSettings(&reader)
        if of != .gateway { _ = WorkerSettings(&reader) }
        if of != .work { _ = (GatewaySettings(&reader), WebhookSettings(&reader)) }
        let publicURL = PublicAddress.optional(&reader)
        _ = LogSettings(&reader)

        var findings = Self.settings(reader.problems)
        if let database { findings += await Self.database(database) }
        findings += try await Self.network(providers, publicURL)

        if json { try Console.json(findings) } else { for finding in findings { try Console.data(finding.line) } }
        if findings.contains(where: { $0.verdict == .failed }) { throw ExitStatus.failed.code }
    }

    private static func settings(_ problems: [SettingProblem]) -> [Finding] {
        var seen: Set<String> = []
        let failed = problems.filter { seen.insert($0.description).inserted }
            .map { Finding.failed("settings", $0.description, "") }
        return failed.isEmpty ? [.fine("settings", "all well-formed")] : failed
    }

    private static func database(_ settings: DatabaseSettings) async -> [Finding] {
        let pool = PostgresPool(settings.configuration(named: "outrider doctor", poolSize: 1))
        let findings = await DatabaseChecks(pool: pool).findings()
        await pool.close()
        return findings
    }

    private static func network(_ providers: ProviderSettings?, _ publicURL: String?) async throws -> [Finding] {
        let transport = try HTTPTransport()
        let check = WebCheck(transport: transport)
        var findings: [Finding] = []
        let remedy = "Check this host's way to the Internet, its DNS, and the address if you set one."
        if let twilio = providers?.twilio?.account {
            findings.append(await check.finding("Twilio", twilio.baseURL, path: "/", remedy: remedy))
        }
        if let sendGrid = providers?.sendGrid?.account {
            findings.append(await check.finding("SendGrid", sendGrid.baseURL, path: "/", remedy: remedy))
        }
        if let publicURL {
            findings.append(
                await check.finding(
                    "public URL", publicURL, path: "/healthz", expected: 200,
                    remedy: "Start `outrider gateway` and point the proxy in front of it to OUTRIDER_LISTEN."))
        }
        await transport.close()
        return findings
    }
}
