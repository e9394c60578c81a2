import ArgumentParser
import Postgres
import Testing

@testable import OutriderCLI

@Suite("Arguments")
struct ArgumentTests {
    @Test(
        "wrong arguments are refused with exit code 64",
        arguments: [
            ["enqueue"], ["enqueue", "--ladder", "standard", "--channel", "sms"], ["enqueue", "--priority", "high"],
            ["timeline"], ["timeline", "one"], ["why", "one"], ["status", "--recent", "1001"],
            ["sandbox", "--listen", "8081"],
            ["sandbox", "--time-scale", "0"], ["sandbox", "--webhooks", "gateway"], ["up", "--listen", "127.0.0.1:0"],
            ["migrate", "--force"], ["send"], ["held", "--limit", "0"], ["release", "17", "--sent"],
            ["release", "17", "--reason", "seen"], ["release", "17", "--sent", "--not-sent", "--reason", "seen"],
            ["release", "17", "--sent", "--reason", " "], ["release", "one", "--sent", "--reason", "seen"],
        ])
    func refused(_ arguments: [String]) throws {
        let error = #expect(throws: (any Error).self) { try Outrider.parseAsRoot(arguments) }
        #expect(Outrider.exitCode(for: try #require(error)).rawValue == 64)
    }

    @Test("a message about arguments shows names of commands and options, and of a value its length")
    func hidden() {
        func hidden(_ message: String, _ arguments: String...) -> String {
            GivenArguments(arguments).hidden(in: message)
        }
        #expect(hidden("Unexpected argument 'sned'", "sned") == "Unexpected argument 'sned'")
        #expect(hidden("Unexpected argument '+15005550010'", "+15005550010") == "Unexpected argument … (12 characters)")
        #expect(hidden("Unknown option '--boddy'", "enqueue", "--boddy", "Hi") == "Unknown option '--boddy'")
        #expect(
            hidden("The value 'it's 1234' is invalid for '<id>'", "why", "it's 1234")
                == "The value … (9 characters) is invalid for '<id>'")
        #expect(
            hidden("The value 'x1' is invalid for '--id'", "why", "--id=x1")
                == "The value … (2 characters) is invalid for '--id'")
    }

    @Test("every command's help has an example and the exit codes")
    func help() {
        for command in Outrider.configuration.subcommands {
            let help = Outrider.helpMessage(for: command, columns: 200)
            #expect(help.contains("outrider \(command._commandName)"))
            #expect(help.contains("Example"), "\(command._commandName)")
            #expect(help.contains("Exit codes"), "\(command._commandName)")
        }
    }

    @Test("enqueue names only the columns that are given")
    func enqueueColumns() throws {
        let options = try JobOptions.parse([
            "--channel", "sms", "--address", "+15000000001", "--body", "hello", "--priority", "0",
        ])
        let insertion = JobInsertion(columns: options.columns)
        #expect(
            insertion.statement.sql
                == "insert into outrider.jobs (kind, channel, address, body, priority) values ($1, $2, $3, $4, $5) returning id"
        )
        #expect(insertion.parameters == [.text("send"), .text("sms"), .text("+15000000001"), .text("hello"), .int(0)])
    }

    @Test(
        "host and port are read, IPv6 in brackets",
        arguments: [("127.0.0.1:80", "127.0.0.1", 80), ("[::1]:8080", "::1", 8080), ("localhost:0", "localhost", 0)])
    func listenAddress(_ text: String, _ host: String, _ port: Int) {
        #expect(ListenAddress(text) == ListenAddress(host: host, port: port))
    }
}
