import Foundation
import HTTPTransport
import Postgres
import Schema
import Signing
import Synchronization
import TestDatabase
import Testing

/// An installation whose every output is kept: a PostgreSQL with its log, the sandbox, a gateway and a worker that say all they
/// can, each with the login that is for it.
final class CanaryStand: Sendable {
    static let sender = "+15005550006"

    let server: PrivateServer
    let marks = CanaryMarks()
    /// A superuser's; an application's.
    let admin: PostgresPool
    let shop: PostgresPool
    /// Of a person at the command line; what the gateway and the worker run by.
    let program: Program
    let address: String
    let sandboxAddress: String
    let metricsAddress: String
    let twilioToken: String
    private let processes: [(name: String, process: RunningProgram)]
    private let transport: HTTPTransport
    private let said = Mutex<[Surface]>([])

    /// A place where something may be read.
    struct Surface: Sendable {
        let name: String
        let text: String
    }

    init() async throws {
        server = try PrivateServer()
        let logins = try await Self.database(at: server.url)
        (admin, shop) = (Self.pool(server.url), Self.pool(logins("shop")))
        let listen = "127.0.0.1:\(try await Program.freePort())"
        let metrics = "127.0.0.1:\(try await Program.freePort())"
        let sandbox = try Program().start("sandbox", "--listen", "127.0.0.1:0", "--webhooks", "http://\(listen)")
        let printed = try await sandbox.waitForOutput(containing: "SENDGRID_WEBHOOK_PUBLIC_KEY=")
        var all = Program.settings(in: printed)
        all.merge([
            "OUTRIDER_LISTEN": listen, "OUTRIDER_PUBLIC_URL": "http://\(listen)", "OUTRIDER_LOG_LEVEL": "trace",
            "OUTRIDER_HASH_KEY": marks.text() + marks.text(),
            "OUTRIDER_LINK_KEY": marks.text() + marks.text(), "OUTRIDER_OPERATOR_PEOPLE": "ann:\(marks.text())",
            "OUTRIDER_OPERATOR_DATABASE_URL": logins("page"), "OUTRIDER_METRICS_LISTEN": metrics,
        ]) { $1 }
        func program(_ login: String) -> Program {
            Program(environment: all.merging(["OUTRIDER_DATABASE_URL": logins(login)]) { $1 })
        }
        let gateway = try program("web").start("gateway")
        try await gateway.waitForError(containing: "Gateway listens")
        let worker = try program("work").start("work")
        try await worker.waitForError(containing: "Metrics listen")
        processes = [("sandbox", sandbox), ("gateway", gateway), ("worker", worker)]
        self.program = program("ann")
        (address, metricsAddress) = ("http://\(listen)", "http://\(metrics)")
        sandboxAddress = try #require(all["TWILIO_API_BASE_URL"])
        twilioToken = try #require(all["TWILIO_AUTH_TOKEN"])
        transport = try HTTPTransport()
    }

    /// Applies the migrations, and the settings that ops/postgresql.conf names against leaks.
    /// - Returns: the URL of each login.
    private static func database(at url: String) async throws -> @Sendable (String) -> String {
        let pool = pool(url)
        _ = try await Migrations(Schema.migrations).apply(through: pool)
        for setting in try settings() { try await pool.run(script: "alter system set \(setting)") }
        try await pool.run(
            script: """
                select pg_reload_conf();
                update outrider.contact_settings set anywhere = true;
                create role shop login in role outrider_app; create role work login in role outrider_worker;
                create role web login in role outrider_gateway; create role page login in role outrider_operator;
                create role ann login in role outrider_operator, outrider_app;
                insert into outrider.senders (name, channel, address) values
                    ('text', 'sms', '\(sender)'), ('call', 'voice', '\(sender)'), ('chat', 'whatsapp', '\(sender)'),
                    ('mail', 'email', 'hello@example.com');
                insert into outrider.templates (name, channel, body) values ('hello', 'sms', 'Hello {{name}}. STOP to opt out.');
                """)
        await pool.close()
        return { url.replacing("postgres@", with: "\($0)@") }
    }

    /// The part of ops/postgresql.conf about what a refused INSERT leaves in the log.
    static func settings() throws -> [String] {
        let text = try Document.file("ops/postgresql.conf")
        let part = try #require(text.components(separatedBy: "# --- Durability").first)
        let settings = part.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            line.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
        }
        try #require(settings.count > 5)
        return settings
    }

    private static func pool(_ url: String) -> PostgresPool {
        PostgresPool(PostgresConfiguration(url: url, poolSize: 1, queryDeadline: .seconds(120)))
    }

    // MARK: What is said

    func keep(_ name: String, _ text: String) { said.withLock { $0.append(Surface(name: name, text: text)) } }

    /// What a client is told of a refusal.
    func refused(_ name: String, _ pool: PostgresPool, _ sql: String, _ values: [String?] = []) async {
        do {
            if values.isEmpty {
                try await pool.run(script: sql)
            } else {
                let statement = Statement(name: "canary_\(sql.hashValue)", sql: sql)
                _ = try await pool.fetch(statement, values.map { Parameter.text($0) })
            }
        } catch {
            keep("an error of the database: \(name)", "\(error)")
        }
    }

    /// Runs a command; what it prints as data is kept under its own name.
    @discardableResult
    func run(_ arguments: String...) async throws -> Program.Result {
        let result = try await program.run(arguments)
        let command = arguments.prefix { $0.allSatisfy { $0.isLetter } }.prefix(2).joined(separator: " ")
        keep("errors of outrider \(command)", result.errors)
        keep("output of outrider \(command)", result.output)
        return result
    }

    /// Asks the gateway; the answer's head and body are kept, and what the body's links lead to.
    @discardableResult
    func ask(
        _ method: OutgoingRequest.Method, _ path: String, _ headers: [(String, String)] = [], _ body: String = "",
        base: String? = nil
    ) async -> (status: Int, body: String)? {
        let result = await transport.perform(
            OutgoingRequest(
                method: method, url: (base ?? address) + path, headers: headers.map { ($0.0, $0.1) },
                body: Array(body.utf8), totalTimeout: .seconds(20)))
        guard case .answered(let response) = result else { return nil }
        let text = String(decoding: response.body, as: UTF8.self)
        let name = "answer to \(method) /\(path.split(whereSeparator: { "/?".contains($0) }).first ?? "")"
        keep(name, text)
        keep("head of the \(name)", "\(response.headers)")
        return (response.status, text)
    }

    /// A genuine form of Twilio's.
    func twilio(_ path: String, _ form: FormParameters) async -> (status: Int, body: String)? {
        let signature = TwilioSignature.sign(url: address + path, parameters: form.pairs, authToken: twilioToken)
        return await ask(
            .post, path,
            [("Content-Type", "application/x-www-form-urlencoded"), ("X-Twilio-Signature", signature)], form.encoded())
    }

    /// Waits until nothing is open any more, at most a minute; then stops everything and returns all that was said.
    func end() async throws -> [Surface] {
        let open = Statement(
            name: "canary.open",
            sql: "select count(*) as n, pg_sleep(0.1)::text from outrider.job_status where outcome is null")
        let deadline = ContinuousClock.now + .seconds(60)
        while try await admin.fetch(open)[0].int("n") > 0, .now < deadline {}
        await ask(.get, "/metrics", base: metricsAddress)
        var all = said.withLock { $0 }
        for (name, process) in processes.reversed() {
            _ = await process.terminate()
            all.append(Surface(name: "log of the \(name)", text: process.printedErrors))
        }
        all.append(Surface(name: "log of PostgreSQL", text: try server.log()))
        await transport.close()
        for pool in [admin, shop] { await pool.close() }
        return all
    }
}
