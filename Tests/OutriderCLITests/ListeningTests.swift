import Foundation
import Postgres
import TestDatabase
import Testing

@Suite("Addresses that are taken", .timeLimit(.minutes(5)))
struct ListeningTests {
    @Test("a taken port ends with 69, and one sentence names the address, the setting and what to do")
    func taken() async throws {
        let address = "127.0.0.1:\(try await Program.freePort())"
        let holder = try Program().start("sandbox", "--listen", address)
        _ = try await holder.waitForOutput(containing: "SENDGRID_WEBHOOK_PUBLIC_KEY=")
        var program = Program(environment: SettingsTests.complete)
        program.environment.merge([
            "OUTRIDER_DATABASE_URL": try await PostgresServer.migratedDatabase(), "OUTRIDER_LISTEN": address,
            "OUTRIDER_METRICS_LISTEN": address, "TWILIO_API_BASE_URL": "http://127.0.0.1:1",
            "SENDGRID_API_BASE_URL": "http://127.0.0.1:1",
        ]) { _, new in new }
        let listeners = [
            ("OUTRIDER_LISTEN", ["gateway"]), ("OUTRIDER_METRICS_LISTEN", ["work"]), ("OUTRIDER_LISTEN", ["up"]),
            ("--listen", ["sandbox", "--listen", address]),
        ]
        for (setting, arguments) in listeners {
            let result = try await program.run(arguments)
            #expect(result.status == 69, "\(arguments)")
            #expect(
                result.errors.contains(
                    "outrider: \(address) is taken by another process. Give \(setting) another address, "
                        + "or end what listens there.\n"), "\(result.errors)")
        }
        #expect(await holder.terminate() == 0)
    }

    @Test(
        "an address that this host cannot listen on is said in words",
        arguments: [
            ("192.0.2.1:8080", "192.0.2.1:8080 is no address of this host"),
            ("no.such.host.invalid:8080", "no.such.host.invalid:8080 names no host that can be found"),
        ])
    func impossible(_ address: String, _ says: String) async throws {
        let result = try await Program().run("sandbox", "--listen", address)
        #expect(result.status == 69)
        #expect(result.errors.contains(says), "\(result.errors)")
    }

    @Test("a second `up --dev` in a directory says who runs there, and leaves that one alone")
    func development() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "outrider-\(UUID())").path()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (gateway, sandbox) = (try await Program.freePort(), try await Program.freePort())
        let first = ["--directory", directory, "--listen", "127.0.0.1:\(gateway)", "--sandbox", "127.0.0.1:\(sandbox)"]
        let program = Program(environment: ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"])
        let running = try program.start(["up", "--dev"] + first, redirection: "")
        try await running.waitForError(containing: "Gateway listens")

        let second = try await program.run([
            "up", "--dev", "--directory", directory, "--listen", "127.0.0.1:1", "--sandbox", "127.0.0.1:2",
        ])
        #expect(second.status == 69)
        #expect(
            second.errors.contains(
                "runs in \(directory) already: process \(running.processIdentifier), operator page http://127.0.0.1:\(gateway)/, database postgresql://"
            ),
            "\(second.errors)")
        #expect(try await Program.get("http://127.0.0.1:\(gateway)/readyz").status == 200)

        let other = directory + "-other"
        defer { try? FileManager.default.removeItem(atPath: other) }
        for flag in ["--listen", "--sandbox"] {
            let taken = flag == "--listen" ? gateway : sandbox
            let free = ["--listen", "--sandbox"].first { $0 != flag } ?? ""
            let result = try await program.run([
                "up", "--dev", "--directory", other, flag, "127.0.0.1:\(taken)", free,
                "127.0.0.1:\(try await Program.freePort())",
            ])
            #expect(result.status == 69)
            #expect(
                result.errors.contains("127.0.0.1:\(taken) is taken by another process. Give \(flag)"),
                "\(result.errors)")
        }
        #expect(await running.terminate() == 0)
    }
}
