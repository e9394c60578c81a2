import ArgumentParser
import HTTPTransport
import Postgres
import Providers
import Signing

struct Doctor: OutriderCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check database, roles, schema, clock, settings, providers and public URL, and say what to do.",
        discussion: """
            Changes nothing that stays; sends nothing. Run it with the settings of the process in question.

            Example: outrider doctor --of gateway

            \(ExitStatus.help)
            """)

    enum Part: String, ExpressibleByArgument, CaseIterable {
        case work
        case gateway
        case up

        /// The roles that its login must have.
        var roles: [String] {
            switch self {
            case .work: [DatabaseRole.worker]
            case .gateway: [DatabaseRole.gateway]
            case .up: [DatabaseRole.worker, DatabaseRole.gateway]
            }
        }
    }

    @Option(help: "Whose settings are checked; up needs those of both.") var of = Part.up
    @Flag(help: "Print the findings as JSON.") var json = false

    func perform() async throws {
        var reader = try await SettingsReader(environment: Environment.variables)
        let database = DatabaseSettings(&reader)
        let providers = of == .gateway ? nil : ProviderSettings(&reader)
        let seal = of == .gateway ? nil : SealSettings(&reader).seal
        if of != .gateway { _ = WorkerSettings(&reader) }
        let gateway = of == .work ? nil : GatewaySettings(&reader)
        if of != .work { _ = WebhookSettings(&reader) }
        let publicURL = PublicAddress.optional(&reader)
        let links = LinkSettings(&reader)
        let hasMail = providers?.sendGrid != nil || reader.isGiven("SENDGRID_WEBHOOK_PUBLIC_KEY")
        _ = LogSettings(&reader)

        var findings = Self.settings(reader.problems, reader.unknown)
        if of != .work, let gateway { findings += await OperatorCheck(gateway: gateway, database: database).findings() }
        if let database { findings += await Self.database(database, of, seal) }
        if hasMail { findings.append(links.finding(publicURL: publicURL)) }
        findings += try await Self.network(providers, publicURL)

        if json { try Console.json(findings) } else { for finding in findings { try Console.data(finding.line) } }
        if findings.contains(where: { $0.verdict == .failed }) { throw ExitStatus.failed.code }
    }

    private static func settings(_ problems: [SettingProblem], _ unknown: [String]) -> [Finding] {
        var seen: Set<String> = []
        let failed = problems.filter { seen.insert($0.description).inserted }
            .map { Finding.failed("settings", $0.description, "") }
        let strange = unknown.map { Finding.warning("settings", $0, "Correct the name, or remove it.") }
        return failed.isEmpty && strange.isEmpty ? [.fine("settings", "all well-formed")] : failed + strange
    }

    private static func database(_ settings: DatabaseSettings, _ part: Part, _ seal: TextSeal?) async -> [Finding] {
        let pool = PostgresPool(settings.configuration(named: "outrider doctor", poolSize: 1))
        let findings = await DatabaseChecks(pool: pool, roles: part.roles, seal: seal).findings()
        await pool.close()
        return findings
    }

    private static func network(_ providers: ProviderSettings?, _ publicURL: String?) async throws -> [Finding] {
        let transport = try HTTPTransport()
        let check = WebCheck(transport: transport)
        var findings: [Finding] = []
        if let providers {
            let check = ProviderCheck(transport: transport, requests: providers.requests)
            if let twilio = providers.twilio?.account {
                findings.append(await check.finding(of: .twilio, at: twilio.baseURL))
            }
            if let sendGrid = providers.sendGrid?.account {
                findings.append(await check.finding(of: .sendgrid, at: sendGrid.baseURL))
            }
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
