import Foundation
import Gateway
import Logging
import Providers
import Testing

@testable import OutriderCLI

@Suite("Settings")
struct SettingsTests {
    static let complete = [
        "OUTRIDER_DATABASE_URL": "postgresql://outrider@db.example.com/app",
        "OUTRIDER_PUBLIC_URL": "https://notify.example.com/",
        "TWILIO_ACCOUNT_SID": "AC" + String(repeating: "0a", count: 16),
        "TWILIO_API_KEY_SID": "SK" + String(repeating: "1b", count: 16),
        "TWILIO_API_KEY_SECRET": "a-secret-of-a-key", "TWILIO_AUTH_TOKEN": "an-auth-token",
        "SENDGRID_API_KEY": "SG.0123456789.abcdef",
    ]

    struct Everything {
        let database: DatabaseSettings?
        let gateway: GatewaySettings?
        let worker: WorkerSettings?
        let providers: ProviderSettings
        let webhooks: WebhookSettings
        let logs: LogSettings?
        let problems: [SettingProblem]
    }

    static func read(_ environment: [String: String]) async throws -> Everything {
        var reader = try await SettingsReader(environment: environment)
        let database = DatabaseSettings(&reader)
        let gateway = GatewaySettings(&reader)
        let worker = WorkerSettings(&reader)
        let providers = ProviderSettings(&reader)
        let webhooks = WebhookSettings(&reader)
        let logs = LogSettings(&reader)
        return Everything(
            database: database, gateway: gateway, worker: worker, providers: providers, webhooks: webhooks, logs: logs,
            problems: reader.problems)
    }

    @Test("a complete environment is taken, with the documented defaults")
    func defaults() async throws {
        let all = try await Self.read(Self.complete)
        #expect(all.problems == [])
        #expect(all.database?.poolSize == 8)
        #expect(all.gateway?.listen == ListenAddress(host: "127.0.0.1", port: 8080))
        #expect(all.gateway?.publicURL == "https://notify.example.com")
        #expect(all.worker?.concurrency == 64)
        #expect(all.worker?.drain == .seconds(30))
        #expect(all.worker?.catchUpInterval == .seconds(30))
        #expect(all.providers.twilio?.account.baseURL == "https://api.twilio.com")
        #expect(all.providers.sendGrid?.account.baseURL == "https://api.sendgrid.com")
        #expect(all.webhooks.twilioTokens.count == 1)
        #expect(all.logs?.level == .info)
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let name: String
        let value: String
        let says: String
        var testDescription: String { "\(name)=\(value)" }

        init(_ name: String, _ value: String, _ says: String) {
            (self.name, self.value, self.says) = (name, value, says)
        }
    }

    static let wrong = [
        Wrong("OUTRIDER_DATABASE_URL", "", "is missing: expected postgresql://user@host:port/database"),
        Wrong("OUTRIDER_DATABASE_URL", "postgresql://u:p4ssw0rd@h:port:9/x", "is malformed"),
        Wrong("OUTRIDER_DATABASE_POOL_SIZE", "0", "a whole number from 1 to 100"),
        Wrong("OUTRIDER_DATABASE_PGBOUNCER", "perhaps", "true or false"),
        Wrong("OUTRIDER_PUBLIC_URL", "http://notify.example.com", "http:// only for localhost"),
        Wrong("OUTRIDER_PUBLIC_URL", "http://localhost.example.com", "http:// only for localhost"),
        Wrong("OUTRIDER_PUBLIC_URL", "https://user:pass@example.com", "is malformed"),
        Wrong("OUTRIDER_LINK_KEY", "fifteen-letters", "16 to 255 printable characters"),
        Wrong("OUTRIDER_HASH_KEY", "fifteen-letters", "16 to 255 printable characters"),
        Wrong("OUTRIDER_SEAL_KEYS", "k1:c2hvcnQ=", "a key of 32 bytes in base64"),
        Wrong("OUTRIDER_LINK_KEY_SECONDARY", "two words of a key here", "16 to 255 printable characters"),
        Wrong("OUTRIDER_UNSUBSCRIBE_EMAIL", "leave-at-example", "an e-mail address"),
        Wrong("OUTRIDER_POLLS_PER_SECOND", "0", "a whole number from 1 to 1000"),
        Wrong("OUTRIDER_CATCH_UP_SECONDS", "4", "a whole number from 5 to 3600"),
        Wrong("OUTRIDER_LISTEN", "8080", "host:port"),
        Wrong("OUTRIDER_LISTEN", "127.0.0.1:70000", "host:port"),
        Wrong("OUTRIDER_LISTEN", "::1:8080", "host:port"),
        Wrong("OUTRIDER_OPERATOR_USER", "ann", "OUTRIDER_OPERATOR_PASSWORD is missing"),
        Wrong("OUTRIDER_OPERATOR_PEOPLE", "ann-alone", "name:password"),
        Wrong("OUTRIDER_OPERATOR_PEOPLE", "ann:short", "name:password"),
        Wrong("OUTRIDER_OPERATOR_PEOPLE", ":correct-horse", "name:password"),
        Wrong("OUTRIDER_OPERATOR_PEOPLE", "ann:correct-horse ann:battery-staple", "name:password"),
        Wrong("OUTRIDER_OPERATOR_DATABASE_URL", "postgresql://u:p4ssw0rd@h:port:9/x", "is malformed"),
        Wrong("OUTRIDER_WORKER_CONCURRENCY", "many", "a whole number from 1 to 1000"),
        Wrong("OUTRIDER_WORKER_CONCURRENCY", "1001", "a whole number from 1 to 1000"),
        Wrong("OUTRIDER_DRAIN_SECONDS", "-1", "a whole number from 1 to 600"),
        Wrong("OUTRIDER_RECONCILE_DELAY_SECONDS", "1.5", "a whole number from 1 to 3600"),
        Wrong("OUTRIDER_RECONCILE_SPACING_SECONDS", "0", "a whole number from 1 to 3600"),
        Wrong("OUTRIDER_LOG_LEVEL", "loud", "trace, debug, info"),
        Wrong("OUTRIDER_LOG_FORMAT", "xml", "text, json"),
        Wrong("TWILIO_ACCOUNT_SID", "SK" + String(repeating: "0", count: 32), "AC and 32 hex digits"),
        Wrong("TWILIO_ACCOUNT_SID", "AC" + String(repeating: "g", count: 32), "AC and 32 hex digits"),
        Wrong("TWILIO_ACCOUNT_SID", "", "is missing"),
        Wrong("TWILIO_API_KEY_SID", "", "is missing"),
        Wrong("TWILIO_API_KEY_SECRET", "short", "8 to 255 printable characters"),
        Wrong("TWILIO_AUTH_TOKEN", "", "is missing"),
        Wrong("TWILIO_AUTH_TOKEN_SECONDARY", "two words here", "8 to 255 printable characters"),
        Wrong("TWILIO_REGION", "IE 1", "a lower-case word"),
        Wrong("TWILIO_API_BASE_URL", "ftp://127.0.0.1", "https://host or http://host"),
        Wrong("TWILIO_LOOKUPS_BASE_URL", "lookups.twilio.com", "https://host or http://host"),
        Wrong("SENDGRID_API_KEY", "key-of-another-kind", "SG."),
        Wrong("SENDGRID_WEBHOOK_PUBLIC_KEY", "bm90IGEga2V5", "Event Webhook"),
        Wrong("SENDGRID_API_BASE_URL", "https://api.eu.sendgrid.com/?x", "without query"),
    ]

    @Test("one wrong value is named with its form and a remedy, and never shown", arguments: wrong)
    func malformed(_ wrong: Wrong) async throws {
        let all = try await Self.read(Self.complete.merging([wrong.name: wrong.value]) { _, new in new })
        let message = SettingsError(problems: all.problems).description
        #expect(message.contains(wrong.name))
        #expect(message.contains(wrong.says), "\(message)")
        if wrong.value.count > 4 { #expect(!message.contains(wrong.value)) }
    }

    @Test("everything that is wrong comes in one message")
    func together() async throws {
        let all = try await Self.read(["OUTRIDER_LISTEN": "nowhere"])
        let names = Set(all.problems.map(\.name))
        #expect(
            names == [
                "OUTRIDER_DATABASE_URL", "OUTRIDER_LISTEN", "OUTRIDER_PUBLIC_URL", "TWILIO_ACCOUNT_SID",
                "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET", "TWILIO_AUTH_TOKEN",
            ])
    }

    @Test("a secret is read from the file that NAME_FILE names, without its line end; the variable itself wins")
    func secretFile() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "outrider-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "token")
        try Data("token-from-a-file\n".utf8).write(to: file)
        var environment = Self.complete
        environment["TWILIO_AUTH_TOKEN_FILE"] = file.path()
        #expect(try await Self.read(environment).webhooks.twilioTokens == [Secret("an-auth-token")])
        environment["TWILIO_AUTH_TOKEN"] = nil
        #expect(try await Self.read(environment).webhooks.twilioTokens == [Secret("token-from-a-file")])
        environment["TWILIO_AUTH_TOKEN_FILE"] = directory.appending(path: "missing").path()
        let problems = try await Self.read(environment).problems
        #expect(
            problems.map(\.description).contains {
                $0.contains("TWILIO_AUTH_TOKEN_FILE names a file that cannot be read")
            })
    }

    @Test("the environment comes before the JSON file, which may give numbers as numbers")
    func configurationFile() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "outrider-\(UUID()).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(#"{"outrider": {"workerConcurrency": 7, "drainSeconds": "11"}, "twilio": {"region": "ie1"}}"#.utf8)
            .write(to: file)
        var environment = Self.complete
        environment["OUTRIDER_CONFIG_FILE"] = file.path()
        let all = try await Self.read(environment)
        #expect(all.worker?.concurrency == 7)
        #expect(all.worker?.drain == .seconds(11))
        #expect(all.providers.twilio?.region == "ie1")
        environment["OUTRIDER_WORKER_CONCURRENCY"] = "9"
        #expect(try await Self.read(environment).worker?.concurrency == 9)
    }

    @Test("a configuration file that is no JSON stops the start")
    func brokenFile() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "outrider-\(UUID()).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("{".utf8).write(to: file)
        await #expect(throws: SettingsError.self) {
            _ = try await SettingsReader(environment: ["OUTRIDER_CONFIG_FILE": file.path()])
        }
    }

    @Test(
        "a misspelt variable is named with the nearest right name",
        arguments: [
            ("OUTRIDER_OPERATOR_PASWORD", "Did you mean OUTRIDER_OPERATOR_PASSWORD?"),
            ("OUTRIDER_DATABASEURL", "Did you mean OUTRIDER_DATABASE_URL?"),
            ("OUTRIDER_LISTEN_FILEE", "OUTRIDER_LISTEN_FILEE is no setting."),
            ("OUTRIDER_ZZZ", "OUTRIDER_ZZZ is no setting."),
        ])
    func misspelt(_ name: String, _ says: String) async throws {
        let reader = try await SettingsReader(environment: Self.complete.merging([name: "x"]) { $1 })
        #expect(reader.unknown.count == 1)
        #expect(reader.unknown.first?.contains(says) == true, "\(reader.unknown)")
    }

    @Test("what is a setting, or a file of one, or a script's own variable, is not called misspelt")
    func known() async throws {
        var environment = Self.complete
        for name in [
            "OUTRIDER_DATABASE_URL_FILE", "OUTRIDER_BIN", "OUTRIDER_TEST_BINARY", "OUTRIDER_LOG_LEVEL", "PATH",
        ] {
            environment[name] = "x"
        }
        #expect(try await SettingsReader(environment: environment).unknown == [])
    }

    @Test(
        "the settings file's one spelling is said to whoever writes another",
        arguments: [
            #"{"outrider": {"databaseURL": "x"}}"#, #"{"outrider": {"database_url": "x"}}"#,
            #"{"OUTRIDER_DATABASE_URL": "x"}"#, #"{"outrider": {"DATABASE_URL": "x"}}"#,
            #"{"outriderDatabaseUrl": "x"}"#,
            #"{"outrider": {"database": {"url": "x"}}}"#,
        ])
    func spellings(_ text: String) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "outrider-\(UUID()).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(text.utf8).write(to: file)
        let reader = try await SettingsReader(environment: ["OUTRIDER_CONFIG_FILE": file.path()])
        #expect(reader.unknown.count == 1)
        #expect(
            reader.unknown.first?.contains(#"Write {"outrider": {"databaseUrl": …}}."#) == true, "\(reader.unknown)")
    }

    @Test("the list of settings is what the program reads")
    func names() throws {
        let folder = Document.root.appending(path: "Sources/OutriderCLI").path()
        let read = try FileManager.default.subpathsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".swift") && !$0.hasSuffix("SettingNames.swift") }
            .flatMap { path in
                try Document.file("Sources/OutriderCLI/\(path)")
                    .matches(of: #/"((?:OUTRIDER|TWILIO|SENDGRID)_[A-Z_]*[A-Z])"/#).map { String($0.1) }
            }
        #expect(Set(read).sorted() == SettingNames.all)
    }

    @Test("no way of printing settings shows a secret")
    func secretsStayHidden() async throws {
        let all = try await Self.read(Self.complete)
        var printed = "\(all) \(String(reflecting: all))"
        dump(all, to: &printed)
        for name in ["TWILIO_API_KEY_SECRET", "TWILIO_AUTH_TOKEN", "SENDGRID_API_KEY", "OUTRIDER_DATABASE_URL"] {
            #expect(!printed.contains(try #require(Self.complete[name])))
        }
    }

    @Test("one provider is enough")
    func oneProvider() async throws {
        let all = try await Self.read([
            "OUTRIDER_DATABASE_URL": "postgresql://h/app", "SENDGRID_API_KEY": "SG.0123456789.abcdef",
        ])
        #expect(all.providers.twilio == nil)
        #expect(all.providers.sendGrid != nil)
    }

    @Test("the operator page is open without a password only where this machine alone reaches it")
    func operatorPage() async throws {
        var environment = Self.complete
        func isOpen() async throws -> Bool? {
            let all = try await Self.read(environment)
            return all.gateway?.configuration(all.webhooks).isOpenWithoutPassword
        }
        // A proxy stands in front of loopback.
        #expect(try await isOpen() == false)
        for (address, listen, opens) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", true), ("http://localhost/x", "[::1]:8080", true),
            ("http://localhost", "0.0.0.0:8080", false), ("https://localhost.example.com", "127.0.0.1:8080", false),
        ] {
            environment["OUTRIDER_PUBLIC_URL"] = address
            environment["OUTRIDER_LISTEN"] = listen
            #expect(try await isOpen() == opens, "\(address) \(listen)")
        }
        environment["OUTRIDER_OPERATOR_USER"] = "ann"
        environment["OUTRIDER_OPERATOR_PASSWORD"] = "correct-horse"
        let locked = try await Self.read(environment)
        #expect(locked.gateway?.configuration(locked.webhooks).operatorAccess != nil)
    }

    @Test(
        "people sign in each by name; one who is named twice, or has a short password, is refused without being shown")
    func people() async throws {
        var environment = Self.complete
        environment["OUTRIDER_OPERATOR_PEOPLE"] = "ann:correct-horse\n ben:battery:staple \n"
        let all = try await Self.read(environment)
        let people = try #require(all.gateway?.configuration(all.webhooks).people)
        #expect(people.map(\.user) == ["ann", "ben"] && people.map(\.password) == ["correct-horse", "battery:staple"])
        #expect(all.gateway?.isPageOpen == true && !"\(all)".contains("staple"))
    }
}
